import numpy as np
import pytest

from mlops_assets.decision.lag import lag_curve


def experiment(days, seed=0, slow_share=0.3):
    """Lags and ages in hours of the labels that came by now; 30 % take 48 hours on average, the others 2."""
    rng = np.random.default_rng(seed)
    n = days * 400
    ages = rng.uniform(0, 24 * days, n)
    lags = np.where(rng.random(n) < slow_share, rng.exponential(48, n), rng.exponential(2, n))
    came = lags <= ages
    return lags[came], ages[came]


def test_labels_that_all_had_time_enough_give_the_plain_quantile():
    lags = np.arange(1.0, 101.0)
    curve = lag_curve(lags, np.full(100, 1e6))
    assert curve.quantile(0.95) == 95.0
    assert curve.share(np.array([0.5, 1.0, 50.4, 200.0])) == pytest.approx([0, 0.01, 0.5, 1])


def test_the_quantile_of_a_running_experiment_is_not_the_one_of_the_labels_so_far():
    # of the mixture: 0.3 exp(-t / 48) = 0.05 at t = 48 log(6) = 86 hours
    lags, ages = experiment(days=14)
    assert np.quantile(lags, 0.95) < 80
    assert lag_curve(lags, ages).quantile(0.95) == pytest.approx(86, rel=0.15)


def test_one_label_took_as_long_as_it_took():
    assert lag_curve(np.array([7.0]), np.array([8.0])).quantile(0.95) == 7.0


def test_no_label_teaches_nothing():
    with pytest.raises(ValueError, match="a lag cannot be learned from no label"):
        lag_curve(np.array([]), np.array([]))
