import numpy as np
import pytest

from mlops_assets.anomalies.evidence import BET, capital
from mlops_assets.anomalies.strangeness import RARE, p_values


def test_the_largest_of_all_is_the_strangest():
    # 3: 1 of 1; 1: both are as large; 2: 3 and 2 of 3; 5: itself of 4
    assert p_values(np.array([3.0, 1.0, 2.0, 5.0]), "up").tolist() == [1.0, 1.0, 2 / 3, 1 / 4]


def test_ties_count_against_strangeness():
    assert p_values(np.zeros(4), "up").tolist() == [1.0] * 4
    assert p_values(np.array([0.0, 0.0, 1.0, 1.0]), "up").tolist() == [1.0, 1.0, 1 / 3, 2 / 4]


def test_what_is_far_on_either_side_is_strange():
    # of 4, 6, 5: mean 5, distances 1, 1, 0; of 4, 6, 5, 1: mean 4, distances 0, 2, 1, 3
    assert p_values(np.array([4.0, 6.0, 5.0, 1.0]), "both")[2:].tolist() == [1.0, 1 / 4]


def test_another_mix_of_classes_is_strange():
    shares = np.array([[0.5, 0.5], [0.5, 0.5], [0.4, 0.6], [0.9, 0.1]])
    # means 0.575 and 0.425; the last one's distance 0.325^2 (1 / 0.576 + 1 / 0.426) is the largest
    assert p_values(shares, "mix", since=3).tolist() == [1 / 4]
    new_class = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.9, 0.1]])
    assert p_values(new_class, "mix", since=3).tolist() == [1 / 4]
    assert RARE > 0


def test_p_values_of_exchangeable_windows_are_uniform_and_only_of_those_asked_for():
    p = np.array([p_values(np.random.default_rng(seed).normal(size=20), "both", since=19)[0] for seed in range(2000)])
    shares = [(p <= limit).mean() for limit in (0.05, 0.5, 0.9)]
    assert shares == pytest.approx([0.05, 0.5, 0.9], abs=0.03)


def test_capital_worked_by_hand():
    # stake 1/2; b(1) = 0.2, b(0.01) = 0.2 * 0.01^-0.8 = 7.962
    # first: 0.5 * 0.2 = 0.1 played, 0.5 still to come; second: (0.1 + 0.5) * 7.962 = 4.777
    assert BET == 0.2
    assert capital(np.array([1.0, 0.01]), 2) == pytest.approx([0.6, 4.777], abs=0.001)


def test_more_windows_than_stakes_bring_no_capital_in():
    assert capital(np.array([1.0, 1.0, 1.0]), 1) == pytest.approx([0.2, 0.04, 0.008])
