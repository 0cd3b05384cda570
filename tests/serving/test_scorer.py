import numpy as np
import pytest
from fake_models import FakeModel

from mlops_assets.bundle.abstention import Abstention
from mlops_assets.bundle.errors import InputError
from serving.errors import ModelFailedError
from serving.models import Served
from serving.scorer import Answers, answer

CHAMPION = Served(1, FakeModel(5))
CHALLENGER = Served(2, FakeModel(6))
ROW = {"alcohol": 9.4}


@pytest.mark.parametrize(("arm", "value"), [("A", 5), ("B", 6)])
def test_the_arm_of_the_rows_answers(arm, value):
    assert answer(arm, CHAMPION, CHALLENGER, [ROW] * 2) == Answers(arm, [value] * 2, [None] * 2)


def test_without_a_challenger_the_champion_answers():
    assert answer("B", CHAMPION, None, [ROW]) == Answers("A", [5], [None], degraded=False)


@pytest.mark.parametrize("fail", ["raises", "nan", "short"])
def test_a_failing_challenger_costs_no_answer(fail):
    given = answer("B", CHAMPION, Served(2, FakeModel(6, fail=fail)), [ROW] * 2)
    assert given == Answers("A", [5] * 2, [None] * 2, degraded=True)


@pytest.mark.parametrize(
    ("fail", "words"),
    [("raises", "the graph is broken"), ("nan", "NaN or infinity is no answer"), ("short", "0 answers")],
)
def test_a_failing_champion_is_an_error_in_words(fail, words):
    with pytest.raises(ModelFailedError, match=words):
        answer("A", Served(1, FakeModel(5, fail=fail)), CHALLENGER, [ROW])


@pytest.mark.parametrize("arm", ["A", "B"])
def test_a_row_that_the_champion_refuses_is_the_callers_error(arm):
    with pytest.raises(InputError, match="column 'alcohol': None: a number is due"):
        answer(arm, CHAMPION, CHALLENGER, [{}])


def test_probabilities_are_named_by_class():
    given = answer("A", Served(1, FakeModel(6, classes=(5, 6))), None, [ROW])
    assert (given.values, given.shares) == ([6], [{"5": 0.0, "6": 1.0}])


def test_values_are_plain_python():
    (value,) = answer("A", Served(1, FakeModel(np.float32(0.5))), None, [ROW]).values
    assert type(value) is float


def test_classes_that_stay_possible_come_with_the_answer():
    sure = FakeModel("form", classes=("form", "letter"), abstention=Abstention(error=0.1, least=0.6, rows=20))
    assert answer("A", Served(1, sure), None, [ROW]).candidates == [["form"]]
    torn = FakeModel("form", classes=("form", "letter"), abstention=Abstention(error=0.1, least=0.0, rows=5))
    assert answer("A", Served(1, torn), None, [ROW]).candidates == [["form", "letter"]]
    assert answer("A", Served(1, FakeModel("form", classes=("form", "letter"))), None, [ROW]).candidates is None


class _Conforming(FakeModel):
    """Compares by numbers of its own."""

    def answer_rows(self, rows):
        found = super().answer_rows(rows)
        found.conformity = np.array([[0.2, 0.7]] * len(rows))
        return found


def test_classes_stay_possible_by_what_the_version_compares():
    model = _Conforming("form", classes=("form", "letter"), abstention=Abstention(error=0.1, least=0.6, rows=20))
    given = answer("A", Served(1, model), None, [ROW])
    assert (given.values, given.candidates) == (["form"], [["letter"]])
    assert given.shares == [{"form": 1.0, "letter": 0.0}]
