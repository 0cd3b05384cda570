"""What the commands about certificates print, and with what they end."""

import json
import shutil

import pytest
from chain import tell
from tiny_loop import answer, train

from mlops_assets.graph.steps.certify import certify, open_certificates


@pytest.fixture
def told(tmp_path):
    """Certificates in the home of the commands, and nothing else."""
    return tell(tmp_path / "home")


def test_verify_needs_no_database_and_makes_none(told, mlops):
    done = mlops("verify", "--all")
    assert (done.code, done.out[-1]) == (0, "all is as it was written")
    assert done.out[1].split() == ["tiny", "4", "2", done.out[1].split()[3], "0", done.out[1].split()[5]]
    assert sorted(path.name for path in told.home.iterdir()) == ["certificates", "lake"]


def test_verify_prints_one_object_for_programs(told, mlops):
    found = json.loads(mlops("verify", "--all", "--json").out[0])
    assert (found["ok"], found["lost"]) == (True, [])
    (checked,) = found["checked"]
    assert (checked["use_case"], checked["certificates"], checked["failures"]) == ("tiny", 4, [])


def test_verify_names_the_file_what_was_due_and_what_was_found(told, mlops):
    path = told.folder / "000003-reject.json"
    path.write_bytes(path.read_bytes().replace(b"it was better", b"it was bitter"))
    done = mlops("verify", "--all")
    assert (done.code, done.out[-1]) == (1, "failures: 2")
    assert any("tiny: 000003-reject.json: SHA-256" in line and "found" in line for line in done.out)
    assert json.loads(mlops("verify", "--all", "--json").out[0])["ok"] is False


def test_verify_takes_files_and_folders_of_a_copy(told, mlops, tmp_path):
    copy = shutil.copytree(told.home, tmp_path / "copy") / "certificates" / "tiny"
    assert mlops("verify", str(copy / "000002-promote.json")).code == 0
    assert mlops("verify", str(copy)).code == 0
    (copy / "000002-promote.html").unlink()
    assert mlops("verify", str(copy / "000002-promote.json")).code == 1
    assert mlops("verify", str(copy / "000001-first.json")).code == 0


def test_verify_misses_a_hash_that_was_noted(told, mlops):
    noted = json.loads(mlops("verify", "--all", "--json").out[0])["checked"][0]["newest"]
    assert mlops("verify", "--all", "--noted", noted).code == 0
    done = mlops("verify", "--all", "--noted", "0" * 64)
    assert done.code == 1
    assert any(f"no certificate has the noted SHA-256 {'0' * 64}" in line for line in done.out)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "name certificates to verify, or --all of them"),
        (("--all", "one.json"), "name certificates to verify, or --all of them"),
        (("nowhere.json",), "nowhere.json: no such certificate"),
    ],
)
def test_verify_without_anything_to_verify_is_an_error(told, mlops, arguments, sentence):
    done = mlops("verify", *arguments)
    assert (done.code, done.err) == (2, [f"error: {sentence}"])


def test_verify_of_a_home_without_certificates_is_no_success(empty, mlops):
    done = mlops("verify", "--all")
    assert done.code == 2
    assert "there are no certificates yet" in done.err[0]


def test_history_before_the_first_champion_says_so(empty, mlops):
    assert mlops("history", "tiny").out == ["tiny: there was no champion yet"]
    assert mlops("history", "none").code == 2


def test_history_and_trace_lead_to_the_certificate(empty, mlops):
    train(empty, "a" * 64, 1)
    train(empty, "b" * 64, 2)
    certify(empty, empty.use_cases["tiny"])
    answer(empty, 3)
    done = mlops("history", "tiny")
    assert any(line.split()[:1] == ["1"] and "now" in line for line in done.out)
    assert "version 1 by tests: the first" in done.out
    (kept,) = open_certificates(empty, empty.use_cases["tiny"]).readable()
    assert f"  certificate: 000001-first.json, SHA-256 {kept.sha256}" in done.out
    (champion,) = json.loads(mlops("history", "tiny", "--json").out[0])["champions"]
    assert (champion["version"], champion["until"], champion["sha256"]) == (1, None, kept.sha256)
    assert f"certificate 000001-first.json, SHA-256 {kept.sha256}" in mlops("trace", "request 1").out
    assert json.loads(mlops("trace", "request 1", "--json").out[0])["decided"]["sha256"] == kept.sha256
    unknown = mlops("trace", "nope")
    assert (unknown.code, len(unknown.err)) == (2, 1)


def test_status_names_the_newest_certificate_or_says_that_it_was_changed(empty, mlops):
    assert json.loads(mlops("status", "--json").out[0])["tiny"]["certificate"] is None
    train(empty, "a" * 64, 1)
    (kept,) = certify(empty, empty.use_cases["tiny"])
    assert "certificate 000001-first.json: version 1 is the first champion" in " ".join(mlops("status").out)
    assert json.loads(mlops("status", "--json").out[0])["tiny"]["certificate"]["sha256"] == kept.sha256
    path = empty.settings.root / "certificates" / "tiny" / kept.name
    path.write_bytes(path.read_bytes() + b" ")
    assert "was changed after it was written" in " ".join(mlops("status").out)


def test_doctor_tells_of_a_certificate_that_is_due_and_of_one_that_was_changed(empty, mlops):
    train(empty, "a" * 64, 1)

    def told() -> tuple[bool, str]:
        lines = [json.loads(line) for line in mlops("doctor", "--json").out]
        return next((one["good"], one["sentence"]) for one in lines if one["what"] == "certificates of tiny")

    good, sentence = told()
    assert (good, "mlops run --once tiny" in sentence) == (False, True)
    (kept,) = certify(empty, empty.use_cases["tiny"])
    assert told() == (True, "every decision has one")
    path = empty.settings.root / "certificates" / "tiny" / kept.name
    path.write_bytes(path.read_bytes() + b" ")
    good, sentence = told()
    assert (good, "was changed after it was written" in sentence) == (False, True)
