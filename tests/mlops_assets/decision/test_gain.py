from dataclasses import replace

from mlops_assets.decision.gain import ExpectedGain, RealisedGain, expect_gain, gain_sentence
from mlops_assets.decision.harm import Harm
from mlops_assets.spec import RetrainPolicy

HARM = Harm("labels", True, "500 labels of this batch", 0.06, 0.02, 0.1, 0.26)


def test_harm_is_what_a_retrain_is_expected_to_win_back():
    found = expect_gain(HARM, RetrainPolicy(when="harm", cost=50, horizon_rows=5_000))
    assert found == ExpectedGain(0.06, 0.02, 0.1, 300.0, 5_000, 50, "labels", 0.26)
    assert ExpectedGain.from_dict(found.to_dict()) == found


def test_without_a_known_excess_nothing_is_expected():
    assert expect_gain(None, RetrainPolicy()) is None
    assert expect_gain(Harm("unknown", False, "no labels"), RetrainPolicy()) is None
    assert gain_sentence(None).startswith("no gain was expected, since no excess loss was known")


def test_both_stand_beside_each_other_in_words():
    expected = expect_gain(HARM, RetrainPolicy())
    said = "expected to save 0.06 loss a row (0.02 to 0.1, by labels), 600 over 10,000 rows"
    assert gain_sentence(expected) == f"{said}; what it saves is not known yet"
    realised = RealisedGain(0.05, 0.01, 0.09, 420, "labels of the experiment")
    assert gain_sentence(expected, realised).endswith(
        "600 over 10,000 rows; it saves 0.05 (0.01 to 0.09, 420 labels of the experiment)"
    )


def test_a_gain_in_another_loss_than_expected_says_so():
    expected = expect_gain(replace(HARM, unit="squared up to 5"), RetrainPolicy())
    same = RealisedGain(0.05, 0.01, 0.09, 420, "labels of the experiment", "squared up to 5")
    assert "another loss" not in gain_sentence(expected, same)
    other = replace(same, unit="absolute up to 60")
    assert gain_sentence(expected, other).endswith(
        "420 labels of the experiment, in another loss than expected: absolute up to 60 instead of squared up to 5)"
    )
