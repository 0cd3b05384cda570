"""A use case small enough that the whole loop runs in seconds, and an installation of it."""

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pandas as pd
import sqlalchemy as sa

from mlops_assets.definitions import definitions_of
from mlops_assets.graph.resident import Resident
from mlops_assets.spec import UseCase
from mlops_assets.use_cases.load import check_use_case
from resources.home import prepare_home
from resources.installation import Installation
from resources.landing.drop import drop
from resources.settings import Settings
from resources.state import ledger, predictions, promotions
from resources.state.drift_log import record_drift
from resources.state.feedback import Event, record_many
from resources.state.labelling import find_known
from resources.state.labels import count_labels
from resources.state.prediction import Prediction
from resources.state.retrains import begin_retrain, change_retrain
from resources.state.truth import Truths

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROWS = 300

VALUES: dict[str, Any] = {
    "name": "tiny",
    "description": "Whether a point lies above a line.",
    "task": "classification",
    "target": "above",
    "format": {"kind": "delimited", "separator": ","},
    "columns": {
        "x": {"kind": "numeric", "nullable": False},
        "y": {"kind": "numeric", "nullable": False, "min": -100, "max": 100},
        "above": {"kind": "category", "allowed": ["no", "yes"]},
    },
    "landing": {"quiet_s": 0},
    "validation": {"rows_min": 20, "quarantine_share_max": 0.2},
    "retrain": {"rows_min": 100, "cooldown_s": 0},
    "training": {
        "metric": "accuracy",
        "engine": "lean",
        "budget_s": 600,
        "families": ["linear", "tree"],
        "preprocessing": ["plain"],
        "tune_best": 0,
        "folds": 2,
        "explain_rows": 0,
        "worse_by_max": 0.5,
    },
    "decision": {"loss": "zero_one", "labels_min": 20},
}


def tiny(**changes: dict[str, Any]) -> UseCase:
    """The use case, with keys of its sections changed: tiny(retrain={"rows_min": 5})."""
    merged = {name: {**VALUES.get(name, {}), **section} for name, section in changes.items()}
    return check_use_case(VALUES | merged, source="tests")


def points(seed: int, *, above: float = 0.0, at: float = 0.0, n: int = ROWS) -> pd.DataFrame:
    """Points around (`at`, `at`), each 'yes' when x + y is larger than `above`."""
    x, y = np.random.default_rng(seed).normal(at, 1.0, (2, n)).round(4)
    return pd.DataFrame({"x": x, "y": y, "above": np.where(x + y > above, "yes", "no")})


CALM = {"seed": 1}
DRIFTED = {"seed": 2, "at": 4.0, "above": 8.0}  # elsewhere, and what lies above is another half


def land(installation: Installation, name: str, frame: pd.DataFrame) -> None:
    """Drop a table into the landing folder."""
    use_case = installation.use_cases["tiny"]
    drop(installation.settings, use_case, f"{name}.csv", frame.to_csv(index=False).encode())


def open_tiny(root: Path, use_case: UseCase | None = None, **options: Any) -> Installation:
    """An installation below `root`, its state database ready; Dagster's and MLflow's are made at first use."""
    use_cases = {"tiny": use_case or tiny()}
    settings = Settings(home=root)
    prepare_home(settings, use_cases)
    (settings.own_use_cases / "tiny.yaml").write_text(json.dumps(VALUES), encoding="utf-8")  # JSON is YAML
    return Installation(settings, use_cases, **options)


@contextmanager
def opened_loop(installation: Installation) -> Iterator[Resident]:
    """The resident loop of an installation, on the Dagster instance in its home."""
    with dg.DagsterInstance.from_config(str(installation.settings.dagster_home)) as instance:
        yield Resident(definitions_of(installation), instance)


ADDRESSES = {
    "experiments": ("artifact_location",),
    "runs": ("artifact_uri",),
    "logged_models": ("artifact_location",),
    "model_versions": ("source", "storage_location"),
}


def copy_home(home: Path, to: Path) -> Path:
    """The home, copied; MLflow keeps absolute addresses, which are made to point into the copy."""
    shutil.copytree(home, to)
    if not (to / "mlflow" / "mlflow.db").exists():
        return to
    with closing(sqlite3.connect(to / "mlflow" / "mlflow.db")) as connection, connection:
        for table, columns in ADDRESSES.items():
            for column in columns:
                connection.execute(f"UPDATE {table} SET {column} = replace({column}, ?, ?)", (str(home), str(to)))
    return to


