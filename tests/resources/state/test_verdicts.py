from dataclasses import replace

import pytest

from resources.state.verdicts import StoredVerdict, first_contest, history, last_verdict, latest, looks, record_verdict


@pytest.fixture
def look(at):
    return StoredVerdict("w", 1, 2, "continue", 0.01, -0.1, 0.12, 60, at, "too early to say")


def test_stored_verdict_reads_back_with_its_number(state, look):
    with state.write() as connection:
        stored = record_verdict(connection, look)
    assert stored == replace(look, id=stored.id)
    assert stored.id is not None


def test_interval_may_be_unknown(state, look):
    with state.write() as connection:
        stored = record_verdict(connection, replace(look, estimate=None, low=None, high=None))
    assert (stored.estimate, stored.low, stored.high) == (None, None, None)


def test_new_labels_give_a_new_row_and_the_same_labels_none(state, look):
    with state.write() as connection:
        first = record_verdict(connection, look)
        assert record_verdict(connection, look) == first
        second = record_verdict(connection, replace(look, labels=80))
        assert latest(connection, "w") == second
        assert [row.labels for row in history(connection, "w")] == [80, 60]


def test_decisive_verdict_stays(state, look):
    with state.write() as connection:
        decided = record_verdict(connection, replace(look, outcome="promote", labels=100))
        assert record_verdict(connection, replace(look, outcome="reject", labels=200)) == decided
        assert record_verdict(connection, replace(look, labels=300)) == decided
        assert last_verdict(connection, "w", 1, 2) == decided
    assert decided.decisive


def test_another_pair_is_judged_on_its_own(state, look):
    with state.write() as connection:
        record_verdict(connection, replace(look, outcome="promote"))
        other = record_verdict(connection, replace(look, champion_version=2, challenger_version=3))
        assert other.outcome == "continue"
        assert last_verdict(connection, "w", 5, 6) is None
        assert latest(connection, "unknown") is None


def test_looks_are_thinned_evenly_and_end_with_the_last(state, look):
    with state.write() as connection:
        for labels in range(1, 24):
            record_verdict(connection, replace(look, labels=labels))
        record_verdict(connection, replace(look, challenger_version=3, labels=99))
        assert [one.labels for one in looks(connection, "w", 1, 2)] == list(range(1, 24))
        # 23 rows in about 5 points: every fifth, counted from the last
        assert [one.labels for one in looks(connection, "w", 1, 2, points=5)] == [3, 8, 13, 18, 23]
        assert looks(connection, "w", 1, 4) == []


def test_another_look_at_the_same_labels_renews_what_blocks_and_when_to_look(state, look, at):
    with state.write() as connection:
        first = record_verdict(connection, replace(look, outcome="promote", takes_over=True, blocks=["for a reason"]))
        again = record_verdict(connection, replace(look, labels=90, blocks=[], look_at=at))
        assert again == last_verdict(connection, "w", 1, 2) == replace(first, blocks=[], look_at=at)
        assert len(history(connection, "w")) == 1


def test_the_first_experiment_of_a_challenger_is_not_hidden_by_a_later_one(state, look):
    with state.write() as connection:
        assert first_contest(connection, "w", 2) is None
        record_verdict(connection, look)
        decided = record_verdict(connection, replace(look, outcome="promote", labels=100))
        record_verdict(connection, replace(look, champion_version=3, labels=10))
        assert first_contest(connection, "w", 2) == decided
