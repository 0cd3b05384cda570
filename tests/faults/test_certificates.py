"""Processes die between a decision and its certificate; each decision still gets one, whole, in its place."""

from collections.abc import Iterator

import pytest
from commands import kill_at, run
from ports import free_port
from real_router import post, router
from tiny_loop import answer, challenged_home, copy_home, open_tiny

from mlops_assets.certificate.certificate import read_certificate
from mlops_assets.certificate.verification import check_folder
from resources.installation import Installation

pytestmark = pytest.mark.slow

ONCE = ("run", "--once", "tiny")


@pytest.fixture
def tested(tmp_path_factory, tmp_path) -> Iterator[Installation]:
    installation = open_tiny(copy_home(challenged_home(tmp_path_factory.getbasetemp()), tmp_path / "home"))
    (installation.settings.root / ".ready").touch()
    yield installation
    installation.state.close()


def kinds(installation: Installation) -> list[str]:
    """Of the certificates, which verify, in the order of the chain."""
    folder = installation.settings.root / "certificates" / "tiny"
    found = check_folder(folder)
    assert (found.failures, found.unjudged) == ((), 0)
    return [read_certificate(path.read_bytes()).kind for path in sorted(folder.glob("*.json"))]


@pytest.mark.parametrize(
    "point",
    ["evidence_kept", "promoted_before_alias", "certificate_written", "certificate_drawn", "certificate_listed"],
)
def test_a_promotion_that_was_killed_anywhere_has_one_certificate_after_a_restart(tested, point):
    answer(tested, 100)
    kill_at(tested.settings.root, point, *ONCE)
    assert run(tested.settings.root, *ONCE) == 0
    assert kinds(tested) == ["first", "promote"]
    assert run(tested.settings.root, *ONCE) == 0
    assert kinds(tested) == ["first", "promote"]


@pytest.mark.parametrize("point", ["promoted_before_alias", "certificate_written"])
def test_a_rollback_that_was_killed_has_one_too(tested, point):
    answer(tested, 100)
    assert run(tested.settings.root, *ONCE) == 0
    kill_at(tested.settings.root, point, "rollback", "tiny")
    assert run(tested.settings.root, *ONCE) == 0
    assert kinds(tested) == ["first", "promote", "rollback"]


def test_a_promotion_over_http_has_a_certificate_that_verifies(tested):
    root, port = tested.settings.root, free_port()
    with router(root, port):
        wanted = {"use_case": "tiny", "to_version": 2, "expected_version": 1, "reason": "a person looked"}
        assert post(port, "/promote", wanted)["to_version"] == 2
    assert run(root, *ONCE) == 0
    assert kinds(tested) == ["first", "promote"]
    (path,) = (root / "certificates" / "tiny").glob("*-promote.json")
    certificate = read_certificate(path.read_bytes())
    assert (certificate.champion, certificate.by, certificate.reason) == (2, "local", "a person looked")
    assert run(root, "verify", str(path)) == 0
    path.write_bytes(path.read_bytes().replace(b"a person looked", b"nobody looked, "))
    assert run(root, "verify", str(path)) == 1


def test_two_that_write_at_once_write_each_certificate_once(tested):
    from concurrent.futures import ThreadPoolExecutor

    from mlops_assets.graph.steps.certify import certify
    from resources.state.promotions import promote

    with tested.state.write() as connection:
        for number in range(6):
            before, after = (1, 2) if number % 2 == 0 else (2, 1)
            promote(
                connection, "tiny", after, expected=before, kind="rollback", reason="", at=tested.clock(), by="tests"
            )  # fmt: skip
    with ThreadPoolExecutor(4) as writers:
        written = [
            one for each in writers.map(lambda _: certify(tested, tested.use_cases["tiny"]), range(4)) for one in each
        ]
    assert sorted(one.certificate.number for one in written) == [2, 3, 4, 5, 6, 7]
    assert kinds(tested) == ["first", *["rollback"] * 6]
