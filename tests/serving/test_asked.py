import pytest

from mlops_assets.bundle.errors import InputError
from serving.asked import answer_all, ask

GOOD, BAD = {"alcohol": 9.4}, {"alcohol": None}


@pytest.fixture
def wine(use_cases):
    return use_cases["wine_quality"]


def test_answers_come_in_the_order_of_the_rows_each_by_its_arm(router, wine):
    asked = ask(wine, [GOOD] * 4, None, "key", 1)
    given = answer_all(router, wine, asked, ["A", "B", "B", "A"])
    records = [one.record for one in given]
    assert [one.prediction_id for one in records] == [one.id for one in asked]
    assert [(one.arm, one.version, one.answered) for one in records] == [
        ("A", 1, 5),
        ("B", 2, 6),
        ("B", 2, 6),
        ("A", 1, 5),
    ]
    assert [(one.champion_value, one.challenger_value) for one in records] == [
        (5, None),
        (None, 6),
        (None, 6),
        (5, None),
    ]
    assert [one.other.version for one in given] == [2, 1, 1, 2]
    assert {one.asked_by for one in records} == {"key"}


def test_a_row_that_is_refused_is_named_by_its_place_in_the_request(router, wine):
    asked = ask(wine, [GOOD, GOOD, GOOD, BAD], None, None, 1)
    with pytest.raises(InputError, match="row 3, column 'alcohol'"):
        answer_all(router, wine, asked, ["B", "A", "B", "A"])


def test_rows_without_a_unit_are_units_of_their_own(wine):
    first, second = ask(wine, [GOOD, GOOD], None, None, 1)
    assert (first.unit, second.unit) == (first.id, second.id)
    assert first.id < second.id
    assert {one.unit for one in ask(wine, [GOOD, GOOD], "u", None, 1)} == {"u"}


def test_the_unit_column_names_the_unit(wine):
    wine = wine.model_copy(update={"unit": "bottle"})
    assert [one.unit for one in ask(wine, [GOOD | {"bottle": 17}, GOOD | {"bottle": "x" * 300}], None, None, 1)] == [
        "17",
        "x" * 256,
    ]