@cache
def trained_home(base: Path) -> Path:
    """A home below `base` where one batch landed and trained version 1, the champion; made once."""
    root = base / "trained" / "home"
    _go_on(root, "calm", points(**CALM))
    return root


@cache
def challenged_home(base: Path) -> Path:
    """The trained home after a batch that drifted: version 2 is under test against version 1; made once."""
    (base / "tested").mkdir()
    root = copy_home(trained_home(base), base / "tested" / "home")
    _go_on(root, "drifted", points(**DRIFTED))
    return root


def _go_on(root: Path, name: str, frame: pd.DataFrame) -> None:
    installation = open_tiny(root)
    land(installation, name, frame)
    with opened_loop(installation) as loop:
        ran = [(one.job, one.success) for one in loop.run_once()]
    installation.state.close()
    if ran != [("tiny_batch", True), ("tiny_train", True)]:
        raise AssertionError(f"a batch and a training were due, {ran} ran")


def answer(
    installation: Installation, n: int, *, right: str = "B", b_every: int = 5, pair: tuple[int, int] = (1, 2)
) -> None:
    """Log `n` labelled requests that a pair of versions scored; only the version of arm `right` said the truth.

    One in `b_every` is answered by arm B; 5 is the use case's split.
    """
    name = "request" if pair == (1, 2) else f"request to {pair[0]}"
    with installation.state.write() as connection:
        known = sum(count_labels(connection, "tiny", *pair).values())
        rows = []
        for number in range(known, known + n):
            arm = "B" if number % b_every == 0 else "A"
            said = {"A": "yes" if right == "A" else "no", "B": "yes" if right == "B" else "no"}
            row = Prediction(
                prediction_id=f"{name} {number}",
                use_case="tiny",
                unit_id=f"u{number}",
                arm=arm,
                champion_version=pair[0],
                challenger_version=pair[1],
                champion_value=said["A"],
                challenger_value=said["B"],
                answered=said[arm],
                features={"x": 1.0, "y": 1.0},
                phase=1,
                at=NOON,
            )
            rows.append(row)
        predictions.insert(connection, rows)
        tell(connection, installation, *(Event(row.prediction_id, "yes", NOON) for row in rows))


def tell(connection: sa.Connection, installation: Installation, *events: Event) -> None:
    """Record truths about requests that are logged."""
    known = find_known(connection, [event.prediction_id for event in events])
    record_many(connection, events, known, Truths(installation.use_cases))


def accept(installation: Installation, name: str, rows: int = ROWS, **times: datetime) -> str:
    """Key of a batch entered in the ledger as accepted, without any file."""
    with installation.state.write() as connection:
        batch = enter(connection, name)
        ledger.mark_accepted(connection, batch.key, ledger.Counts(rows, rows, 0, **times), NOON)
    return batch.key


def enter(connection: sa.Connection, name: str) -> ledger.Batch:
    """A batch entered in the ledger as landed, without any file."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    return ledger.record_batch(
        connection, use_case="tiny", sha256=digest, source="folder", name=name, size_bytes=1, landed_at=NOON
    )


def score(
    installation: Installation,
    key: str,
    champion: int = 1,
    *,
    data: str = "drift",
    model: str = "no_drift",
    more: str = "",
) -> int:
    """Number of a drift event about a batch."""
    with installation.state.write() as connection:
        return record_drift(
            connection,
            use_case="tiny",
            key=key,
            champion_version=champion,
            status=data,
            model_status=model,
            worst_column="x",
            sentence=f"{data} of x{more}",
            at=NOON,
        )


def train(
    installation: Installation, data_hash: str, version: int | None, *, drift_id: int = 0, at: datetime = NOON
) -> None:
    """A retrain that ended at `at`, registered when it has a version; the first version is champion."""
    with installation.state.write() as connection:
        run_id = f"run of {data_hash[:8]} {version}"
        begun = begin_retrain(
            connection,
            use_case="tiny",
            dagster_run_id=run_id,
            data_hash=data_hash,
            batches=[],
            rows=1,
            cause="because",
            drift_id=drift_id,
            started_at=at,
        )
        status = "registered" if version else "refused"
        change_retrain(connection, begun.id, status=status, version=version, finished_at=at)
        if version and promotions.current(connection, "tiny") is None:
            promotions.promote(
                connection, "tiny", version, expected=None, kind="first", reason="the first", at=at, by="tests"
            )
