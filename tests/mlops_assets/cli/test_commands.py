import json
import os
import re
import shutil
import socket
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock
from tiny_loop import answer, points

from resources.registry import Registry, RegistryError
from resources.state import promotions


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "new.csv"
    points(8, n=50).to_csv(path, index=False)
    return path


@pytest.fixture
def promoted(challenged, mlops):
    """Version 2 replaced version 1."""
    answer(challenged, 100)
    assert mlops("run", "--once", "tiny").code == 0
    return challenged


def champion(installation) -> tuple[int | None, int]:
    """By the promotion rows, and by the registry."""
    with installation.state.read() as connection:
        row = promotions.current(connection, "tiny")
    return row, installation.registry.version_by_alias("tiny", "champion").version


def test_the_version_and_the_commands_are_listed(mlops):
    done = mlops("--help")
    assert done.code == 0
    for name in (
        "demo",
        "up",
        "run",
        "land",
        "train",
        "predict",
        "simulate",
        "status",
        "rollback",
        "history",
        "trace",
        "verify",
        "doctor",
    ):
        assert any(name in line for line in done.out)


def test_status_of_an_empty_home_says_so(empty, mlops):
    done = mlops("status")
    assert done.code == 0
    assert done.out[0].startswith("nothing landed yet for ")
    assert "tiny" in done.out[0]
    assert mlops("status", "tiny").out[1].split() == ["batches", "none", "yet"]


def test_use_cases_are_listed_with_the_persons_own(empty, mlops):
    assert json.loads(mlops("use-case", "list", "--json").out[0])["tiny"] == "Whether a point lies above a line."
    assert mlops("use-case", "check").code == 0


def test_a_file_lands_whole_or_in_blocks(empty, mlops, file):
    assert mlops("land", str(file), "--use-case", "tiny").code == 0
    assert mlops("land", str(file), "--use-case", "tiny", "--rows", "20").code == 0
    landed = {path.name: len(pd.read_csv(path)) for path in (empty.settings.root / "landing" / "tiny").iterdir()}
    assert landed == {"new.csv": 50, "new-00001.csv": 20, "new-00002.csv": 20, "new-00003.csv": 10}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("status", "--jsn"), "No such option"),
        (("land", "FILE", "--use-case", "beer"), "use case 'beer' is unknown; available: "),
        (("land", "FILE", "--use-case", "tiny", "--every", "1d", "--rows", "2"), "--every and --rows exclude"),
        (("land", "FILE", "--use-case", "tiny", "--every", "1d"), "'tiny' has no time column; cut by rows"),
        (("run", "--once", "--watch"), "--once and --watch exclude each other; name one"),
        (("run", "beer"), "use case 'beer' is unknown"),
        (("rollback", "tiny"), "tiny: there is no previous champion to go back to"),
        (("predict", "FILE", "--use-case", "tiny"), "tiny: there is no champion yet; land data and run"),
        (("predict", "FILE", "--use-case", "tiny", "--model", "best"), "'best' is neither champion, challenger nor"),
    ],
)  # fmt: skip
def test_a_wrong_call_is_exit_code_2_and_a_sentence(empty, mlops, file, arguments, sentence):
    done = mlops(*(str(file) if one == "FILE" else one for one in arguments))
    assert done.code == 2
    assert sentence in " ".join(done.err)
    assert "Traceback" not in " ".join(done.err)


def test_two_loops_on_one_home_are_refused(empty, mlops):
    with FileLock(empty.settings.root / ".resident.lock"):
        assert mlops("run", "--once", "tiny").code == 2


@pytest.mark.slow
def test_status_tells_champion_challenger_drift_and_labels(challenged, mlops):
    answer(challenged, 7)
    found = json.loads(mlops("status", "--json").out[0])["tiny"]
    assert (found["champion"], found["challenger"], found["labels"]) == (1, 2, {"A": 5, "B": 2})
    assert (found["batches"], found["drift"]["status"]) == ({"accepted": 2}, "drift")
    told = " ".join(mlops("status").out)
    assert "version 2, 7 labels so far; " in told
    assert re.search(r"champion    version 1: .+, accuracy [\d.]+ \([\d.]+ to [\d.]+\) on \d+ held-out rows", told)


@pytest.mark.slow
def test_a_run_with_nothing_pending_does_nothing(challenged, mlops):
    done = mlops("run", "--once", "tiny")
    assert (done.code, done.out) == (0, ["nothing was pending"])


