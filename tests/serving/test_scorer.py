import numpy as np
import pytest
from fake_models import FakeModel

from serving.errors import ModelFailedError
from serving.models import Served
from serving.scorer import Answer, Scored, score

CHAMPION = Served(1, FakeModel(5))
CHALLENGER = Served(2, FakeModel(6))
ROW = {"alcohol": 9.4}


def test_both_score_and_the_arm_answers():
    a, b = score(CHAMPION, CHALLENGER, [ROW, ROW], ["A", "B"], paired=True)
    assert (a.champion, a.challenger, a.answer) == (Answer(5), Answer(6), Answer(5))
    assert (b.champion, b.challenger, b.answer) == (Answer(5), Answer(6), Answer(6))


def test_unpaired_only_the_arm_that_answers_scores():
    a, b = score(CHAMPION, CHALLENGER, [ROW, ROW], ["A", "B"], paired=False)
    assert (a.champion, a.challenger) == (Answer(5), None)
    assert (b.champion, b.challenger) == (None, Answer(6))


def test_without_a_challenger_the_champion_answers():
    (only,) = score(CHAMPION, None, [ROW], ["B"], paired=True)
    assert only == Scored("A", Answer(5), None)


@pytest.mark.parametrize("fail", ["raises", "nan", "short"])
@pytest.mark.parametrize("paired", [True, False])
def test_failing_challenger_costs_no_answer(fail, paired):
    challenger = Served(2, FakeModel(6, fail=fail))
    (b,) = score(CHAMPION, challenger, [ROW], ["B"], paired)
    assert b == Scored("A", Answer(5), None, degraded=True)


@pytest.mark.parametrize(
    ("fail", "words"), [("raises", "the graph is broken"), ("nan", "nan is no answer"), ("short", "0 answers")]
)
def test_failing_champion_is_an_error_in_words(fail, words):
    with pytest.raises(ModelFailedError, match=words):
        score(Served(1, FakeModel(5, fail=fail)), CHALLENGER, [ROW], ["A"], paired=True)


def test_row_that_does_not_fit_is_the_callers_error():
    with pytest.raises(ValueError, match="column 'alcohol': None: a number is due"):
        score(CHAMPION, CHALLENGER, [{}], ["A"], paired=True)


def test_probabilities_are_named_by_class():
    served = Served(1, FakeModel(6, classes=(5, 6)))
    (one,) = score(served, None, [ROW], ["A"], paired=True)
    assert one.answer == Answer(6, {"5": 0.0, "6": 1.0})


def test_values_are_plain_python():
    (one,) = score(Served(1, FakeModel(np.float32(0.5))), None, [ROW], ["A"], paired=True)
    assert type(one.answer.value) is float


def test_an_arm_without_an_answer_is_an_error():
    with pytest.raises(ModelFailedError, match="arm B has no answer"):
        _ = Scored("B", Answer(5), None).answer
