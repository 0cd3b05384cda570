import numpy as np
import pytest

from mlops_assets.drift.codes import LEVELS_MAX, MISSING, UNSEEN, label_coding, numeric_coding


def test_values_lie_in_bins_closed_on_the_right():
    coding = numeric_coding(np.array([1.0, 2.0, 3.0]))
    # edges: just below 1, then 1, 2 and 3, so that smaller and larger values than ever are told apart
    assert list(coding.encode(np.array([0.0, 1.0, 1.5, 2.0, 3.0, 9.0]))) == [0, 1, 2, 2, 3, 4]


def test_what_is_no_number_is_missing():
    coding = numeric_coding(np.array([1.0, 2.0]))
    assert list(coding.encode(np.array([np.nan, np.inf, -1e200]))) == [MISSING] * 3


@pytest.mark.parametrize("sample", [np.empty(0), np.array([5.0]), np.sort(np.random.default_rng(0).normal(size=900))])
def test_counts_of_sorted_numbers_are_those_of_their_codes(sample):
    coding = numeric_coding(sample)
    values = np.concatenate([sample[:50], [np.nan, 5.0, -9.0, 9.0]])
    counts = coding.count(np.sort(values[~np.isnan(values)]), len(values))
    if len(sample):
        assert list(counts) == list(np.bincount(coding.encode(values), minlength=256))
    assert counts[MISSING] == 1


def test_labels_are_numbered_and_others_are_unseen():
    coding = label_coding({"red": 5, "7": 2})
    assert list(coding.encode(["7", 7.0, "red", "blue", None, np.nan])) == [1, 1, 0, UNSEEN, MISSING, MISSING]
    counts = coding.count({"red": 3, "blue": 2, "green": 1}, rows=10)
    assert (counts[0], counts[UNSEEN], counts[MISSING]) == (3, 3, 4)


def test_very_many_labels_are_hashed_so_that_frequent_ones_are_not_chosen_by_chance():
    coding = label_coding({str(n): 1 for n in range(LEVELS_MAX + 1)})
    codes = coding.encode([str(n) for n in range(5000)])
    assert codes.max() < LEVELS_MAX
    assert np.bincount(codes, minlength=LEVELS_MAX).min() > 0
    assert list(coding.encode(["new", "new"])) == [coding.encode(["new"])[0]] * 2
