import numpy as np
import pytest

from mlops_assets.loss.additive import expect, fit_additive


def test_the_effects_of_two_columns_add_up():
    rng = np.random.default_rng(0)
    places = np.column_stack([rng.integers(0, 3, 3000), rng.integers(0, 2, 3000)])
    losses = np.array([1.0, 2.0, 5.0])[places[:, 0]] + np.array([0.0, 3.0])[places[:, 1]] + rng.normal(0, 0.1, 3000)
    weights, _ = fit_additive(places, [3, 2], losses)
    found = expect(weights, np.array([[0, 0], [2, 1]]), [3, 2])
    assert found == pytest.approx([1.0, 8.0], abs=0.05)


def test_where_nothing_depends_on_anything_the_mean_is_expected():
    rng = np.random.default_rng(1)
    places, losses = rng.integers(0, 12, (400, 8)), rng.exponential(10, 400)
    weights, out_of_fold = fit_additive(places, [12] * 8, losses)
    assert expect(weights, places, [12] * 8).std() < 0.2 * losses.std()
    assert np.mean((out_of_fold - losses) ** 2) < 1.05 * losses.var()


def test_a_row_is_expected_by_rows_of_other_folds():
    """Each row is alone in its cell: only a fit on itself could tell its loss."""
    losses = np.random.default_rng(2).normal(10, 3, 50)
    _, out_of_fold = fit_additive(np.arange(50)[:, None], [50], losses)
    assert abs(np.corrcoef(out_of_fold, losses)[0, 1]) < 0.5
