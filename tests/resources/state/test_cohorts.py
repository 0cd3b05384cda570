from dataclasses import replace
from datetime import UTC, datetime

from resources.state.cohorts import BLOCK_MIN, block_size, cohorts_of
from resources.state.labelling import Label, find_known, write_labels
from resources.state.predictions import insert

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAIR = ("wine_quality", 1, 2)


def test_answers_are_counted_by_block_arm_and_agreement(state, make_prediction):
    rows = [
        make_prediction("same", challenger_value=5),
        make_prediction("other"),
        make_prediction("other too"),
        make_prediction("of b", arm="B", answered=6),
        make_prediction("alone", challenger_value=None, degraded=True),
        make_prediction("older", challenger_version=3),
    ]
    with state.write() as connection:
        insert(connection, rows)
        found = cohorts_of(connection, *PAIR, 1000, said=False)
        counted = {(one.arm, one.agree): (one.answers, one.without_challenger, one.degraded) for one in found}
        assert counted == {
            ("A", True): (1, 0, 0),
            ("A", False): (2, 0, 0),
            ("B", False): (1, 0, 0),
            ("A", None): (1, 1, 1),
        }
        assert all(one.without_champion == 0 and one.said is None for one in found)


def test_labels_are_counted_for_the_first_answer_of_each_unit(state, make_prediction):
    rows = [
        make_prediction("first", unit_id="often"),
        *(make_prediction(f"again {n}", unit_id="often") for n in range(20)),
        make_prediction("labelled", unit_id="once"),
        make_prediction("late", unit_id="too late"),
    ]
    with state.write() as connection:
        insert(connection, rows)
        known = find_known(connection, ("again 0", "labelled", "late"))
        label = Label(6, "6", "client", NOON, NOON, corrections=0, duplicates=0, expired=False)
        write_labels(connection, dict.fromkeys(("again 0", "labelled"), label), known)
        write_labels(connection, {"late": replace(label, expired=True)}, known)
        (found,) = cohorts_of(connection, *PAIR, 1000, said=False)
    assert (found.answers, found.units, found.labels) == (23, 3, 1)


def test_what_was_said_is_told_where_it_is_asked_for(state, make_prediction):
    with state.write() as connection:
        insert(connection, [make_prediction("p1"), make_prediction("p2", answered="red", champion_value="red")])
        said = {one.said.strip('"') for one in cohorts_of(connection, *PAIR, 1000, said=True)}
    assert said == {"5", "red"}


def test_blocks_follow_the_log(state, make_prediction):
    with state.write() as connection:
        insert(connection, [make_prediction(f"p{n}") for n in range(BLOCK_MIN * 3)])
        size = block_size(connection, *PAIR)
        found = cohorts_of(connection, *PAIR, size, said=False)
    assert size == BLOCK_MIN
    assert sum(one.answers for one in found) == BLOCK_MIN * 3
    assert [one.block for one in found] == sorted({one.block for one in found})
