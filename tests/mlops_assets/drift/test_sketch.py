import numpy as np
import pytest

from mlops_assets.drift.sketch import (
    CATEGORIES_MAX,
    SAMPLE_MAX,
    aligned_counts,
    merge_labels,
    merge_numbers,
    sketch_labels,
    sketch_numbers,
)


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


def test_merged_numbers_have_the_moments_of_all():
    first, second = np.array([1.0, 2.0, np.nan]), np.array([5.0, 8.0, 9.0])
    merged, whole = merge_numbers(sketch_numbers(first), sketch_numbers(second)), np.array([1.0, 2.0, 5.0, 8.0, 9.0])
    assert (merged.n, merged.missing, merged.low, merged.high) == (5, 1, 1.0, 9.0)
    assert (merged.mean, merged.std) == pytest.approx((whole.mean(), whole.std()))


@pytest.mark.parametrize("turned", [False, True])
def test_numbers_merge_with_a_part_that_has_none(turned):
    parts = [sketch_numbers(np.array([1.0, 3.0])), sketch_numbers(np.array([np.nan]))]
    merged = merge_numbers(*(parts[::-1] if turned else parts))
    assert (merged.n, merged.missing, merged.mean) == (2, 1, 2.0)


def test_merged_labels_are_counted_together_and_stay_bounded():
    merged = merge_labels(sketch_labels(["a", "b", None]), sketch_labels(["b", "c"]))
    assert (merged.n, merged.missing, merged.counts) == (4, 1, {"b": 2, "a": 1, "c": 1})
    many = [sketch_labels([f"{part} {n}" for n in range(CATEGORIES_MAX)]) for part in "ab"]
    assert (len(merge_labels(*many).counts), merge_labels(*many).rest) == (CATEGORIES_MAX, CATEGORIES_MAX)
