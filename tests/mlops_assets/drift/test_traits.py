import numpy as np
import pytest
from scipy import special

from mlops_assets.drift.codes import MISSING
from mlops_assets.drift.traits import CELLS, PRESENT, SHAPE, SHIFT, SPREAD, TAIL, label_score, numeric_traits


def counts(*known, missing=0):
    found = np.zeros(256)
    found[: len(known)] = known
    found[MISSING] = missing
    return found


def test_a_code_scores_by_its_middle_rank_centred_and_scaled():
    # middle ranks 1/4 and 3/4: normal scores -0.674 and 0.674, scaled to -1 and 1
    shift = numeric_traits(counts(50, 50))[:, SHIFT]
    assert shift[:2] == pytest.approx([-1, 1])
    # three codes of 1/3: -0.967, 0, 0.967, times sqrt(3/2) / 0.967
    assert numeric_traits(counts(30, 30, 30))[:3, SHIFT] == pytest.approx([-np.sqrt(1.5), 0, np.sqrt(1.5)])


def test_what_is_missing_adds_nothing():
    assert (numeric_traits(counts(5, 5, missing=3))[MISSING] == 0).all()


def test_scores_have_mean_nought_and_spread_one_on_the_reference():
    known = np.random.default_rng(0).integers(1, 9, 200).astype(float)
    traits, shares = numeric_traits(counts(*known)), known / known.sum()
    for at in (SHIFT, SPREAD):
        assert shares @ traits[:200, at] == pytest.approx(0, abs=1e-12)
        assert shares @ traits[:200, at] ** 2 == pytest.approx(1)


def test_scores_are_bounded():
    assert np.abs(numeric_traits(counts(*np.full(200, 5.0)))[:, SHIFT]).max() < -special.ndtri(0.5 / 200) * 1.05


def test_tails_hold_a_twentieth_at_most_and_each_code_has_one_cell():
    traits = numeric_traits(counts(*np.full(200, 5.0)))
    assert traits[:200, TAIL].sum(axis=0) == pytest.approx([10, 10])
    assert traits[199, TAIL.start] == traits[0, TAIL.start + 1] == 1
    assert (traits[:MISSING, SHAPE].sum(axis=1) == 1).all()
    assert traits[:200, SHAPE].sum(axis=0)[[0, 4, -1]] == pytest.approx([200 * CELLS[0], 200 * 0.05, 200 * CELLS[0]])


def test_a_constant_column_has_no_scores_but_tails_beyond_it():
    traits = numeric_traits(counts(0, 80, 0))
    assert (traits[:, [SHIFT, SPREAD]] == 0).all()
    assert (traits[:3, TAIL] == [[0, 1], [0, 0], [1, 0]]).all()
    assert (traits[:MISSING, PRESENT] == 1).all()


def test_a_category_is_whether_it_is_the_most_frequent_label():
    # shares 3/4 and 1/4: (1 - 3/4) / sqrt(3/16) and (0 - 3/4) / sqrt(3/16)
    assert label_score(counts(30, 10))[:2] == pytest.approx([1 / np.sqrt(3), -np.sqrt(3)])
    assert (label_score(counts()) == 0).all()
