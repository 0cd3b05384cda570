from pathlib import Path

import numpy as np
import pytest

from mlops_assets.drift import metrics


def test_the_tables_list_every_file():
    files = {path.stem for path in Path(metrics.__file__).parent.glob("*.py")} - {"__init__"}
    assert files == set(metrics.NUMERIC) | set(metrics.CATEGORY) | set(metrics.MISSING) | set(metrics.JOINT)


@pytest.fixture(params=[*metrics.NUMERIC.items()], ids=metrics.NUMERIC)
def numeric(request):
    return request.param[1]


@pytest.fixture(params=[*metrics.CATEGORY.items()], ids=metrics.CATEGORY)
def category(request):
    return request.param[1]


SAMPLE = np.sort(np.random.default_rng(1).normal(size=200).round(1))


def test_identical_samples_score_zero(numeric):
    assert numeric(SAMPLE, SAMPLE) == pytest.approx(0.0, abs=1e-9)


def test_a_larger_shift_scores_more(numeric):
    if numeric is metrics.NUMERIC["spread_shift"]:
        pytest.skip("a shift leaves the spread as it is")
    scores = [numeric(SAMPLE, SAMPLE + shift) for shift in (0.0, 0.3, 0.9)]
    assert scores == sorted(scores)
    assert scores[0] < scores[1] < scores[2]


def test_the_inputs_stay_as_they_are(numeric):
    reference, current = SAMPLE.copy(), SAMPLE.copy() + 1
    numeric(reference, current)
    assert np.array_equal(reference, SAMPLE)
    assert np.array_equal(current, SAMPLE + 1)


def test_a_single_row_has_a_score(numeric):
    if numeric is metrics.NUMERIC["spread_shift"]:
        pytest.skip("one row has no spread")
    assert numeric(SAMPLE, np.array([9.0])) > 0


def test_identical_counts_score_zero(category):
    assert category(np.array([4.0, 2.0, 0.0]), np.array([4.0, 2.0, 0.0])) == pytest.approx(0.0, abs=1e-12)


def test_new_labels_score(category):
    assert category(np.array([40.0, 20.0, 0.0]), np.array([20.0, 20.0, 20.0])) > 0.1