@pytest.mark.slow
def test_a_run_tells_each_of_its_runs_as_json(challenged, mlops):
    answer(challenged, 10)
    (ran,) = (json.loads(line) for line in mlops("run", "--once", "--json", "tiny").out)
    assert (ran["sensor"], ran["job"], ran["success"]) == ("tiny_verdict", "tiny_decide", True)


@pytest.mark.slow
def test_status_tells_that_the_champion_before_is_watched(promoted, mlops):
    assert "version 1, the champion before, watched, 0 labels so far" in " ".join(mlops("status").out)


@pytest.mark.slow
def test_a_rollback_restores_the_former_champion_and_the_alias(promoted, mlops):
    assert champion(promoted) == (2, 2)
    done = mlops("rollback", "tiny", "--reason", "complaints", "--json")
    told = json.loads(done.out[0])
    assert (told["use_case"], told["from_version"], told["to_version"]) == ("tiny", 2, 1)
    assert [one["file"] for one in told["certificates"]] == ["000003-rollback.json"]
    assert champion(promoted) == (1, 1)
    with promoted.state.read() as connection:
        row = promotions.history(connection, "tiny")[0]
    assert (row.kind, row.reason, row.by) == ("rollback", "complaints", "mlops rollback")


@pytest.mark.slow
def test_a_rollback_holds_while_the_registry_is_away_and_is_no_error(promoted, mlops, monkeypatch):
    def away(*_):
        raise RegistryError("registry: no answer")

    with monkeypatch.context() as patched:
        patched.setattr(Registry, "version_by_alias", away)
        done = mlops("rollback", "tiny", "--json")
    told = json.loads(done.out[0])
    assert (done.code, told["to_version"], told["alias_set"]) == (0, 1, False)
    assert [one["file"] for one in told["certificates"]] == ["000003-rollback.json"]
    assert "its alias follows when the registry answers" in " ".join(done.err)
    assert champion(promoted) == (1, 2)


@pytest.mark.slow
def test_a_rollback_to_a_version_that_does_not_load_changes_nothing(promoted, mlops):
    bundle = promoted.settings.root / "bundles" / "tiny" / "1"
    (bundle / "pipeline.skops").write_bytes(b"something else")
    assert mlops("rollback", "tiny").code == 2
    assert champion(promoted) == (2, 2)


@pytest.mark.slow
def test_the_rejected_challenger_does_not_come_back_after_a_rollback(promoted, mlops):
    mlops("rollback", "tiny")
    assert mlops("run", "--once", "tiny").out == ["nothing was pending"]
    assert champion(promoted) == (1, 1)


@pytest.mark.slow
@pytest.mark.parametrize(("model", "version"), [("champion", 1), ("challenger", 2), ("2", 2)])
def test_a_file_is_answered_by_the_version_asked_for(challenged, mlops, file, model, version):
    done = mlops("predict", str(file), "--use-case", "tiny", "--model", model)
    assert done.out == [str(file.with_name("new-predicted.csv"))]
    answered = pd.read_csv(done.out[0])
    assert len(answered) == 50
    assert set(answered["model_version"]) == {version}
    if version == 1:
        assert (answered["prediction"] == answered["above"]).mean() > 0.9


@pytest.mark.slow
def test_a_training_by_hand_registers_and_says_why(challenged, mlops):
    done = mlops("train", "tiny", "training.families=[tree]", "--json")
    told = json.loads(done.out[-1])
    assert (told["use_case"], told["status"], told["version"]) == ("tiny", "registered", 3)


