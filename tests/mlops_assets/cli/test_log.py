"""`mlops log`, on rows of the tiny use case."""

import csv
import json
from datetime import timedelta

import pandas as pd
import pytest
import sqlalchemy as sa

from mlops_assets.cli import log_files
from mlops_assets.cli.log_files import write_log
from resources.state import audit
from resources.state.documents import StoredDocument, add_document, link_predictions
from resources.state.feedback import Event, record_many
from resources.state.labelling import find_known
from resources.state.prediction import Prediction
from resources.state.predictions import insert, predictions
from resources.state.promotions import promote
from resources.state.retrains import retrains
from resources.state.truth import Truths


@pytest.fixture
def logged(empty):
    """Three rows, 100, 50 and 0 days old; the second is labelled."""
    now = empty.clock()
    rows = [
        Prediction(f"p{days}", "tiny", "u", "A", 1, None, 1, None, 1, {"x": 0.5}, 1, now - timedelta(days=days))
        for days in (100, 50, 0)
    ]
    with empty.state.write() as connection:
        insert(connection, rows)
        record_many(connection, [Event("p50", 0, now)], find_known(connection, ["p50"]), Truths(empty.use_cases))
    return empty


def left(installation) -> list[str]:
    with installation.state.read() as connection:
        return list(connection.execute(sa.select(predictions.c.prediction_id).order_by(predictions.c.id)).scalars())


def test_the_log_is_exported_as_parquet_into_the_home(logged, mlops):
    done = mlops("log", "export", "tiny")
    assert done.code == 0
    path = logged.settings.root / "reports" / "tiny" / "predictions.parquet"
    assert done.out == [str(path)]
    table = pd.read_parquet(path)
    assert table["prediction_id"].tolist() == ["p100", "p50", "p0"]
    assert table["answered"].tolist() == ["1", "1", "1"]  # in the type of the target, which is a category
    assert table["truth"].isna().tolist() == [True, False, True]
    assert json.loads(table["features"][0]) == {"x": 0.5}


def test_the_log_is_exported_as_csv_between_two_moments(logged, mlops, tmp_path):
    since = (logged.clock() - timedelta(days=60)).isoformat()
    until = (logged.clock() - timedelta(days=1)).date().isoformat()
    path = tmp_path / "some.csv"
    assert (
        mlops("log", "export", "tiny", "--format", "csv", "--since", since, "--until", until, "--out", str(path)).code
        == 0
    )
    with path.open(newline="", encoding="utf-8") as file:
        assert [(row["prediction_id"], row["truth"]) for row in csv.DictReader(file)] == [("p50", "0")]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_file_that_was_there_stays_when_the_export_fails(logged, tmp_path, form):
    path = tmp_path / "log"
    path.write_text("before", encoding="utf-8")

    def failing():
        yield []
        raise OSError("the database went away")

    with pytest.raises(OSError, match="went away"):
        write_log(path, form, logged.use_cases["tiny"], failing(), print)
    assert path.read_text(encoding="utf-8") == "before"
    assert [one.name for one in tmp_path.glob(".log*")] == []


def test_long_exports_tell_how_far_they_are(logged, tmp_path, monkeypatch):
    monkeypatch.setattr(log_files, "TELL_EVERY", 2)
    row = {"features": {}, "at": logged.clock()}
    told: list[str] = []
    assert (
        write_log(tmp_path / "log", "csv", logged.use_cases["tiny"], [[dict(row)], [dict(row)] * 2], told.append) == 3
    )
    assert told == ["3 answers so far"]


def test_a_wrong_moment_is_one_sentence(logged, mlops):
    done = mlops("log", "export", "tiny", "--since", "yesterday")
    assert done.code == 2
    assert done.err == ["error: --since 'yesterday': a date or time is due: 2026-03-01 or 2026-03-01T12:00:00+01:00"]


def test_old_answers_are_pruned_and_audited(logged, mlops):
    done = mlops("log", "prune", "tiny", "--older-than", "90d", "--yes")
    assert done.code == 0
    assert done.out == ["tiny: 1 answers go, with their labels and feedback", "tiny: 1 answers removed"]
    assert left(logged) == ["p50", "p0"]
    with logged.state.read() as connection:
        [change] = [one for one in audit.last_changes(connection, "tiny") if one.action == "prune"]
    assert (change.who, change.after["removed"]) == ("mlops log prune", 1)


def test_nothing_goes_without_a_yes(logged, mlops):
    assert mlops("log", "prune", "tiny", "--older-than", "90d").code != 0
    assert len(left(logged)) == 3


def test_answers_of_a_running_experiment_stay_and_are_counted(empty, mlops):
    at = empty.clock() - timedelta(days=100)
    pairs = {"of the experiment": (1, 2), "before it": (1, None)}
    with empty.state.write() as connection:
        for one, versions in pairs.items():
            insert(connection, [Prediction(one, "tiny", "u", "A", *versions, 1, 1, 1, {"x": 0.5}, 1, at)])
        promote(connection, "tiny", 1, expected=None, kind="first", reason="", at=at, by="test")
        retrain = {"use_case": "tiny", "dagster_run_id": "r", "data_hash": "", "batches": [], "rows": 1, "cause": ""}
        connection.execute(
            retrains.insert().values(**retrain, drift_id=0, status="registered", version=2, started_at=at)
        )
    done = mlops("log", "prune", "tiny", "--older-than", "90d", "--yes")
    assert "tiny: 1 stay, for version 2 is under test against version 1" in done.out
    assert left(empty) == ["of the experiment"]


def test_old_documents_go_with_the_answers_that_rest_on_them(logged, mlops):
    at = logged.clock() - timedelta(days=100)
    with logged.state.write() as connection:
        add_document(connection, StoredDocument("d1", "tiny", "a" * 64, "scan.png", "image/png", 4, at, ""))
        link_predictions(connection, "d1", 1, ["p100"])
    logged.lake.write_bytes(b"scan", "tiny", "documents", "a" * 64)
    path = logged.settings.root / "log.csv"
    assert mlops("log", "export", "tiny", "--format", "csv", "--out", str(path)).code == 0
    with path.open(newline="", encoding="utf-8") as file:
        assert [row["document_id"] for row in csv.DictReader(file)] == ["d1", "", ""]
    done = mlops("log", "prune", "tiny", "--older-than", "90d", "--yes")
    assert done.out[-2:] == ["tiny: 1 answers removed", "tiny: 1 documents removed"]
    assert not logged.lake.exists("tiny", "documents", "a" * 64)
