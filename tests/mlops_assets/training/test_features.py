import numpy as np
import pandas as pd
import pytest

from mlops_assets.training.features import feature_frame, group_values, split_holdout, target_values


def test_reordered_and_extra_columns_give_the_same_x(build, frame):
    use_case = build()
    shuffled = frame[list(frame.columns[::-1])].assign(surplus=1)
    pd.testing.assert_frame_equal(feature_frame(shuffled, use_case), feature_frame(frame, use_case))


def test_x_holds_features_in_spec_order_without_target_or_time(build, frame):
    assert list(feature_frame(frame, build())) == ["size", "noise", "colour"]


def test_a_missing_column_is_missing_in_every_row(build, frame):
    X = feature_frame(frame.drop(columns=["size", "colour"]), build())
    assert X[["size", "colour"]].isna().all(axis=None)
    assert X["size"].dtype == np.float64
    assert X["colour"].dtype == object


def test_none_and_nan_of_a_category_become_nan(build):
    X = feature_frame(pd.DataFrame({"colour": ["red", None, np.nan]}), build())
    assert X["colour"].map(type).tolist() == [str, float, float]


def test_missing_text_is_the_empty_text(build):
    use_case = build(columns={"words": {"kind": "text"}})
    assert feature_frame(pd.DataFrame({"words": ["good", None]}), use_case)["words"].tolist() == ["good", ""]


def test_text_labels_are_stripped_strings(build):
    y = target_values(pd.DataFrame({"label": [" low", "high "]}), build())
    assert y.tolist() == ["low", "high"]


def test_numeric_labels_become_whole_numbers(build):
    use_case = build(columns={"label": {"kind": "numeric"}})
    y = target_values(pd.DataFrame({"label": [3.0, 8.0]}), use_case)
    assert y.dtype == np.int64
    assert y.tolist() == [3, 8]


def test_numbers_of_a_regression_stay_numbers(build):
    assert target_values(pd.DataFrame({"minutes": [1.5, 2.0]}), build("regression")).tolist() == [1.5, 2.0]


@pytest.mark.parametrize(
    ("values", "words"), [([1.0, 2.5], "a whole number is due, got 2.5"), ([1.0, None], "a label is due")]
)
def test_a_label_that_is_none_is_refused(build, values, words):
    with pytest.raises(ValueError, match=words):
        target_values(pd.DataFrame({"label": values}), build(columns={"label": {"kind": "numeric"}}))


def test_a_table_without_the_target_is_refused(build):
    with pytest.raises(ValueError, match="column 'label' is not in the table; it has size"):
        target_values(pd.DataFrame({"size": [1.0]}), build())


def test_a_row_keeps_its_side_when_other_rows_join(build, frame):
    use_case = build()
    _, alone = split_holdout(frame.head(100), use_case)
    _, together = split_holdout(frame, use_case)
    assert set(alone.index) == set(together.index) & set(range(100))


def test_a_row_keeps_its_side_when_finer_moments_join(build, frame):
    use_case, days = build(), frame.assign(at=pd.date_range("2026-01-01", periods=len(frame)))
    _, alone = split_holdout(days, use_case)
    joining = ("2026-03-01 10:00:00", "2026-03-01 10:00:00.5", "2026-03-01 10:00:00.123456789", None)
    for joins in joining:
        joined = days.head(1).assign(at=pd.to_datetime([joins])).set_axis([1000])
        _, together = split_holdout(pd.concat([days, joined]), use_case)
        assert set(alone.index) == set(together.index) - {1000}


def test_equal_rows_share_a_side_whatever_says_missing(build):
    rows = pd.DataFrame({"size": [1.0, 1.0], "colour": [None, np.nan], "label": ["low", "low"]})
    train, holdout = split_holdout(rows, build())
    assert {len(train), len(holdout)} == {0, 2}


def test_the_held_out_share_is_about_what_was_asked(build, frame):
    train, holdout = split_holdout(frame, build(holdout_share=0.25))
    assert len(train) + len(holdout) == 300
    assert 50 <= len(holdout) <= 100  # 75 expected, standard deviation 7.5


def test_in_time_order_the_last_share_of_each_batch_is_held_out(build):
    at = pd.to_datetime(["2026-01-05", "2026-01-01", "2026-01-02", "2026-01-04", "2026-01-03"] * 2)
    rows = pd.DataFrame({"at": at, "_batch": ["a"] * 5 + ["b"] * 5, "size": range(10)})
    train, holdout = split_holdout(rows, build(order="time"))
    assert holdout["size"].tolist() == [0, 5]  # one of five rows each: those of January 5
    assert train["at"].is_monotonic_increasing


def test_in_time_order_a_table_without_batches_is_one_batch(build, frame):
    train, holdout = split_holdout(frame.sample(frac=1, random_state=0), build(order="time"))
    assert len(holdout) == 60
    assert train["at"].max() < holdout["at"].min()


def test_a_group_is_held_out_whole_and_keeps_its_side(build, frame):
    use_case = build(columns={"shop": {"kind": "category", "feature": False}}, groups="shop")
    rows = frame.assign(shop=[f"shop {row % 30}" for row in range(300)])
    train, holdout = split_holdout(rows, use_case)
    assert not set(train["shop"]) & set(holdout["shop"])
    assert len(train) > 0 < len(holdout)
    _, alone = split_holdout(rows.head(60), use_case)
    assert set(alone["shop"]) == set(holdout["shop"])


def test_a_row_without_a_group_is_one_of_its_own(build):
    use_case = build(columns={"shop": {"kind": "category", "feature": False}}, groups="shop")
    rows = pd.DataFrame({"shop": ["a", "a", None, np.nan], "size": [1.0, 2.0, 3.0, 4.0], "label": ["x"] * 4})
    groups = group_values(rows, use_case)
    assert groups[0] == groups[1] == "a"
    assert len(set(groups)) == 3
    assert group_values(rows, build()) is None
