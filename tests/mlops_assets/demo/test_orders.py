from datetime import date

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from mlops_assets.decode.table import conform
from mlops_assets.demo.deliveries import build_stage
from mlops_assets.demo.orders import draw_orders
from mlops_assets.drift.reference import build_reference
from mlops_assets.drift.score import score_drift
from mlops_assets.use_cases.load import find_use_case

USE_CASE = find_use_case("delivery_time")


def decoded(**changes):
    keys = {"groceries": 0.5, "random_state": 1} | changes
    return conform(draw_orders(date(2025, 3, 1), 31, 2000, **keys), USE_CASE)


def test_the_same_seed_gives_the_same_orders():
    assert decoded().equals(decoded())
    assert not decoded().equals(decoded(random_state=2))


def test_orders_are_readable_in_time_order_and_within_their_days():
    orders = decoded()
    assert orders["_unparsable"].isna().all()
    assert orders["Ordered_At"].is_monotonic_increasing
    assert (str(orders["Order_Date"].min())[:10], str(orders["Order_Date"].max())[:10]) == ("2025-03-01", "2025-03-31")
    assert set(orders["Waiting_Minutes"]) == {5, 10, 15}
    assert orders["Distance_Km"].between(0.4, 18.2).all()


def test_groceries_take_less_than_half_of_the_time():
    means = decoded().groupby("Category")["Delivery_Time"].mean()
    assert means["Grocery"] < 0.5 * means.drop("Grocery").min()


def test_the_rush_is_slow_and_the_weekend_is_fast():
    orders = decoded(groceries=0)
    minutes, is_rush = orders["Delivery_Time"], orders["Order_Hour"].between(17, 19)
    assert minutes[is_rush].mean() > minutes[orders["Order_Hour"] < 13].mean() + 15
    assert minutes[orders["Order_Weekday"] >= 5].mean() < minutes[orders["Order_Weekday"] < 5].mean() - 5


def test_some_rows_of_a_month_come_with_the_next():
    march = conform(build_stage(None).later["march"], USE_CASE)
    assert sorted(march["Ordered_At"].dt.month.value_counts().to_dict().items()) == [(2, 5), (3, 190)]


@pytest.mark.slow
def test_more_parcels_raise_no_alarm_and_groceries_do():
    stage = build_stage(None)
    first = conform(pd.concat(stage.first.values()), USE_CASE)
    reference = build_reference(first, USE_CASE)

    def statuses(batches):
        frames = [conform(batch, USE_CASE) for batch in batches.values()]
        return [score_drift(reference, frame, USE_CASE.drift).status for frame in frames]

    assert statuses(stage.later) == ["no_drift", "no_drift"]
    assert statuses(stage.changed) == ["drift", "drift"]


def test_what_was_learnt_from_parcels_alone_errs_on_groceries_and_can_be_mended():
    stage = build_stage(None)
    parcels, mixed, asked = (
        conform(pd.concat(batches), USE_CASE)
        for batches in (stage.first.values(), stage.changed.values(), [stage.held_out])
    )

    def error(learnt: pd.DataFrame) -> float:
        columns = ["Distance_Km", "Vehicle", "Traffic", "Weather"]
        X = pd.get_dummies(pd.concat([learnt, asked])[columns], dtype="float64")
        model = LinearRegression().fit(X[: len(learnt)], learnt["Delivery_Time"])
        return float(np.abs(model.predict(X[len(learnt) :]) - asked["Delivery_Time"]).mean())

    assert error(parcels) > 2 * error(mixed)
