"""The champion changes under load, promotions race, a process dies between row and alias, a copy was pruned."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from patience import PATIENCE_S, wait_until
from stages import NAME, WINE, Stage, ask, make_champion, trusting

from resources.failpoint import EXIT_CODE, VARIABLE
from resources.promotion import change_champion, reconcile
from resources.state import promotions
from resources.state.database import State
from serving.api.promotions import Parts
from serving.app import create_app
from serving.router import utc_now

pytestmark = pytest.mark.slow


def test_no_answer_mixes_version_and_value_while_versions_are_swapped(served, stage, bundles):
    stage.register(2, bundles[6])
    served.models.copies.prove(NAME, 2)
    app, done = create_app(served), threading.Event()

    given: list[tuple[int, int]] = []

    def answers() -> None:
        client = app.test_client()
        while not done.is_set():
            answer = client.post("/predict", json={"use_case": NAME, "features": WINE})
            assert answer.status_code == 200, answer.text
            given.append((answer.json["version"], answer.json["value"]))

    with ThreadPoolExecutor(3) as callers:
        asked = [callers.submit(answers) for _ in range(3)]
        for swap_ in range(20):
            before, after = (1, 2) if swap_ % 2 == 0 else (2, 1)
            make_champion(stage, after, before)
            served.models.follow()
            wanted = len(given) + 10
            wait_until(lambda wanted=wanted: len(given) >= wanted or any(one.done() for one in asked))
        done.set()
        for one in asked:
            one.result()
    assert set(given) == {(1, 5), (2, 6)}


def test_of_two_promotions_one_wins_and_the_other_is_told(served, stage, bundles):
    for version in range(2, 4):
        stage.register(version, bundles[6])
        served.models.copies.prove(NAME, version)
    app, begin = create_app(served), threading.Barrier(2)

    def try_to(version: int, expected: int) -> int:
        body = {"use_case": NAME, "to_version": version, "expected_version": expected, "reason": "race"}
        begin.wait(PATIENCE_S)
        return app.test_client().post("/promote", json=body).status_code

    with ThreadPoolExecutor(2) as callers:
        for _ in range(50):
            champion = served.models.of(NAME).champion.version
            others = [version for version in (1, 2, 3) if version != champion]
            codes = list(callers.map(try_to, others, [champion, champion]))
            assert sorted(codes) == [200, 409]
            winner = others[codes.index(200)]
            assert served.models.of(NAME).champion.version == winner
            assert stage.registry.aliases[NAME, "champion"] == winner
    with stage.state.read() as connection:
        assert len(promotions.history(connection, NAME)) == 51


def test_after_a_kill_between_row_and_alias_both_agree(stage, bundles):
    stage.register(2, bundles[6])
    first = stage.models(probe=trusting)
    first.refresh()
    first.copies.prove(NAME, 2)
    for round_ in range(10):
        before, after = (1, 2) if round_ % 2 == 0 else (2, 1)
        child = os.fork()
        if child == 0:
            _promote_until_killed(stage, before, after)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == EXIT_CODE
        assert stage.registry.aliases[NAME, "champion"] == before
        restarted = stage.models(probe=trusting)
        assert restarted.of(NAME).champion.version == after
        reconcile(Parts(stage.state, stage.registry, utc_now), stage.use_cases[NAME])
        assert stage.registry.aliases[NAME, "champion"] == after
        restarted.refresh()
        assert restarted.of(NAME).problems == {}


def _promote_until_killed(stage: Stage, before: int, after: int) -> None:
    """In a child: its connections are its own, and it never returns."""
    os.environ[VARIABLE] = "promoted_before_alias"
    state = State(stage.state.url)
    change_champion(
        Parts(state, stage.registry, utc_now), stage.use_cases[NAME], after,
        expected=before, kind="promote", reason="", by="test",
    )  # fmt: skip
    os._exit(0)


def test_a_rollback_finds_its_version_after_the_copies_were_pruned(served, stage, bundles):
    client = create_app(served).test_client()
    for version in range(2, 12):
        stage.register(version, bundles[6])
        body = {"use_case": NAME, "to_version": version, "expected_version": version - 1, "reason": "newer"}
        assert client.post("/promote", json=body).status_code == 200
    folder = served.models.copies.folder / NAME
    for marker in folder.glob("*.proven"):
        os.utime(marker, (0, 0))
    make_champion(stage, 1, 11)  # back to one that is neither among the newest nor in memory
    served.models.refresh()
    assert served.models.of(NAME).champion.version == 1
    make_champion(stage, 11, 1)
    for marker in folder.glob("*.proven"):
        os.utime(marker, (0, 0))
    served.models.refresh()
    assert sorted(int(place.name) for place in folder.iterdir() if place.name.isdecimal()) == [1, 7, 8, 9, 10, 11]
    stage.registry.down = True
    answer = client.post("/rollback", json={"use_case": NAME, "reason": "complaints"})
    assert (answer.status_code, answer.json["to_version"]) == (200, 1)
    assert ask(served) == [(1, 5)]
