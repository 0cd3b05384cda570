"""One page about a use case: data, drift, retrains and what they gained, explanations, decisions, links."""

from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any

from mlops_assets.decision.gain import ExpectedGain, RealisedGain
from mlops_assets.report.data_part import data_html
from mlops_assets.report.eda_svg import EDA_STYLE
from mlops_assets.report.explained import explained_html
from mlops_assets.report.history import history_html
from mlops_assets.report.page import cards, figure, links, page, section, table
from mlops_assets.report.race_part import race_html
from mlops_assets.spec import UseCase


def summary_html(use_case: UseCase, facts: Mapping[str, Any]) -> str:
    """The page.

    Parameters
    ----------
    facts : mapping
        `batches`, `drift`, `retrains`, `verdicts`: records of the state database, newest first; `champions`: reigns,
        newest first; `gains`: id of a retrain -> what it was expected to gain and what it gained, None where nobody
        can say; `pictures`: caption -> PNG; `data`: the exploration of all accepted rows, None before the first;
        `windows`: those of a stream; `explained`: of the champion; `race`: its record and
        pictures, None where there is none; `links`: what it is -> address.
    """
    return page(
        use_case.name,
        f"{use_case.description} {use_case.task.capitalize()} of {use_case.target}.",
        [
            cards(_headline(facts)),
            *([f"<p>The champion: {escape(facts['model'])}.</p>"] if facts["model"] else []),
            links(facts["links"]),
            section("Data", _data(use_case, facts)),
            section("Champions", history_html(facts["champions"])),
            section("Verdicts", _verdicts(facts)),
            section("Retrains and what they gained", _retrains(facts)),
            section("What the champion listens to", explained_html(facts["explained"])),
            *([section("Race of ways of learning", race_html(*facts["race"]))] if facts["race"] else []),
            section("Drift", *[figure(png, caption) for caption, png in facts["pictures"].items()], _drift(facts)),
            section("Batches", _batches(facts)),
        ],
        style=EDA_STYLE,
    )


def _data(use_case: UseCase, facts: Mapping[str, Any]) -> str:
    if facts["data"] is None:
        return "<p>no row was accepted yet</p>"
    return data_html(use_case, facts["data"], facts["windows"])


def _headline(facts: Mapping[str, Any]) -> dict[str, Any]:
    champions, accepted = facts["champions"], [batch for batch in facts["batches"] if batch.status == "accepted"]
    return {
        "champion": f"version {champions[0].version}" if champions else "none yet",
        "since, UTC": _moment(champions[0].since) if champions else "-",
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
        (row.id, row.status, row.version, row.rows, len(row.batches), *_gain(*facts["gains"][row.id]), *_why(row))
        for row in facts["retrains"]
    ]
    columns = ("retrain", "ended", "version", "rows", "batches", "expected to gain", "gained", "cause", "gate")
    return table(columns, rows, "no retrain yet")


def _why(row: Any) -> tuple[str, str | None]:
    return row.cause, row.reason


def _gain(expected: ExpectedGain | None, realised: RealisedGain | None) -> tuple[str, str]:
    """Loss a row that a retrain was to save, and that it saved, with 95 % intervals."""
    hoped = "not known" if expected is None else f"{expected.a_row:.4g} ({expected.low:.4g} to {expected.high:.4g})"
    if realised is None or not realised.labels:
        return hoped, "not known yet"
    same = expected is None or expected.is_counted_in(realised.unit)
    other = "" if same else f", in another loss: {realised.unit}"
    return hoped, f"{realised.a_row:.4g} ({realised.low:.4g} to {realised.high:.4g}; {realised.labels:,} labels{other})"


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
    return table(
        ("batch", "file", "status", "accepted", "quarantined", "landed, UTC", "reason"), rows, "nothing landed yet"
    )


def _moment(value: datetime) -> str:
    return value.strftime("%Y-%m-%d %H:%M:%S")
