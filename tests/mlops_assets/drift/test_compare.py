import numpy as np
import pytest

from mlops_assets.drift.codes import MISSING, UNSEEN, label_coding, numeric_coding
from mlops_assets.drift.compare import ABSENT, SHOWN_MAX, compare_column
from mlops_assets.drift.metrics import NUMERIC
from mlops_assets.drift.sketch import sketch_labels, sketch_numbers

SAMPLE = np.sort(np.random.default_rng(0).normal(size=900))
NUMBERS = sketch_numbers(SAMPLE, np.random.default_rng(0)), numeric_coding(SAMPLE)
LABELS = sketch_labels(["a", "a", "b", None]), label_coding({"a": 2, "b": 1})


def test_numbers_have_counts_and_every_metric():
    values = np.append(SAMPLE[::3] + 0.5, np.nan)
    found = compare_column(*NUMBERS, values)
    assert (found.counts.sum(), found.counts[MISSING]) == (301, 1)
    assert set(found.metrics) == {*NUMERIC, "missing_share"}
    assert found.metrics["mean_shift"] == pytest.approx(0.5, abs=0.05)
    assert found.notes == ()


def test_labels_have_counts_and_metrics():
    found = compare_column(*LABELS, ["a", "new", None, None])
    assert (found.counts[0], found.counts[UNSEEN], found.counts[MISSING]) == (1, 1, 2)
    assert found.metrics["unseen_share"] == 0.5
    assert found.metrics["missing_share"] == 0.25


def test_effect_sizes_of_many_values_are_those_of_evenly_spaced_ones():
    values = np.random.default_rng(1).normal(0.1, 1.2, size=20 * SHOWN_MAX)
    found = compare_column(*NUMBERS, values).metrics
    for name, metric in NUMERIC.items():
        assert found[name] == pytest.approx(metric(SAMPLE, np.sort(values)), abs=2e-4), name


def test_a_column_that_is_not_there_is_absent():
    assert compare_column(*NUMBERS, None) is ABSENT


def test_a_side_without_values_is_told():
    assert compare_column(*NUMBERS, [np.nan, np.nan]).notes == ("undetermined: the batch has no value here",)
    nothing = sketch_numbers([np.nan]), numeric_coding(np.empty(0))
    assert compare_column(*nothing, [1.0]).notes == ("undetermined: the reference has no value here",)


def test_a_sketch_of_one_kind_and_codes_of_another_are_refused():
    with pytest.raises(ValueError, match="its sketch and its codes are of different kinds"):
        compare_column(NUMBERS[0], LABELS[1], [1.0])
