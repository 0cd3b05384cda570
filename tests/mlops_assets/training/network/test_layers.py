"""Two layers by PyTorch: what they learn, and when they stop."""

import numpy as np
import pytest
from scipy import sparse

from mlops_assets.training.budget import Budget
from mlops_assets.training.network.layers import EPOCHS_MAX, PATIENCE, Learner, Rows

torch = pytest.importorskip("torch", reason="the extra [torch] is not installed")
pytestmark = pytest.mark.slow


def rows(n, random_state):
    """Points whose class is the sign of their product: no linear model tells them."""
    random = np.random.default_rng(random_state)
    X = random.normal(size=(n, 2)).astype(np.float32)
    return Rows(X, (X[:, 0] * X[:, 1] > 0).astype(np.int64))


def learner(random_state=1, weights=None):
    return Learner(2, "cross_entropy", weights, random_state)


def answer(layers, X):
    (first, bias), (last, last_bias) = layers
    return np.maximum(X @ first + bias, 0) @ last + last_bias


def endless():
    return Budget(1e9, lambda: 0.0)


def test_it_learns_what_no_linear_model_can():
    layers = learner().fit_for(rows(300, 1), 30)
    fresh = rows(500, 2)
    assert (answer(layers, fresh.X).argmax(axis=1) == fresh.target).mean() > 0.9


def test_the_same_seed_gives_the_same_weights_and_leaves_pytorch_as_it_was():
    torch.manual_seed(5)
    before, threads = torch.random.get_rng_state(), torch.get_num_threads()
    first, again, other = (learner(seed).fit_for(rows(60, 1), 3) for seed in (1, 1, 2))
    for one, two, three in zip(sum(first, ()), sum(again, ()), sum(other, ()), strict=True):
        np.testing.assert_array_equal(one, two)
        assert (one != three).any()
    assert torch.equal(before, torch.random.get_rng_state())
    assert torch.get_num_threads() == threads


def test_sparse_rows_are_learned_like_dense_ones():
    dense = rows(40, 1)
    spread = Rows(sparse.csr_matrix(dense.X), dense.target)
    for one, two in zip(sum(learner().fit_for(dense, 2), ()), sum(learner().fit_for(spread, 2), ()), strict=True):
        np.testing.assert_array_equal(one, two)


def test_it_stops_when_held_out_rows_gain_no_more():
    noise = Rows(rows(60, 1).X, np.random.default_rng(0).integers(0, 2, 60))
    found = learner().look(noise, Rows(rows(60, 3).X, np.random.default_rng(1).integers(0, 2, 60)), endless(), str)
    assert found.stopped == f"no better in {PATIENCE} epochs"
    assert len(found.curve) == found.best_epoch + PATIENCE < EPOCHS_MAX


def test_it_stops_when_the_budget_is_spent():
    seconds = iter(range(100))
    found = learner().look(rows(60, 1), rows(30, 2), Budget(3.5, lambda: next(seconds)), str)
    # the clock is read once at the start and once an epoch: 3.5 s are over in the fourth
    assert found.stopped == "the budget of 3.5 s ended it in epoch 4"
    assert len(found.curve) == 4


def test_it_tells_how_far_it_is():
    said = []
    learner().look(rows(300, 1), rows(100, 2), endless(), said.append)
    assert said[0].startswith("network: epoch 10, loss ")


def test_a_weight_of_nought_makes_a_class_count_for_nothing():
    layers = learner(weights=np.array([0.0, 1.0], np.float32)).fit_for(rows(200, 1), 10)
    assert (answer(layers, rows(200, 2).X).argmax(axis=1) == 1).all()


@pytest.mark.parametrize(("loss", "middle"), [("absolute", 0.0), ("squared", 3.0)])
def test_absolute_errors_find_the_median_and_squared_errors_the_mean(loss, middle):
    # 70 zeros and 30 tens under one X: median 0, mean 3
    target = np.array([0.0] * 70 + [10.0] * 30, np.float32)
    layers = Learner(1, loss, None, 1).fit_for(Rows(np.ones((100, 1), np.float32), target), 40)
    assert answer(layers, np.ones((1, 1)))[0, 0] == pytest.approx(middle, abs=1.0)
