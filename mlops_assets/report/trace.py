"""One prediction followed back: who answered, what the truth was, and what that version was made of."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mlops_assets.report.history import moment


@dataclass(frozen=True)
class Decided:
    """The certificate that says how a version came to answer, or how its trial ended; `done` says which."""

    file: str
    sha256: str
    done: str
    reason: str


@dataclass(frozen=True)
class Trace:
    """A prediction and where it comes from: rows of the state database as plain values, None where there is none.

    `answer` is the row of the log, `label` what follows from the truths that were told, `told` these, newest first;
    `retrain` made the version that answered, from `batches`.
    """

    prediction_id: str
    use_case: str
    version: int
    answer: dict[str, Any]
    state: str
    label: dict[str, Any] | None
    told: tuple[dict[str, Any], ...]
    retrain: dict[str, Any] | None
    batches: tuple[dict[str, Any], ...]
    decided: Decided | None


def trace_lines(trace: Trace) -> Iterator[str]:
    """The trace in lines for a terminal."""
    answer = trace.answer
    yield f"prediction  {trace.prediction_id} of {trace.use_case}, {moment(answer['at'])} UTC"
    degraded = ", degraded" if answer["degraded"] else ""
    abstained = ", abstained" if answer.get("abstained") else ""
    yield f"answered    {answer['answered']!r} by version {trace.version}, arm {answer['arm']}{degraded}{abstained}"
    yield f"experiment  {_experiment(answer)}"
    yield from _label(trace)
    yield from _decided(trace)
    yield from _retrain(trace)


def _experiment(answer: dict[str, Any]) -> str:
    if answer["challenger_version"] is None:
        return f"none; champion was version {answer['champion_version']}"
    sides = " against ".join(
        f"version {answer[f'{side}_version']} ({_said(answer[f'{side}_value'])})" for side in ("challenger", "champion")
    )
    return f"{sides}, phase {answer['phase']}"


def _said(value: Any) -> str:
    return "did not score it" if value is None else f"said {value!r}"


def _label(trace: Trace) -> Iterator[str]:
    if trace.label is None:
        yield f"label       {trace.state}"
        return
    yield f"label       {trace.label['truth']!r}, {trace.state}, by {trace.label['source']}"
    for one in trace.told:
        late = "" if one["in_time"] else ", too late to count"
        yield f"  told      {one['truth']!r} by {one['source']}, {moment(one['received_at'])} UTC{late}"


def _decided(trace: Trace) -> Iterator[str]:
    if trace.decided is None:
        yield f"decision    none about version {trace.version} yet"
        return
    yield f"decision    {trace.decided.done}: {trace.decided.reason}"
    yield f"certificate {trace.decided.file}, SHA-256 {trace.decided.sha256}"


def _retrain(trace: Trace) -> Iterator[str]:
    one = trace.retrain
    if one is None:
        yield f"trained     version {trace.version} was not made by a retrain of this installation"
        return
    yield f"trained     retrain {one['id']} of {moment(one['started_at'])} UTC: {one['cause']}"
    yield f"gate        {one['reason'] or 'none'}"
    yield f"runs        MLflow {one['mlflow_run_id'] or 'none'}, Dagster {one['dagster_run_id']}"
    yield f"data        {one['rows']:,} rows, batches: {len(trace.batches):,}, hash {one['data_hash']}"
    for batch in trace.batches:
        kept = f"{batch['rows_accepted'] or 0:,} accepted, {batch['rows_quarantined'] or 0:,} quarantined"
        yield f"  {batch['key']}  {batch['name']}: {kept}, SHA-256 {batch['sha256']}"
