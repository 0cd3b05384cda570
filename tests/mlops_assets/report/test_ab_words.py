import pytest

from mlops_assets.decision.confidence import Interval
from mlops_assets.decision.ratio import Phase
from mlops_assets.report.ab_words import changed, outlook, p_words, phases_light, ratio_light, standing
from mlops_assets.spec import Decision

WINE, MINUTES = Decision(loss="zero_one"), Decision(loss="absolute", loss_max=120, margin=0.5)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("promote", "Version 2 is better and takes over. Over 90 labels its mean absolute error is 1.5 lower."),
        ("reject", "Version 2 is worse; version 1 stays."),
        ("equivalent", "Version 2 makes no difference that counts; version 1 stays."),
        ("cheaper", "Version 2 makes no difference that counts, costs less and takes over."),
        ("inconclusive", "The labels that were set aside are spent without an answer; version 1 stays."),
        ("continue", "Over 90 labels its mean absolute error is 1.5 lower, which can still be luck."),
    ],
)
def test_each_outcome_has_its_words(outcome, words):
    assert words in standing(outcome, Interval(1.5, -1.0, 4.0), 90, 1, 2, MINUTES)


def test_a_sure_difference_within_the_margin_is_no_luck():
    words = standing("continue", Interval(-0.6, -1.0, -0.1), 90, 1, 2, MINUTES)
    assert words.endswith("is 0.6 higher: no accident, but perhaps less than the 0.5 that count.")


def test_shares_are_told_in_points():
    assert "is 2.5 points higher" in standing("continue", Interval(-0.025, -0.1, 0.1), 90, 1, 2, WINE)
    assert "is the same" in standing("continue", Interval(0.0, -0.1, 0.1), 90, 1, 2, WINE)


def test_nothing_is_said_without_a_label():
    assert standing("continue", None, 0, 1, 2, WINE) == "No label has come yet, so nothing can be said."
    assert outlook(None, 10, WINE) == "at least 40 more before any verdict"
    assert outlook(None, 500, WINE).startswith("cannot be said yet")


@pytest.mark.parametrize(("p_value", "colour"), [(1.0, "good"), (0.04, "watch"), (0.0009, "alarm"), (None, "none")])
def test_the_light_follows_the_p_value(p_value, colour):
    assert ratio_light(p_value, 0.5, 60, 40).colour == colour
    assert "60" not in ratio_light(p_value, 0.5, 0, 0).sentence


def test_a_p_value_has_no_exponent():
    assert [p_words(value) for value in (0.0213, 1e-40)] == ["p = 0.021", "p < 0.0001"]


def test_an_audit_row_is_told_by_what_is_different():
    assert changed(None, {"status": 403}) == "status 403"
    assert changed({"a": 1, "b": 2}, {"a": 1, "b": None}) == "b 2 → None"
    assert changed({"a": 1}, None) == ""


def test_the_light_speaks_of_now_unless_an_earlier_phase_went_wrong():
    wrong, now = Phase(1, 900, 100, 0.5), Phase(2, 70, 30, 0.3)
    assert phases_light([now], 2).sentence.startswith("30.0\N{NO-BREAK SPACE}% of 100 units were answered by B")
    light = phases_light([wrong, now], 2)
    assert (light.colour, light.sentence[:37]) == ("alarm", "In phase 1, before: 10.0\N{NO-BREAK SPACE}% of 1,000 u")
    assert phases_light([Phase(1, 700, 300, 0.3)], 2).colour == "none"
    assert phases_light([], 1).colour == "none"
