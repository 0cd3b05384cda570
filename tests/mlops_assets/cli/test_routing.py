import json

import pytest

from resources.state import audit

NAME = "wine_quality"


@pytest.fixture
def routing(mlops, empty):
    """What the command says about wine, as JSON."""

    def routing(command: str, *options: str) -> dict:
        done = mlops("routing", command, NAME, *options, "--json")
        assert done.code == 0, done.err
        return json.loads(done.out[-1])

    return routing


def test_the_experiment_of_the_file_is_shown_without_its_salt(routing):
    shown = routing("show")
    assert (shown["kind"], shown["split_b"], shown["version"], shown["by"]) == ("ab", 0.3, 1, "spec")
    assert shown["sentence"] == "A/B: B answers 30 % of the units."
    assert "salt" not in shown


def test_each_part_can_be_set_and_leaves_an_audit_row(routing, empty):
    assert routing("set", "--split", "0.4")["split_b"] == 0.4
    assert routing("set", "--pause")["split_b"] == 0.0
    assert routing("set", "--resume")["split_b"] == 0.4
    assert routing("set", "--kind", "shadow")["kind"] == "shadow"
    with empty.state.read() as connection:
        assert [change.who for change in audit.last_changes(connection, NAME)] == ["mlops routing"] * 4


def test_it_is_told_in_one_line(mlops, empty):
    done = mlops("routing", "set", NAME, "--kind", "canary")
    assert done.out == [
        f"{NAME}: Canary: waits for a challenger, which begins with 1 % of the units. "
        "Version 2, phase 2, by mlops routing."
    ]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "nothing to change: give one or more of --split, --kind, --pause, --resume"),
        (["--kind", "roulette"], "'roulette' is none of ab, shadow, canary"),
        (["--pause", "--expect", "5"], "expected version 5, it is at version 1"),
    ],
)
def test_what_cannot_be_set_is_one_line_and_exit_code_2(mlops, empty, options, words):
    done = mlops("routing", "set", NAME, *options)
    assert (done.code, len(done.err)) == (2, 1)
    assert words in done.err[0]
