from datetime import timedelta

import pytest

from resources.state.feedback import Event, record_many
from resources.state.labelling import find_known, renew
from resources.state.labels import count_labels, evidence_columns, labelled_pairs, newest_label, read_paired
from resources.state.late_scores import fill
from resources.state.predictions import insert

PAIR = ("wine_quality", 1, 2)


@pytest.fixture
def tell(truths):
    def tell(connection, *events: Event) -> None:
        record_many(connection, events, find_known(connection, [event.prediction_id for event in events]), truths)

    return tell


def test_pairs_come_in_the_order_of_labels(state, make_prediction, tell, at):
    with state.write() as connection:
        insert(connection, [make_prediction(f"p{n}", champion_value=n) for n in range(3)])
        tell(connection, *(Event(f"p{n}", 6, at) for n in (2, 0, 1)))
        assert labelled_pairs(connection, *PAIR) == [(2, 6, 6), (0, 6, 6), (1, 6, 6)]
        pairs = read_paired(connection, *PAIR)
        assert [(pair.prediction_id, pair.arm) for pair in pairs] == [("p2", "A"), ("p0", "A"), ("p1", "A")]
        assert read_paired(connection, *PAIR, after=pairs[0].label_id) == pairs[1:]
        assert newest_label(connection, *PAIR) == pairs[-1].label_id


@pytest.mark.parametrize("value", [5, 5.25, "red", 'a "quoted", comma', "grün"])
def test_values_come_back_as_they_were(state, make_prediction, tell, at, value):
    with state.write() as connection:
        insert(connection, [make_prediction("p1", champion_value=value, challenger_value=value, answered=value)])
        tell(connection, Event("p1", value, at))
        assert labelled_pairs(connection, *PAIR) == [(value, value, value)]
        columns = evidence_columns(connection, *PAIR, features=True)
        assert [columns[name] for name in ("arm", "champion", "challenger", "truth")] == [
            ["A"],
            [value],
            [value],
            [value],
        ]
        assert columns["features"] == [{"alcohol": 9.4, "note": None}]


def test_only_rows_that_both_versions_scored_make_pairs(state, make_prediction, tell, at):
    rows = [
        make_prediction("paired"),
        make_prediction("alone", challenger_value=None),
        make_prediction("older", challenger_version=3),
        make_prediction("nobody", challenger_version=None, challenger_value=None),
        make_prediction("other", use_case="delivery_time"),
        make_prediction("unlabelled"),
    ]
    with state.write() as connection:
        insert(connection, rows)
        tell(connection, *(Event(row.prediction_id, 5, at) for row in rows[:-1]))
        assert [pair.prediction_id for pair in read_paired(connection, *PAIR)] == ["paired"]


def test_expired_truths_are_no_evidence(state, make_prediction, tell, at):
    with state.write() as connection:
        insert(connection, [make_prediction("p1")])
        tell(connection, Event("p1", 6, at, at + timedelta(days=2)))
        assert labelled_pairs(connection, *PAIR) == evidence_columns(connection, *PAIR)["truth"] == []


def test_unpaired_evidence_is_the_answer_of_each_arm(state, make_prediction, tell, at):
    with state.write() as connection:
        insert(connection, [make_prediction("p1"), make_prediction("p2", arm="B", champion_value=None, answered=6)])
        tell(connection, Event("p2", 6, at), Event("p1", 4, at))
        columns = evidence_columns(connection, *PAIR)
        names = ("arm", "champion", "challenger", "truth", "prediction_id")
        assert list(zip(*(columns[name] for name in names), strict=True)) == [
            ("B", None, 6, 6, "p2"),
            ("A", 5, 6, 4, "p1"),
        ]


