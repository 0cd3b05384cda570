"""A chain of four certificates over real evidence, with the data that it lists, below a home of nothing else."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from mlops_assets.certificate.certificate import (
    SCHEMA,
    Batch,
    Certificate,
    Code,
    Judged,
    Listed,
    Retrain,
    Through,
    Version,
    read_certificate,
)
from mlops_assets.certificate.sums import SUMS, read_sums
from mlops_assets.certificate.verification import check_folder
from mlops_assets.decision.canonical import canonical, sha256_of
from mlops_assets.decision.evidence import FORMAT, Evidence, label_table
from mlops_assets.decision.judge import judge
from mlops_assets.report.certificate import certificate_html
from mlops_assets.spec import Decision
from resources.certificates import Certificates

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RULE = Decision(loss="zero_one", labels_min=20)
SEED = 11  # of the edits
LANDED = b"x,y,above\n1,2,yes\n3,-9,no\n"


def evidence(champion: int, challenger: int, *, better: bool, n: int = 120) -> Evidence:
    """Labels of which the better version says the truth in nine of ten, the other in half."""
    rng = np.random.default_rng(champion)
    truth = rng.choice(["no", "yes"], n)
    other = np.where(truth == "yes", "no", "yes")
    said = [np.where(rng.random(n) < share, truth, other) for share in ((0.5, 0.9) if better else (0.9, 0.5))]
    moments = [NOON + timedelta(seconds=second) for second in range(n)]
    labels = label_table(
        {
            "label_id": list(range(1, n + 1)),
            "prediction": list(range(1, n + 1)),
            "prediction_id": [f"request {number}" for number in range(n)],
            "phase": [1] * n,
            "arm": ["B" if number % 5 == 0 else "A" for number in range(n)],
            "champion": list(said[0]),
            "challenger": list(said[1]),
            "truth": list(truth),
            "answered_at": moments,
            "labelled_at": moments,
        }
    )
    counted = {"answers": 0, "units": 0, "labels": 0}
    facts = {
        "format": FORMAT,
        "use_case": "tiny",
        "champion": champion,
        "challenger": challenger,
        "judged_at": NOON.isoformat(),
        "label_id": n,
        "checks": {
            **{
                side: {"unanswered_share": 0.0, "row_s": 0.001, "bundle_bytes": 1000}
                for side in ("champion", "challenger")
            },
            "cohorts": [],
        },
        "phases": [{"phase": 1, "split_b": 0.2, "A": counted | {"units": 96}, "B": counted | {"units": 24}}],
    }
    return Evidence(labels, facts)


class Chain:
    """Writes certificates of the use case `tiny` below a home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.store = Certificates(home, "tiny", certificate_html)

    @property
    def folder(self) -> Path:
        """Where they are."""
        return self.store.folder

    def append(self, kind: str, champion: int, versions: list[int], judged: Evidence | None = None, **more: Any) -> str:
        """Name of the file of the next certificate."""
        with self.store.locked():
            newest = self.store.newest()
            number = newest.certificate.number + 1 if newest else 1
            manifest = self.store.keep(canonical({"manifest": {"data_hash": _data_hash()}}), "json")
            spec = self.store.keep(canonical({"name": "tiny"}), "json")
            kept = [manifest, spec, *(self._keep(judged) if judged else ())]
            values: dict[str, Any] = {
                "schema_version": SCHEMA,
                "use_case": "tiny",
                "number": number,
                "previous": newest.sha256 if newest else None,
                "kind": kind,
                "through": Through(promotion=number, verdict=0),
                "decided_at": NOON + timedelta(hours=number),
                "written_at": NOON + timedelta(hours=number, seconds=1),
                "by": "verdict",
                "reason": "it was better",
                "champion": champion,
                "versions": tuple(
                    Version(version=one, manifest=manifest.path, retrain=_retrain(one)) for one in versions
                ),
                "evidence": (_judged(judged, kept[2], kept[3]),) if judged else (),
                "without_evidence": None,
                "refused": (),
                "spec": spec.path,
                "code": Code(package="0.2.0", commit=None, lock_sha256=None),
                "files": tuple(kept),
                "data": (self._landed(),),
            }
            return self.store.append(Certificate(**values | more)).name

    def _keep(self, judged: Evidence) -> tuple[Listed, Listed]:
        return self.store.keep(judged.labels_bytes(), "parquet"), self.store.keep(judged.facts_bytes(), "json")

    def _landed(self) -> Listed:
        path = f"lake/tiny/staged/{sha256_of(LANDED)}"
        (self.home / path).parent.mkdir(parents=True, exist_ok=True)
        (self.home / path).write_bytes(LANDED)
        return Listed(path=path, sha256=sha256_of(LANDED), bytes=len(LANDED))


def tell(home: Path) -> Chain:
    """First champion, a promotion, a rejection, a rollback by a person."""
    chain = Chain(home)
    chain.append("first", 1, [1])
    chain.append("promote", 2, [1, 2], evidence(1, 2, better=True))
    chain.append("reject", 2, [2, 3], evidence(2, 3, better=False))
    chain.append("rollback", 1, [2, 1], by="ann", reason="complaints since noon")
    return chain


def listed_files(folder: Path) -> list[Path]:
    """The list of a folder of certificates, every file in it, and the data of the home that certificates list."""
    below = [folder / path for path in read_sums((folder / SUMS).read_bytes())]
    data = {one.path for path in folder.glob("*.json") for one in read_certificate(path.read_bytes()).data}
    return [folder / SUMS, *below, *(folder.parents[1] / path for path in sorted(data))]


def edits_caught(folder: Path, edits: int) -> int:
    """How many random changes of one byte of one listed file are noticed, each undone again."""
    rng, paths = np.random.default_rng(SEED), listed_files(folder)
    caught = 0
    for _ in range(edits):
        path = paths[rng.integers(len(paths))]
        data = path.read_bytes()
        place = rng.integers(len(data))
        changed = bytes([(data[place] + rng.integers(1, 256)) % 256])
        path.write_bytes(data[:place] + changed + data[place + 1 :])
        caught += bool(check_folder(folder).failures)
        path.write_bytes(data)
    return caught


def _data_hash() -> str:
    return sha256_of(sha256_of(LANDED).encode())


def _judged(found: Evidence, labels: Listed, facts: Listed) -> Judged:
    return Judged(
        champion=found.facts["champion"],
        challenger=found.facts["challenger"],
        labels=labels.path,
        facts=facts.path,
        rule=RULE.model_dump(mode="json"),
        paired=True,
        judgement=judge(found, RULE, paired=True).to_dict(),
    )


def _retrain(version: int) -> Retrain:
    batch = Batch(
        key="000001-abc", name="calm.csv", sha256=sha256_of(LANDED), bytes=len(LANDED), landed_at=NOON,
        rows_accepted=2, rows_quarantined=0,
    )  # fmt: skip
    return Retrain(
        number=version, status="registered", cause="drift of x", expected=None, gate="not worse",
        started_at=NOON, finished_at=NOON, dagster_run="run", mlflow_run=None, data_hash=_data_hash(), rows=2,
        table=None, batches=(batch,), alarms=(), candidates=(),
    )  # fmt: skip
