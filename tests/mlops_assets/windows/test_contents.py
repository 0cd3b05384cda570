from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_assets.windows.contents import content_hash, in_order, rows_within
from mlops_assets.windows.placing import place

ROWS = pd.DataFrame(
    {
        "at": pd.to_datetime(["2022-03-02T10:00", "2022-03-01T09:00", "2022-03-02T10:00", None, "2022-03-02T00:00"]),
        "x": [1.0, 2.0, np.nan, 4.0, 5.0],
        "area": ["Urban", None, "Rural", "Urban", "Urban"],
    }
)


def test_the_rows_of_a_window_are_those_of_its_time() -> None:
    first, second = place(ROWS["at"], timedelta(days=1)).rows
    assert rows_within(ROWS, "at", first)["x"].tolist() == [2.0]
    assert rows_within(ROWS, "at", second).index.tolist() == [0, 2, 4]


@settings(max_examples=20)
@given(st.permutations(range(len(ROWS))))
def test_the_order_of_arrival_is_forgotten(order: list[int]) -> None:
    found = in_order(ROWS.iloc[order].reset_index(drop=True), "at")
    pd.testing.assert_frame_equal(found, in_order(ROWS, "at"))
    assert content_hash(found) == content_hash(in_order(ROWS, "at"))


@pytest.mark.parametrize("change", [{"x": 2.5}, {"area": "Rural"}, {"at": pd.Timestamp("2022-03-01T09:00:01")}])
def test_any_changed_value_is_another_content(change: dict) -> None:
    other = ROWS.copy()
    for name, value in change.items():
        other.loc[1, name] = value
    assert content_hash(other) != content_hash(ROWS)


def test_fewer_rows_and_other_names_are_another_content() -> None:
    hashes = {content_hash(one) for one in (ROWS, ROWS[:0], ROWS[:0].rename(columns={"x": "y"}), ROWS[:4])}
    assert len(hashes) == 4
