from resources.state.cohorts import BLOCK_MIN, block_size, cohorts_of
from resources.state.predictions import insert

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