@pytest.mark.slow
def test_reports_are_written_below_the_home(promoted, mlops):
    assert mlops("report", "summary", "tiny").out == [str(promoted.settings.root / "reports" / "tiny" / "summary.html")]
    page = (promoted.settings.root / "reports" / "tiny" / "summary.html").read_text(encoding="utf-8")
    assert "champion<b>version 2</b>" in page
    assert "data:image/png;base64," in page
    assert '<a href="eda/all.html">' in page
    assert '<a href="../../certificates/tiny/' in page
    explored = Path(mlops("report", "eda", "tiny").out[0])
    assert explored == promoted.settings.root / "reports" / "tiny" / "eda" / "all.html"
    assert "All accepted rows of 2 batch(es)" in explored.read_text(encoding="utf-8")
    assert "window 'x' of tiny has no page" in mlops("report", "eda", "tiny", "--window", "x").err[-1]
    written = [Path(line) for line in mlops("report", "ab", "tiny").out]
    assert [path.name for path in written] == ["ab.html", "interval.png"]
    page = written[0].read_text(encoding="utf-8")
    assert "Version 2 is better and takes over." in page
    assert "promote: 1 → 2" in page
    assert "first: 1" in page
    assert (
        "fine: 20.0\N{NO-BREAK SPACE}% of 100 units were answered by B, 20.0\N{NO-BREAK SPACE}% were planned." in page
    )
    assert "candidates compared" in page
    assert "100 labels came: 80 for answers of A, 20 for answers of B." in page


@pytest.mark.slow
def test_doctor_finds_an_alias_that_is_not_the_rows(challenged, mlops):
    assert mlops("doctor").code == 0
    challenged.registry.set_alias("tiny", "champion", 2)
    done = mlops("doctor", "--json")
    (bad,) = [found for found in map(json.loads, done.out) if not found["good"]]
    assert (done.code, bad["what"]) == (1, "tiny")
    assert bad["sentence"].endswith("mend it: mlops run --once tiny")
    assert mlops("run", "--once", "tiny").code == 0
    assert mlops("doctor").code == 0


def test_a_run_whose_sensor_fails_says_which_and_ends_with_1(empty, mlops, tmp_path):
    (tmp_path / "whole.csv").write_text("x,y,above\n1,2,0\n")
    mlops("land", str(tmp_path / "whole.csv"), "--use-case", "tiny")
    shutil.rmtree(empty.settings.root / "lake" / "tiny", ignore_errors=True)
    (empty.settings.root / "lake" / "tiny").touch()
    done = mlops("run", "--once", "tiny")
    (empty.settings.root / "lake" / "tiny").unlink()
    assert (done.code, done.out) == (1, ["0 runs, and tiny_landing could not tell what is pending"])
    assert "tiny_landing: FAILED: LakeError: " in " ".join(done.err)


def test_doctor_tells_of_a_registry_that_is_away_and_looks_on(empty, mlops, monkeypatch):
    def away(*_):
        raise RegistryError("registry: no answer")

    monkeypatch.setattr(Registry, "version_by_alias", away)
    found = {one["what"]: one for one in map(json.loads, mlops("doctor", "--json").out)}
    assert (found["tiny"]["good"], found["tiny"]["sentence"]) == (False, "registry: no answer")
    assert found["feedback"]["good"]


def test_doctor_asks_a_registry_that_is_away_once_and_briefly(empty, mlops, monkeypatch):
    with closing(socket.socket()) as free:  # bound and not listening: nobody answers there
        free.bind(("127.0.0.1", 0))
        where = f"http://127.0.0.1:{free.getsockname()[1]}"
        monkeypatch.setenv("MLOPS_MLFLOW_URI", where)
        done = mlops("doctor", "--json")
    (bad,) = [found for found in map(json.loads, done.out) if not found["good"]]
    assert (done.code, bad["what"]) == (1, "registry")
    assert f"no MLflow server answers at {where}; start it, or set MLOPS_MLFLOW_URI" in bad["sentence"]
    assert os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] == "1"


@pytest.mark.slow
def test_a_run_says_soon_that_the_registry_is_away_and_would_wait_for_it_later(challenged, mlops, monkeypatch):
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        where = f"http://127.0.0.1:{free.getsockname()[1]}"
        monkeypatch.setenv("MLOPS_MLFLOW_URI", where)
        done = mlops("run", "--once", "tiny")
    assert done.code == 2
    assert f"no MLflow server answers at {where}" in " ".join(done.err)
    assert "MLFLOW_HTTP_REQUEST_MAX_RETRIES" not in os.environ


def test_a_batch_that_failed_is_shown_with_its_reason(empty, mlops, tmp_path):
    (tmp_path / "cut.csv").write_bytes(b"x,y,above\n1,2,\x00\n")
    mlops("land", str(tmp_path / "cut.csv"), "--use-case", "tiny")
    assert mlops("run", "--once", "tiny").code == 1
    line = next(line for line in mlops("status", "tiny").out if line.strip().startswith("failed"))
    assert "cut.csv" in line
    assert "NUL byte" in line
