"""Where a version comes from: its retrain, that run's data and alarms, and the files that show them."""

import json
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from mlops_assets.bundle.manifest import MANIFEST
from mlops_assets.certificate.certificate import Alarm, Batch, Candidate, Listed, Version
from mlops_assets.certificate.certificate import Retrain as RetrainPart
from mlops_assets.decision.canonical import sha256_of
from mlops_assets.spec import UseCase
from resources.certificates import Certificates
from resources.installation import Installation
from resources.state import ledger
from resources.state.drift_log import DriftEvent, drift_after
from resources.state.retrains import Retrain, drift_seen_before, retrain_of_version

ALARM = "drift"


@dataclass
class Provenance:
    """Reads where versions come from, and gathers on the way what a certificate has to list.

    `files` were kept beside the certificate, `data` stay where they are in the home; both by path.
    """

    installation: Installation
    use_case: UseCase
    store: Certificates
    files: dict[str, Listed] = field(default_factory=dict)
    data: dict[str, Listed] = field(default_factory=dict)

    def keep(self, data: bytes, suffix: str) -> str:
        """Path of a file that belongs to the certificate."""
        listed = self.store.keep(data, suffix)
        self.files[listed.path] = listed
        return listed.path

    def version(self, number: int) -> Version:
        """What is known of a version."""
        with self.installation.state.read() as connection:
            made = retrain_of_version(connection, self.use_case.name, number)
        if made is None:
            return Version(version=number, manifest=None, retrain=None)
        return Version(version=number, manifest=self._manifest(made.id), retrain=self.retrain(made))

    def retrain(self, row: Retrain) -> RetrainPart:
        """A training run, as a certificate tells it."""
        with self.installation.state.read() as connection:
            batches = [ledger.find(connection, key) for key in row.batches]
            alarms = _alarms(connection, row)
        return RetrainPart(
            number=row.id,
            status=row.status,
            cause=row.cause,
            expected=row.expected,
            gate=row.reason,
            started_at=row.started_at,
            finished_at=row.finished_at,
            dagster_run=row.dagster_run_id,
            mlflow_run=row.mlflow_run_id,
            data_hash=row.data_hash,
            rows=row.rows,
            table=self._table(row.id),
            batches=tuple(self._batch(one) for one in batches),
            alarms=tuple(self._alarm(one) for one in alarms),
            candidates=self._candidates(row.id),
        )

    def _manifest(self, retrain_id: int) -> str | None:
        """Path of the manifest of a retrain's bundle, whose files become data."""
        place = (self.use_case.name, "candidates", f"{retrain_id:06d}", "bundle")
        if not self.installation.lake.exists(*place, MANIFEST):
            return None
        manifest = self.installation.lake.read_bytes(*place, MANIFEST)
        for name, file in json.loads(manifest)["manifest"]["files"].items():
            self._point(file["sha256"], file["bytes"], *place, name)
        return self.keep(manifest, "json")

    def _table(self, retrain_id: int) -> str | None:
        place = (self.use_case.name, "training", f"{retrain_id:06d}.parquet")
        if not self.installation.lake.exists(*place):
            return None
        data = self.installation.lake.read_bytes(*place)
        return self._point(sha256_of(data), len(data), *place)

    def _batch(self, batch: ledger.Batch) -> Batch:
        self._point(batch.sha256, batch.size_bytes, self.use_case.name, "staged", batch.sha256)
        return Batch(
            key=batch.key,
            name=batch.name,
            sha256=batch.sha256,
            bytes=batch.size_bytes,
            landed_at=batch.landed_at,
            rows_accepted=batch.rows_accepted,
            rows_quarantined=batch.rows_quarantined,
        )

    def _alarm(self, event: DriftEvent) -> Alarm:
        place = (self.use_case.name, "reports", event.key, "drift.json")
        found = self.installation.lake.exists(*place)
        return Alarm(
            number=event.id,
            batch=event.key,
            champion=event.champion_version,
            status=event.status,
            model_status=event.model_status,
            sentence=event.sentence,
            at=event.at,
            harm=event.harm,
            report=self.keep(self.installation.lake.read_bytes(*place), "json") if found else None,
        )

    def _candidates(self, retrain_id: int) -> tuple[Candidate, ...]:
        place = (self.use_case.name, "candidates", f"{retrain_id:06d}", "report.json")
        if not self.installation.lake.exists(*place):
            return ()
        board = json.loads(self.installation.lake.read_bytes(*place))["leaderboard"]
        return tuple(_candidate(record, self.use_case.training.metric) for record in board)

    def _point(self, sha256: str, size: int, *place: str) -> str:
        """Path in the home of a file of the lake that is listed and stays where it is."""
        path = "/".join(("lake", *place))
        self.data[path] = Listed(path=path, sha256=sha256, bytes=size)
        return path


def _alarms(connection: sa.Connection, row: Retrain) -> list[DriftEvent]:
    """Comparisons that alarmed since the retrain before, and that this one saw."""
    events = drift_after(connection, row.use_case, drift_seen_before(connection, row))
    return [one for one in events if one.id <= row.drift_id and _alarmed(one)]


def _alarmed(event: DriftEvent) -> bool:
    harmful = event.harm is not None and event.harm["proven"]
    return harmful or ALARM in (event.status, event.model_status)


def _candidate(record: dict[str, Any], metric: str) -> Candidate:
    return Candidate(
        candidate=record["candidate"],
        status=record["status"],
        metric=metric,
        mean=record.get(f"{metric}_mean"),
        std=record.get(f"{metric}_std"),
        reason=record["reason"],
    )
