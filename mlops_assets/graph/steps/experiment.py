"""The newest experiment of a use case, gathered for the printed report."""

import json
from typing import Any, get_args

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from mlops_assets.decision.confidence import Interval, interval_path
from mlops_assets.decision.outlook import labels_to_go
from mlops_assets.decision.ratio import ratio_mismatch
from mlops_assets.graph.steps.contest import read_differences
from mlops_assets.report.ab import Experiment, Side, Traffic
from mlops_assets.report.ab_words import changed, ratio_light
from mlops_assets.report.interval_chart import Look
from mlops_assets.spec import Decision, UseCase
from resources.installation import Installation
from resources.state.audit import last_changes
from resources.state.lag import newest_lags
from resources.state.planned import planned_splits
from resources.state.promotions import Promotion, PromotionKind, history
from resources.state.retrains import Retrain, retrains_of
from resources.state.rules import as_judged
from resources.state.traffic import phases
from resources.state.verdicts import StoredVerdict, latest, looks

POINTS = 200  # of the drawing
ROWS = 20  # of audit and promotions
HASH_SHOWN = 12


def read_experiment(installation: Installation, use_case: UseCase) -> Experiment | None:
    """The experiment of the newest verdict, running or ended; None before the first."""
    with installation.state.read() as connection:
        verdict = latest(connection, use_case.name)
        if verdict is None:
            return None
        use_case = as_judged(use_case, verdict)
        versions = (verdict.champion_version, verdict.challenger_version)
        retrains = {one.version: one for one in retrains_of(connection, use_case.name)}
        promotions = history(connection, use_case.name, ROWS)
        changes = last_changes(connection, use_case.name, ROWS)
        lags = newest_lags(connection, use_case.name, *versions)
        traffic = _traffic(connection, use_case, versions)
        stored = [_look(one) for one in looks(connection, use_case.name, *versions) if one.estimate is not None]
        counted = phases(connection, use_case.name, *versions)
    evidence = read_differences(installation, use_case) if use_case.routing.paired else None
    sides = [
        Side(
            version,
            _facts(installation, use_case, retrains.get(version)),
            sum(row.answers for row in counted if row.arm == arm),
            sum(row.labels for row in counted if row.arm == arm),
        )
        for arm, version in zip("AB", versions, strict=True)
    ]
    return Experiment(
        champion=sides[0],
        challenger=sides[1],
        outcome=verdict.standing,
        sentence=verdict.sentence,
        labels=verdict.labels,
        to_go=_to_go(verdict, use_case.decision),
        looks=stored if evidence is None else _path(evidence.differences[: verdict.labels], use_case.decision),
        traffic=traffic,
        lag_s=(float(np.quantile(lags, 0.5)), float(np.quantile(lags, 0.9))) if lags else None,
        promotions=[(_moment(one.at), f"{one.kind}: {_step(one)}", one.by, one.reason) for one in promotions],
        changes=[
            (_moment(one.at), one.action, one.who, changed(one.before, one.after))
            for one in changes
            if one.action not in get_args(PromotionKind)
        ],
        made_at=installation.clock(),
    )


def _facts(installation: Installation, use_case: UseCase, retrain: Retrain | None) -> dict[str, str]:
    """What is known of a version from the retrain that made it."""
    if retrain is None:
        return {}
    facts = {
        "trained": _moment(retrain.finished_at or retrain.started_at),
        "because": retrain.cause,
        "batches": f"{len(retrain.batches):,}, {retrain.rows:,} rows",
        "data": retrain.data_hash[:HASH_SHOWN],
        "gate": retrain.reason or "none",
    }
    place = (use_case.name, "candidates", f"{retrain.id:06d}", "report.json")
    if installation.lake.exists(*place):
        report = json.loads(installation.lake.read_bytes(*place))
        metric = report["metrics"][use_case.training.metric]
        facts = {
            "model": report["model"],
            use_case.training.metric: "{estimate:.4g} ({low:.4g} to {high:.4g})".format(**metric),
            "held-out rows": f"{report['rows_holdout']:,}",
            "candidates compared": f"{len(report['leaderboard']):,}",
            **facts,
        }
    return facts


def _traffic(connection: sa.Connection, use_case: UseCase, versions: tuple[int, int]) -> list[Traffic]:
    """Each phase with the share of B that was planned."""
    planned = planned_splits(connection, use_case)
    rows = phases(connection, use_case.name, *versions)
    return [
        _phase(phase, [row for row in rows if row.phase == phase], planned.get(phase))
        for phase in sorted({row.phase for row in rows})
    ]


def _phase(phase: int, rows: list[Any], planned: float | None) -> Traffic:
    a, b = (sum(row.units for row in rows if row.arm == arm) for arm in "AB")
    p_value = None if planned is None else ratio_mismatch(a, b, planned)
    began, ended = min(row.first_at for row in rows), max(row.last_at for row in rows)
    return Traffic(phase, began, ended, a, b, planned, ratio_light(p_value, planned or 0.0, a, b))


def _to_go(verdict: StoredVerdict, decision: Decision) -> int | None:
    if verdict.estimate is None or verdict.low is None or verdict.high is None:
        return None
    return labels_to_go(Interval(verdict.estimate, verdict.low, verdict.high), verdict.labels, decision)


def _look(one: StoredVerdict) -> Look:
    return Look(one.labels, one.estimate or 0.0, one.low or 0.0, one.high or 0.0)


def _path(differences: NDArray[np.float64], decision: Decision) -> list[Look]:
    """The interval after every label, thinned evenly, the last label among them."""
    path = interval_path(differences, -decision.loss_max, decision.loss_max, decision.alpha)
    step = len(differences) // POINTS + 1
    at = range((len(differences) - 1) % step, len(differences), step)
    return [Look(n + 1, float(path.estimate[n]), float(path.low[n]), float(path.high[n])) for n in at]


def _step(one: Promotion) -> str:
    return str(one.to_version) if one.from_version is None else f"{one.from_version} → {one.to_version}"


def _moment(value: Any) -> str:
    return f"{value:%Y-%m-%d %H:%M}"
