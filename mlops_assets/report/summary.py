"""One page about a use case: what came in, what drifted, what was trained, who answers and why."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mlops_assets.report.history import history_html
from mlops_assets.report.page import cards, figure, page, section, table
from mlops_assets.spec import UseCase


def summary_html(use_case: UseCase, facts: Mapping[str, Any]) -> str:
    """The page.

    Parameters
    ----------
    facts : mapping
        `batches`, `drift`, `retrains`, `verdicts`: records of the state database, newest first; `champions`: reigns,
        newest first; `pictures`: caption -> PNG.
    """
    return page(
        use_case.name,
        f"{use_case.description} {use_case.task.capitalize()} of {use_case.target}.",
        [
            cards(_headline(facts)),
            section("Champions", history_html(facts["champions"])),
            section("Verdicts", _verdicts(facts)),
            section("Retrains", _retrains(facts)),
            section("Drift", *[figure(png, caption) for caption, png in facts["pictures"].items()], _drift(facts)),
            section("Batches", _batches(facts)),
        ],
    )


def _headline(facts: Mapping[str, Any]) -> dict[str, Any]:
    champions, accepted = facts["champions"], [batch for batch in facts["batches"] if batch.status == "accepted"]
    return {
        "champion": f"version {champions[0].version}" if champions else "none yet",
        "since": _moment(champions[0].since) if champions else "-",
        "accepted batches": len(accepted),
        "accepted rows": f"{sum(batch.rows_accepted for batch in accepted):,}",
        "alarms": sum("drift" in (event.status, event.model_status) for event in facts["drift"]),
        "retrains": len(facts["retrains"]),
    }


def _verdicts(facts: Mapping[str, Any]) -> str:
    rows = [
        (
            f"{row.challenger_version} against {row.champion_version}",
            row.outcome,
            row.labels,
            row.estimate,
            row.low,
            row.high,
        )
        for row in facts["verdicts"]
    ]
    return table(("versions", "verdict", "labels", "better by", "low", "high"), rows, "no experiment yet")


def _retrains(facts: Mapping[str, Any]) -> str:
    rows = [
        (row.id, row.status, row.version, row.rows, len(row.batches), row.cause, row.reason)
        for row in facts["retrains"]
    ]
    return table(("retrain", "ended", "version", "rows", "batches", "cause", "gate"), rows, "no retrain yet")


def _drift(facts: Mapping[str, Any]) -> str:
    rows = [
        (event.key, event.champion_version, event.status, event.model_status, event.sentence)
        for event in facts["drift"]
    ]
    return table(("batch", "champion", "data", "model", "in words"), rows, "no batch was compared yet")


def _batches(facts: Mapping[str, Any]) -> str:
    rows = [
        (row.key, row.name, row.status, row.rows_accepted, row.rows_quarantined, _moment(row.landed_at), row.reason)
        for row in facts["batches"]
    ]
    return table(("batch", "file", "status", "accepted", "quarantined", "landed", "reason"), rows, "nothing landed yet")


def _moment(value: datetime) -> str:
    return value.strftime("%Y-%m-%d %H:%M:%S")
