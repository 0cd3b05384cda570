"""What is inferred for one column."""

import pandas as pd
import pytest
from small_tables import ROWS, column, csv, drawn, table

from mlops_assets.use_cases.infer import infer_use_case
from mlops_assets.use_cases.infer_column import widened


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (range(ROWS), "id"),
        ([f"ab-{row * 7919 % 1000:04d}" for row in range(ROWS)], "id"),
        (drawn().normal(size=ROWS), "numeric"),
        ([3, 5, 7, 9] * 25, "numeric"),
        (["red", "blue"] * 50, "category"),
        ([True, False] * 50, "category"),
        (["0012", "0340"] * 50, "category"),
        (pd.date_range("2024-01-01", periods=ROWS), "datetime"),
        ([f"this is a remark about thing number {row}" for row in range(ROWS)], "text"),
    ],
)
def test_the_kind_of_a_column_is_told_from_its_values(values, kind: str) -> None:
    assert column(values)["kind"] == kind


def test_whole_numbers_under_the_name_of_a_code_are_labels() -> None:
    frame = table(zone_id=[7, 9, 11, 13] * 25, amount=[7, 9, 11, 13] * 25)
    columns = infer_use_case(csv(frame), "shop", "price").values["columns"]
    assert (columns["zone_id"]["kind"], columns["amount"]["kind"]) == ("category", "numeric")


def test_many_numbers_or_words_under_the_name_of_an_id_are_ids() -> None:
    numbers = drawn().integers(0, 100_000, 3000)
    frame = pd.DataFrame(
        {
            "customer_id": numbers,
            "shop_key": [f"s{n % 1500}" for n in numbers],
            "size": 1.5,
            "price": drawn().normal(size=3000),
        }
    ).assign(size=drawn().normal(size=3000))
    inferred = infer_use_case(csv(frame), "shop", "price")
    assert [inferred.values["columns"][name]["kind"] for name in ("customer_id", "shop_key")] == ["id", "id"]
    assert inferred.values["unit"] == "customer_id"


def test_constants_and_empty_columns_are_left_out_of_the_model() -> None:
    columns = infer_use_case(csv(table(one="x", none=None)), "shop", "price").values["columns"]
    assert columns["one"]["feature"] is columns["none"]["feature"] is False


def test_names_of_people_are_too_many_to_learn_from() -> None:
    found = column([f"n{row % 60}" for row in range(ROWS)])
    assert (found["kind"], found["feature"]) == ("category", False)


def test_allowed_values_are_listed_when_few_and_repeated() -> None:
    assert column(["b", "a"] * 50)["allowed"] == ["a", "b"]
    assert "allowed" not in column(["a"] * 97 + ["b", "c", "d"])
    assert "allowed" not in column([f"v{row % 20}" for row in range(ROWS)])


@pytest.mark.parametrize(
    ("low", "high", "range_"),
    [
        # span 10, so 5 - 10 = -5 would lie below, but what is never negative stays so; 15 + 10 = 25.
        (5.0, 15.0, (0.0, 25.0)),
        (-5.0, 5.0, (-15.0, 15.0)),
        (-15.0, -5.0, (-25.0, 0.0)),
        (0.001, 0.002, (0.0, 0.003)),
        (7.0, 7.0, (0.0, 14.0)),
    ],
)
def test_ranges_are_three_times_as_wide_and_round(low: float, high: float, range_: tuple[float, float]) -> None:
    assert widened(low, high) == pytest.approx(range_)


@pytest.mark.parametrize(
    ("values", "limit"),
    [
        ([None] * 5 + [1.5, 2.5] * 47 + [3.5], None),
        (([None] + [1.5, 2.5] * 2) * 20, 0.4),
        ([1.5, 2.5] * 50, 0.2),
    ],
)
def test_the_missing_share_leaves_room_above_the_worst_part_of_the_file(values, limit: float | None) -> None:
    # A hundred rows are twenty parts of five: the first case has a part with nothing in it, the second one in five.
    assert column(values).get("missing_share_max") == limit


@pytest.mark.parametrize(
    "form", ["%d/%m/%Y", "%m/%d/%Y %H:%M", "%d.%m.%Y", "%Y/%m/%d %H:%M:%S", "%d %b %Y", "%m/%d/%Y %I:%M %p"]
)
def test_the_form_of_a_date_is_found(form: str) -> None:
    days = pd.date_range("2024-01-01T09:30", periods=ROWS, freq="31h")
    assert column(days.strftime(form)) == {"kind": "datetime", "format": form, "missing_share_max": 0.2}


def test_numbers_that_are_dates_by_name_and_value_are_dates() -> None:
    frame = table(order_date=pd.date_range("2024-01-01", periods=ROWS).strftime("%Y%m%d"))
    assert infer_use_case(csv(frame), "shop", "price").values["columns"]["order_date"]["kind"] == "datetime"


def test_a_date_that_may_be_read_in_two_ways_is_marked() -> None:
    days = [f"{1 + row % 12:02d}/{1 + row // 12:02d}/2024" for row in range(ROWS)]
    assert "could be month/day" in infer_use_case(csv(table(x=days)), "shop", "price").reasons["columns.x"]


def test_dates_give_hours_and_weekdays_where_these_vary() -> None:
    frame = table(
        at=pd.date_range("2024-01-01T08:00", periods=ROWS, freq="7h"), day=pd.date_range("2024-01-01", periods=ROWS)
    )
    columns = infer_use_case(csv(frame), "shop", "price").values["columns"]
    assert {name for name in columns if "derive" in columns[name]} == {"at_hour", "at_weekday", "day_weekday"}


def test_the_only_date_is_joined_with_times_of_day() -> None:
    clocks = [f"{row % 24:02d}:{row % 60:02d}" for row in range(ROWS)]
    columns = infer_use_case(
        csv(table(day=pd.date_range("2024-01-01", periods=ROWS), clock=clocks)), "s", "price"
    ).values["columns"]
    assert columns["clock_at"]["derive"] == {"take": "joined", "of": ["day", "clock"]}
    assert "clock_at_hour" in columns
