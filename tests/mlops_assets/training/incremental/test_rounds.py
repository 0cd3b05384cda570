import pytest

from mlops_assets.training.incremental.refusal import RefitNeededError
from mlops_assets.training.incremental.rounds import ROUNDS, ROUNDS_MAX, check_rounds


def test_rounds_are_bounded():
    check_rounds(ROUNDS_MAX - ROUNDS)
    with pytest.raises(RefitNeededError, match="has 981 rounds and may have 1,000: 20 more do not fit; a refit is due"):
        check_rounds(981)
