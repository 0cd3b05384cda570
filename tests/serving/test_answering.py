import pytest

from resources.state.routing import Wanted
from serving.answering import give_answers
from serving.contest import read_contest
from serving.routing import choose_arms

GOOD = {"alcohol": 9.4}


@pytest.mark.parametrize("rows", [1, 3])
def test_an_answer_counts_in_the_phase_whose_split_chose_its_arm(router, use_cases, state, monkeypatch, rows):
    wine = use_cases["wine_quality"]
    router.splits.change("wine_quality", Wanted(ab_split_b=1.0), expected=None, by="test")

    def choose_and_pause(*given):
        chosen = choose_arms(*given)
        router.splits.change("wine_quality", Wanted(paused=True), expected=None, by="test")
        return chosen

    monkeypatch.setattr("serving.answering.choose_arms", choose_and_pause)
    given = give_answers(router, wine, [GOOD] * rows, None, None)
    assert {one.record.arm for one in given} == {"B"}
    with state.read() as connection:
        contest = read_contest(connection, router, wine)
    assert contest.routing.split_b == 0.0
    assert contest.ratio_p_value == 1.0  # one unit of B in the pause would block every promotion of this pair
