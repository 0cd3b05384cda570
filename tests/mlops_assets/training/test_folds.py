import numpy as np
import pytest

from mlops_assets.training.folds import expanding_folds, grouped_folds, make_folds, stratified_folds


def test_each_row_scores_once_and_never_trains_its_own_score():
    folds = stratified_folds(np.array(["a"] * 7 + ["b"] * 6), 3, random_state=0)
    assert sorted(np.concatenate([scoring for _, scoring in folds])) == list(range(13))
    assert all(not set(training) & set(scoring) for training, scoring in folds)


def test_classes_are_spread_evenly():
    y = np.array([0] * 40 + [1] * 20)
    for _, scoring in stratified_folds(y, 4, random_state=1):
        assert np.bincount(y[scoring]).tolist() == [10, 5]


def test_a_class_of_two_rows_is_in_two_folds():
    y = np.array([0] * 20 + [1] * 2)
    assert sorted((y[scoring] == 1).sum() for _, scoring in stratified_folds(y, 4, random_state=0)) == [0, 0, 1, 1]


def test_expanding_folds_train_on_the_past_only():
    # 12 rows, half of them always train: 6; the others in stretches of 2
    folds = [(training.tolist(), scoring.tolist()) for training, scoring in expanding_folds(12, 3)]
    assert folds == [
        (list(range(6)), [6, 7]),
        (list(range(8)), [8, 9]),
        (list(range(10)), [10, 11]),
    ]


def test_order_of_the_spec_decides(build):
    y = np.arange(12.0)
    timed = make_folds(y, "regression", build("regression", order="time").training)
    assert all(training.max() < scoring.min() for training, scoring in timed)
    mixed = make_folds(y, "regression", build("regression").training)
    assert any(training.max() > scoring.min() for training, scoring in mixed)


def test_too_few_rows_are_refused(build):
    with pytest.raises(ValueError, match="3 folds need 6 rows, the set has 5"):
        make_folds(np.arange(5.0), "regression", build("regression").training)


def test_a_group_stays_on_one_side_of_every_fold():
    groups = np.random.default_rng(0).integers(0, 17, 100)
    for training, scoring in grouped_folds(groups % 3, groups, 5, random_state=1):
        assert not set(groups[training]) & set(groups[scoring])
        assert len(training) + len(scoring) == 100


def test_whole_groups_spread_the_classes_over_the_folds():
    # two shops of x with 3 rows each, two of y with 2: one of each in each fold is as even as it gets
    y, groups = np.array(["x"] * 6 + ["y"] * 4), np.array(["a"] * 3 + ["b"] * 3 + ["c"] * 2 + ["d"] * 2)
    for _, scoring in grouped_folds(y, groups, 2, random_state=0):
        assert sorted(y[scoring]) == ["x"] * 3 + ["y"] * 2


def test_the_spec_s_groups_make_the_folds(build):
    groups = np.repeat(np.arange(6), 4)
    folds = make_folds(np.tile([0, 1], 12), "classification", build().training, groups)
    assert all(not set(groups[training]) & set(groups[scoring]) for training, scoring in folds)


def test_fewer_groups_than_folds_are_refused(build):
    with pytest.raises(ValueError, match="3 folds need 3 groups, the set has 2"):
        make_folds(np.tile([0, 1], 6), "classification", build().training, np.repeat(["a", "b"], 6))
