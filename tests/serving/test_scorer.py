import numpy as np
import pytest
from fake_models import FakeModel

from mlops_assets.bundle.errors import InputError
from serving.errors import ModelFailedError
from serving.models import Served
from serving.scorer import Answer, answer

CHAMPION = Served(1, FakeModel(5))
CHALLENGER = Served(2, FakeModel(6))
ROW = {"alcohol": 9.4}


def test_the_arm_of_each_row_answers_in_the_order_of_the_rows():
    answers = answer(CHAMPION, CHALLENGER, [ROW] * 4, ["A", "B", "B", "A"])
    assert [(one.arm, one.served.version, one.value) for one in answers] == [
        ("A", 1, 5),
        ("B", 2, 6),
        ("B", 2, 6),
        ("A", 1, 5),
    ]


def test_without_a_challenger_the_champion_answers():
    assert answer(CHAMPION, None, [ROW], ["B"]) == [Answer("A", CHAMPION, 5, None, degraded=False)]


@pytest.mark.parametrize("fail", ["raises", "nan", "short"])
@pytest.mark.parametrize("arms", [["B"], ["A", "B"]])
def test_a_failing_challenger_costs_no_answer(fail, arms):
    given = answer(CHAMPION, Served(2, FakeModel(6, fail=fail)), [ROW] * len(arms), arms)
    assert given[-1] == Answer("A", CHAMPION, 5, None, degraded=True)


@pytest.mark.parametrize(
    ("fail", "words"),
    [("raises", "the graph is broken"), ("nan", "NaN or infinity is no answer"), ("short", "0 answers")],
)
def test_a_failing_champion_is_an_error_in_words(fail, words):
    with pytest.raises(ModelFailedError, match=words):
        answer(Served(1, FakeModel(5, fail=fail)), CHALLENGER, [ROW], ["A"])


@pytest.mark.parametrize("arm", ["A", "B"])
def test_a_row_that_the_champion_refuses_is_the_callers_error(arm):
    with pytest.raises(InputError, match="column 'alcohol': None: a number is due"):
        answer(CHAMPION, CHALLENGER, [{}], [arm])


def test_probabilities_are_named_by_class():
    (one,) = answer(Served(1, FakeModel(6, classes=(5, 6))), None, [ROW], ["A"])
    assert (one.value, one.probabilities) == (6, {"5": 0.0, "6": 1.0})


def test_values_are_plain_python():
    (one,) = answer(Served(1, FakeModel(np.float32(0.5))), None, [ROW], ["A"])
    assert type(one.value) is float
