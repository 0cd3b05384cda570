"""From a prediction's id to the batches that the version that answered it was trained on; nothing is written."""

import uuid
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from mlops_assets.certificate.certificate import KINDS_OF_CHAMPIONS, Certificate
from mlops_assets.report.certificate import certificate_html, done
from mlops_assets.report.trace import Decided, Trace
from resources.certificates import Certificates
from resources.installation import Installation
from resources.state import ledger
from resources.state.audit import audit
from resources.state.predictions import predictions
from resources.state.retrains import retrain_of_version
from resources.state.story import find_story
from resources.state.truth import Truths

PRUNED = "prune"  # action of the audit's row about answers that were removed
ANSWER = ("at", "arm", "phase", "unit_id", "answered", "degraded", "abstained")
SIDES = ("champion_version", "challenger_version", "champion_value", "challenger_value")


class UnknownPredictionError(RuntimeError):
    """A prediction that the log does not hold, with what may have become of it."""


def trace_prediction(installation: Installation, prediction_id: str) -> Trace:
    """Where a prediction comes from.

    Raises
    ------
    UnknownPredictionError
        If the log does not hold it.
    """
    with installation.state.read() as connection:
        story = find_story(connection, prediction_id, Truths(installation.use_cases))
        if story is None:
            counted = _counted_in(installation, prediction_id)
            raise UnknownPredictionError(_why_unknown(connection, prediction_id) + counted)
        name, version = story.known.use_case, story.known.version
        answer = _answer(connection, prediction_id)
        retrain = retrain_of_version(connection, name, version)
        batches = [ledger.find(connection, key) for key in retrain.batches] if retrain else []
    return Trace(
        prediction_id=prediction_id,
        use_case=name,
        version=version,
        answer=answer,
        state=story.state,
        label=None if story.label is None else asdict(story.label),
        told=tuple({**asdict(one.event), "in_time": one.in_time} for one in story.told),
        retrain=None if retrain is None else asdict(retrain),
        batches=tuple(asdict(one) for one in batches),
        decided=_decided(Certificates(installation.settings.root, name, certificate_html), version, answer["at"]),
    )


def _answer(connection: sa.Connection, prediction_id: str) -> dict[str, Any]:
    query = sa.select(*(predictions.c[name] for name in (*ANSWER, *SIDES)))
    return dict(connection.execute(query.where(predictions.c.prediction_id == prediction_id)).mappings().one())


def _decided(store: Certificates, version: int, at: datetime) -> Decided | None:
    """How the version was champion when it answered; of a challenger, how its trial ended."""
    about = [one for one in store.readable() if version in {part.version for part in one.certificate.versions}]
    crowned = [one for one in about if _crowns(one.certificate, version) and one.certificate.decided_at <= at]
    later = [one for one in about if one.certificate.decided_at > at]
    found = crowned[-1:] or later[:1]
    if not found:
        return None
    told = found[0].certificate
    return Decided(found[0].name, found[0].sha256, done(told), told.reason)


def _crowns(certificate: Certificate, version: int) -> bool:
    return certificate.kind in KINDS_OF_CHAMPIONS and certificate.champion == version


def _why_unknown(connection: sa.Connection, prediction_id: str) -> str:
    """A sentence about an id that is not in the log; an id says when it was made."""
    unknown = f"prediction {prediction_id!r} is not in the log"
    try:
        made = _moment_of(uuid.UUID(prediction_id))
    except ValueError:
        return f"{unknown}: an id as POST /predict gave it is due, such as 017f22e2-79b0-7000-8000-000000000000"
    query = sa.select(audit.c.after, audit.c.at, audit.c.use_case).where(audit.c.action == PRUNED)
    for row in connection.execute(query.order_by(audit.c.id)):
        if made < datetime.fromisoformat(row.after["before"]):
            return (
                f"{unknown}: it is from {made:%Y-%m-%d %H:%M} UTC, and answers of {row.use_case} from before "
                f"{row.after['before'][:16]} were pruned on {row.at:%Y-%m-%d}"
            )
    return f"{unknown}: it would be from {made:%Y-%m-%d %H:%M} UTC; was it answered by another installation?"


def _counted_in(installation: Installation, prediction_id: str) -> str:
    """What the evidence of certificates still tells of a prediction, which outlives its row in the log."""
    for name in sorted(installation.use_cases):
        store = Certificates(installation.settings.root, name, certificate_html)
        for one in store.readable():
            for judged in one.certificate.evidence:
                found = _row_of(store.folder / judged.labels, prediction_id)
                if found is not None:
                    said = (
                        f"version {judged.champion} said {found['champion']}, {judged.challenger} {found['challenger']}"
                    )
                    return f"; it counted in {name}/{one.name}: arm {found['arm']}, {said}, truth {found['truth']}"
    return ""


def _row_of(labels: Path, prediction_id: str) -> dict[str, Any] | None:
    import pandas as pd

    if not labels.exists():
        return None
    rows = pd.read_parquet(labels, filters=[("prediction_id", "==", prediction_id)]).to_dict("records")
    return {str(name): value for name, value in rows[0].items()} if rows else None


def _moment_of(found: uuid.UUID) -> datetime:
    """When an id of version 7 was made: its first 48 bits are milliseconds (RFC 9562, section 5.7)."""
    if found.version != 7:
        raise ValueError(f"a UUID of version 7 is due, got version {found.version}")
    return datetime.fromtimestamp((found.int >> 80) / 1000, UTC)
