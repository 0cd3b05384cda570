"""What values of a use case can go together: the sentences about what cannot work."""

import re
from typing import TYPE_CHECKING

from mlops_assets.spec.tables import LOSSES, METRICS, RESERVED, RESERVED_IN_RACE

if TYPE_CHECKING:
    from mlops_assets.spec.use_case import UseCase

NAME = re.compile(r"[a-z][a-z0-9_]{1,62}")


def problems(use_case: "UseCase") -> list[str]:
    """Sentences about combinations that cannot work, empty when there are none."""
    columns, found = use_case.columns, []
    if not NAME.fullmatch(use_case.name):
        found.append(f"name: {use_case.name!r} must be lower-case letters, digits and _, starting with a letter")
    if use_case.target not in columns:
        found.append(f"target: {use_case.target!r} is not a column; columns: {', '.join(columns)}")
        return found
    found += _name_problems(use_case)
    found += _column_problems(use_case)
    found += _task_problems(use_case)
    if use_case.training.order == "time" and use_case.time is None:
        found.append("training.order: 'time' needs a time column; set time")
    if use_case.stream is not None and use_case.time is None:
        found.append("stream: windows of event time need a time column; set time")
    if use_case.training.order == "time" and use_case.training.groups is not None:
        found.append("training.groups: folds in time order cut groups; choose one, order: random or no groups")
    if use_case.format.kind == "document" and any(source.kind == "sql" for source in use_case.landing.sources):
        found.append("landing.sources: a query gives rows and no scans; read scans from a folder or a glob")
    if use_case.retrain.days is not None and use_case.time is None:
        found.append("retrain.days: a span of days needs a time column; set time")
    if not use_case.features:
        found.append("columns: no feature is left; at least one numeric, category or text column must be one")
    return found


def _column_problems(use_case: "UseCase") -> list[str]:
    columns, found, known = use_case.columns, [], set(use_case.read_columns)
    roles = {"time": use_case.time, "unit": use_case.unit, "training.groups": use_case.training.groups}
    for role, name in roles.items():
        if name is not None and name not in columns:
            found.append(f"{role}: {name!r} is not a column; columns: {', '.join(columns)}")
    if use_case.time in columns and columns[str(use_case.time)].kind != "datetime":
        found.append(f"time: {use_case.time!r} is {columns[str(use_case.time)].kind}; a datetime column is due")
    for name, column in columns.items():
        if column.derive is None:
            continue
        for source in column.derive.of:
            if source not in known:
                found.append(f"columns.{name}.derive.of: {source!r} must stand above it in columns")
        known.add(name)
    return found


def _name_problems(use_case: "UseCase") -> list[str]:
    is_stream, found = use_case.stream is not None, []
    own = RESERVED + RESERVED_IN_RACE if is_stream else RESERVED
    for name in use_case.columns:
        if name in own or (is_stream and name.startswith("_loss_")):
            found.append(f"columns: {name!r} is a name that this project gives a column of its own; rename it")
        elif not name.strip():
            found.append(f"columns: {name!r} is no name; give the column one")
    return found


def _task_problems(use_case: "UseCase") -> list[str]:
    task, found = use_case.task, []
    metric, loss = use_case.training.metric, use_case.decision.loss
    suitable = [name for name, (of, _) in METRICS.items() if of == task]
    if metric not in suitable:
        found.append(f"training.metric: {metric!r} does not fit {task}; available: {', '.join(suitable)}")
    if LOSSES[loss] != task:
        fitting = ", ".join(name for name, of in LOSSES.items() if of == task)
        found.append(f"decision.loss: {loss!r} does not fit {task}; available: {fitting}")
    for name in use_case.decision.segments:
        fit = [one for one in use_case.request_columns if use_case.columns[one].kind == "category"]
        if name not in fit:
            found.append(f"decision.segments: {name!r} is no category column of requests; there are: {', '.join(fit)}")
    if use_case.training.abstain_error is not None and task != "classification":
        found.append("training.abstain_error: a regression gives no probabilities to abstain by; leave it out")
    kind = use_case.columns[use_case.target].kind
    if task == "regression" and kind != "numeric":
        found.append(f"target: {use_case.target!r} is {kind}; regression needs a numeric column")
    if task == "classification" and kind not in ("numeric", "category"):
        found.append(f"target: {use_case.target!r} is {kind}; classification needs a numeric or category column")
    return found
