import numpy as np
import pytest

from mlops_assets.drift.words import learn_vocabulary


def test_the_share_of_new_words_by_hand():
    vocabulary = learn_vocabulary(["red wine", "Red fish", None])
    assert vocabulary.unknown_shares(["red wine", "red zebra", "zebra", "", None]) == pytest.approx(
        [0, 0.5, 1, 0, np.nan], nan_ok=True
    )


def test_a_text_of_the_reference_does_not_vouch_for_its_own_words():
    texts = ["red red wine", "red fish"]  # 'wine' and 'fish' occur in one text each, 'red' in both
    assert learn_vocabulary(texts).unknown_shares(texts, own=True) == pytest.approx([1 / 3, 1 / 2])


def test_no_word_is_kept():
    assert learn_vocabulary(["secret"] * 100).texts.nbytes == 2**16