def test_a_correction_is_read_again_by_who_goes_on(state, make_prediction, tell, at):
    with state.write() as connection:
        insert(connection, [make_prediction("p1"), make_prediction("p2")])
        tell(connection, Event("p1", 6, at), Event("p2", 6, at))
        last = newest_label(connection, *PAIR)
        tell(connection, Event("p1", 7, at + timedelta(hours=1)))
        seen = read_paired(connection, *PAIR, after=last)
        assert [(pair.prediction_id, pair.truth) for pair in seen] == [("p1", 7)]
        assert [pair.prediction_id for pair in read_paired(connection, *PAIR)] == ["p2", "p1"]


def test_what_changes_no_evidence_is_not_read_again(state, make_prediction, tell, at):
    with state.write() as connection:
        insert(connection, [make_prediction("p1")])
        tell(connection, Event("p1", 6, at))
        last = newest_label(connection, *PAIR)
        tell(connection, Event("p1", 6, at), Event("p1", 6, at, source="audit"), Event("p1", 7, at, at - timedelta(1)))
        tell(connection, Event("p1", 7, at, at + timedelta(days=2)))
        assert newest_label(connection, *PAIR) == last


def test_a_label_that_was_expired_is_read_once_it_counts(state, make_prediction, tell, at):
    with state.write() as connection:
        insert(connection, [make_prediction("p1")])
        tell(connection, Event("p1", 6, at, at + timedelta(days=2)))
        last = newest_label(connection, *PAIR)
        tell(connection, Event("p1", 6, at, at))
        assert [pair.truth for pair in read_paired(connection, *PAIR, after=last)] == [6]


def test_a_label_whose_other_score_came_later_is_read_then(state, make_prediction, tell, at):
    with state.write() as connection:
        insert(connection, [make_prediction("late", challenger_value=None), make_prediction("p2")])
        tell(connection, Event("late", 6, at), Event("p2", 6, at))
        last = read_paired(connection, *PAIR)[-1].label_id
        fill(connection, "challenger", [("late", 7), ("unlabelled", 7)])
        seen = read_paired(connection, *PAIR, after=last)
        assert [(pair.prediction_id, pair.challenger_value, pair.truth) for pair in seen] == [("late", 7, 6)]


def test_a_renewed_label_stays_what_it_was(state, make_prediction, tell, at):
    with state.write() as connection:
        insert(connection, [make_prediction("p1")])
        tell(connection, Event("p1", 6, at), Event("p1", 6, at))
        before = read_paired(connection, *PAIR)
        renew(connection, ["p1", "unknown"])
        after = read_paired(connection, *PAIR)
        assert after[0].label_id > before[0].label_id
        assert [vars(pair) | {"label_id": 0} for pair in after] == [vars(pair) | {"label_id": 0} for pair in before]
        assert count_labels(connection, *PAIR) == {"A": 1, "B": 0}


def test_a_reader_never_meets_a_label_before_a_smaller_one(state, truths, make_prediction, at):
    """On PostgreSQL a transaction that took its ids first may commit last, unless writers stand in line."""
    import threading

    ids = {thread: [f"{thread} {n}" for n in range(40)] for thread in range(3)}
    with state.write() as connection:
        insert(connection, [make_prediction(one) for mine in ids.values() for one in mine])

    def write(mine: list[str]) -> None:
        for one in mine:
            with state.write() as connection:
                known = find_known(connection, [one])
                record_many(connection, [Event(one, 6, at)], known, truths)

    threads = [threading.Thread(target=write, args=(mine,)) for mine in ids.values()]
    for thread in threads:
        thread.start()
    met, last = [], 0
    while any(thread.is_alive() for thread in threads) or not met:
        with state.read() as connection:
            pairs = read_paired(connection, *PAIR, after=last)
        met += [pair.prediction_id for pair in pairs]
        last = pairs[-1].label_id if pairs else last
    with state.read() as connection:
        met += [pair.prediction_id for pair in read_paired(connection, *PAIR, after=last)]
    assert sorted(met) == sorted(one for mine in ids.values() for one in mine)
