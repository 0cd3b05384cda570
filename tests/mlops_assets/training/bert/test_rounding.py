"""A model in whole numbers says nearly the same, at less than half the size, and of each row by itself."""

import logging

import numpy as np
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def coarse(regressor, reviews):
    return regressor.rounded(reviews)


def test_it_says_nearly_the_same_and_how_nearly(regressor, coarse, reviews):
    gaps = np.abs(coarse.outputs(reviews) - regressor.outputs(reviews))
    assert 0 < gaps.max() <= coarse.served_.reading.rounding < 0.5  # good and bad are 6 apart
    assert regressor.served_.reading.rounding == 0


def test_the_layers_shrink_and_the_vectors_of_tokens_stay(regressor, coarse):
    saved = len(regressor.served_.graph) - len(coarse.served_.graph)
    # a layer of MiniLM has 384 x 384 weights four times and 384 x 1536 twice; of 4 bytes each, 3 go, in two layers
    assert saved == pytest.approx(2 * (4 * 384 * 384 + 2 * 384 * 1536) * 3, rel=0.05)


def test_a_row_beside_does_not_move_an_answer(coarse, reviews):
    alone = np.vstack([coarse.outputs(reviews.iloc[[row]]) for row in range(5)])
    assert coarse.outputs(reviews.head(5)).tolist() == alone.tolist()


def test_the_quantiser_gives_no_advice_and_others_are_heard(regressor, reviews, caplog):
    regressor.rounded(reviews)
    logging.getLogger().warning("heard")
    assert [record.message for record in caplog.records] == ["heard"]
