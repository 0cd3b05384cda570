import numpy as np
import pytest

from mlops_assets.drift.sketch import CATEGORIES_MAX, SAMPLE_MAX, aligned_counts, sketch_labels, sketch_numbers


def test_moments_are_those_of_all_values_and_the_sample_is_bounded():
    values = np.random.default_rng(0).normal(3, 2, size=50_000)
    sketch = sketch_numbers(values, np.random.default_rng(1))
    assert (sketch.n, sketch.missing) == (50_000, 0)
    assert (sketch.mean, sketch.std) == pytest.approx((values.mean(), values.std()))
    assert (sketch.low, sketch.high) == (values.min(), values.max())
    assert len(sketch.sample) == SAMPLE_MAX
    assert (np.diff(sketch.sample) >= 0).all()
    assert sketch.sample.mean() == pytest.approx(3, abs=0.1)


def test_a_column_without_values_has_no_moments():
    sketch = sketch_numbers(np.full(4, np.nan), np.random.default_rng(0))
    assert (sketch.n, sketch.missing, sketch.mean, sketch.std, sketch.low) == (0, 4, None, None, None)


def test_the_most_frequent_labels_are_kept_and_the_rest_counted():
    labels = [f"often {n}" for n in range(CATEGORIES_MAX)] * 2 + ["rare", "rarer", None]
    sketch = sketch_labels(labels)
    assert (sketch.n, sketch.missing, sketch.rest) == (2 * CATEGORIES_MAX + 2, 1, 2)
    assert "rare" not in sketch.counts


def test_labels_that_were_not_kept_share_one_cell():
    sketch = sketch_labels(["a", "a", "b"])
    reference, current = aligned_counts(sketch, {"b": 4, "new": 1, "newer": 2})
    assert reference == pytest.approx([2, 1, 0])
    assert current == pytest.approx([0, 4, 3])
