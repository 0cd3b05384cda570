import numpy as np
import pytest

from mlops_assets.drift.calibration import calibrate
from mlops_assets.drift.codes import label_coding, numeric_coding
from mlops_assets.drift.columns import label_counts
from mlops_assets.drift.table import CodedTable


def table_of(columns):
    codings = [
        numeric_coding(np.sort(one)) if one.dtype == float else label_coding(label_counts(one)) for one in columns
    ]
    codes = [coding.encode(one) for coding, one in zip(codings, columns, strict=True)]
    return CodedTable({f"x{at}": one for at, one in enumerate(codings)}, np.stack(codes, axis=1))


def normal(rows, columns, seed=0):
    return table_of(list(np.random.default_rng(seed).normal(size=(columns, rows))))


def test_every_size_up_to_half_of_the_rows_has_a_limit():
    assert list(calibrate([normal(420, 2)], np.random.default_rng(0), 50).sizes) == [20, 50, 100, 200]
    assert list(calibrate([normal(39, 2)], np.random.default_rng(0), 50).sizes) == []


def test_limits_are_near_what_exact_probabilities_would_give():
    limits = calibrate([normal(4000, 5)], np.random.default_rng(0), 4000)
    assert limits.starts == pytest.approx(np.full(len(limits.sizes), 2.0), abs=0.6)
    assert limits.limit(400, 0.001) == pytest.approx(3.0, abs=0.6)


def test_columns_that_say_the_same_cost_less_than_columns_apart():
    x = np.random.default_rng(0).normal(size=1000)
    same = calibrate([table_of([x] * 12)], np.random.default_rng(0), 2000)
    apart = calibrate([normal(1000, 12)], np.random.default_rng(0), 2000)
    assert same.limit(100, 0.01) < apart.limit(100, 0.01)


def test_rare_labels_raise_the_limit_and_never_break_it():
    labels = np.random.default_rng(0).zipf(1.5, 1000).astype(str).astype(object)
    limits = calibrate([table_of([labels])], np.random.default_rng(0), 2000)
    assert np.isfinite(limits.limit(200, 1e-4))


def test_a_constant_column_costs_nothing_and_gives_no_nan():
    limits = calibrate([table_of([np.full(500, 3.0), np.full(500, "a", dtype=object)])], np.random.default_rng(0), 500)
    assert np.isfinite(limits.starts).all()
    assert limits.limit(100, 0.001) < 3.5


def test_a_second_table_is_drawn_with_the_first():
    rng, alone = np.random.default_rng(0), normal(1000, 2)
    both = calibrate([alone, normal(100, 1, seed=5)], rng, 500)
    assert list(both.sizes) == list(calibrate([alone], rng, 500).sizes)


def test_the_same_seed_gives_the_same_limits():
    found = [calibrate([normal(300, 2)], np.random.default_rng(4), 200).starts for _ in range(2)]
    assert np.array_equal(*found)
