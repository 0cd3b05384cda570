"""A use case told from a file: what is inferred is only a proposal, each part with its reason."""

import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mlops_assets.decode import FORMATS
from mlops_assets.decode.aside import ALONE
from mlops_assets.decode.derive import derive
from mlops_assets.spec import Column, Delimited, JsonLines, Landing, Parquet, UseCase
from mlops_assets.spec.rules import NAME
from mlops_assets.spec.tables import RESERVED
from mlops_assets.use_cases.infer_column import InferredColumn, infer_column, widened
from mlops_assets.use_cases.load import check_use_case
from mlops_assets.use_cases.sniff import sniff_format

CLASSES_MAX = 20
LABELS_MAX = 100
ROWS_MIN = 20
UNEVEN_SHARE = 0.8
MARGIN_SHARE = 0.005
NAME_LETTERS_MAX = 63
UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa"}


@dataclass(frozen=True)
class Inferred:
    """A proposed use case.

    Parameters
    ----------
    values : dict
        What the YAML says, ready for mlops_assets.use_cases.load.check_use_case.
    reasons : dict
        Why, in words, by the key it belongs to; columns by their name behind 'columns.'.
    """

    name: str
    values: dict[str, Any]
    reasons: dict[str, str]


def infer_use_case(data: bytes, name: str, target: str, time: str | None = None) -> Inferred:
    """The use case that predicts `target` from the other columns of a file.

    Parameters
    ----------
    data : bytes
        A delimited file with names in its first line, Parquet, or JSON lines.
    name : str
        Made to fit the rules for names; a file's name will do.
    target : str
        A column of numbers or labels, or a moment: then the minutes from `time` until it are learned, and neither it
        nor what is derived from it is a feature.
    time : str or None
        Column that orders the rows, where their order in time matters.

    Raises
    ------
    ValueError
        If the file is no table, too small, lacks a named column, or the target cannot be learned.
    """
    form = sniff_format(data)
    reader = _reader(form)
    raw = FORMATS[form.kind](data, reader, ALONE)
    raw = raw.set_axis([str(column).strip() for column in raw.columns], axis=1)
    raw = raw[[column for column in raw.columns if column not in RESERVED]]
    _check(raw, target, time)
    columns = {str(column): infer_column(raw[column], reader) for column in raw.columns}
    if time is not None and columns[time].spec["kind"] != "datetime":
        raise ValueError(f"--time {time!r} is {columns[time].spec['kind']} ({columns[time].reason}); a date is due")
    known = {column: found for column, found in columns.items() if column != target}
    goal, learned = _goal(columns, target, time)
    columns[goal] = learned
    task, why_task = _task(learned)
    values: dict[str, Any] = {
        "name": fitting_name(name),
        "description": f"{goal} predicted from {len(known)} column{'s' if len(known) != 1 else ''}.",
        "task": task,
        "target": goal,
    }
    values |= {"time": time} if time is not None else {}
    unit = next((column for column, found in columns.items() if found.spec["kind"] == "id"), None)
    values |= {"unit": unit} if unit is not None else {}
    values |= _missing(columns, reader)
    values["format"] = form.model_dump()
    values["columns"] = {column: found.spec for column, found in columns.items()} | _derived(known)
    values["columns"] |= {time: values["columns"][time] | {"nullable": False}} if time is not None else {}
    values |= _policies(learned.values, task, len(raw), time)
    check_use_case(values, source=f"use case inferred for {target!r}")
    reasons = {"task": why_task, "format": f"{len(raw)} rows, {len(raw.columns)} columns"}
    reasons |= {f"columns.{column}": found.reason for column, found in columns.items()}
    return Inferred(values["name"], values, reasons)


def fitting_name(name: str) -> str:
    """The nearest name that the rules for use cases allow: lower-case letters, digits and _.

    Examples
    --------
    >>> fitting_name("Verkäufe 2026 (été).csv")
    'verkaeufe_2026_ete_csv'
    """
    spelt = "".join(UMLAUTS.get(letter, letter) for letter in unicodedata.normalize("NFC", name.lower()))
    bare = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^a-z0-9]+", "_", bare).strip("_")
    plain = plain if re.match(r"[a-z]", plain) else f"use_case_{plain}".strip("_")
    fitting = plain[:NAME_LETTERS_MAX]
    return fitting if NAME.fullmatch(fitting) else f"{fitting}_data"


def _reader(form: Delimited | Parquet | JsonLines) -> UseCase:
    """A use case of nothing but a format, enough for the readers of mlops_assets.decode."""
    columns = {"target": Column(kind="numeric"), "feature": Column(kind="numeric")}
    loss = {"loss": "absolute"}
    values = {"name": "reader", "description": "", "task": "regression", "target": "target", "format": form}
    return UseCase.model_validate(
        values | {"columns": columns, "training": {"metric": "mae"}, "decision": loss, "landing": Landing()}
    )


def _check(raw: pd.DataFrame, target: str, time: str | None) -> None:
    for option, column in (("--target", target), ("--time", time)):
        if column is not None and column not in raw.columns:
            raise ValueError(f"{option} {column!r} is not a column of the file; columns: {', '.join(raw.columns)}")
    if len(raw) < ROWS_MIN:
        raise ValueError(f"the file has {len(raw)} rows; at least {ROWS_MIN} are needed to tell what its columns hold")


def _goal(columns: dict[str, InferredColumn], target: str, time: str | None) -> tuple[str, InferredColumn]:
    """Name and column of what is learned: the target itself, or the minutes until it where it is a moment."""
    if columns[target].spec["kind"] != "datetime":
        return target, _target_column(columns[target], target)
    if time is None or time == target:
        raise ValueError(
            f"target {target!r} is a moment ({columns[target].reason}); name the moment at which each row begins with "
            "--time, and the minutes between the two are learned"
        )
    spec: dict[str, Any] = {"kind": "numeric", "derive": {"take": "minutes_between", "of": [time, target]}}
    sources = pd.DataFrame({name: columns[name].values for name in (time, target)})
    goal = f"minutes_until_{target}"
    minutes = derive(sources, {goal: Column.model_validate(spec)})[goal]
    low, high = max(0.0, float(minutes.min())), float(minutes.max())
    if not high > low:
        raise ValueError(
            f"target {target!r} never comes after {time!r}; a moment that ends what {time!r} begins is due"
        )
    span = {"nullable": False, "min": 0.0, "max": widened(low, high)[1]}
    reason = f"{low:.6g} to {high:.6g} minutes, half of them below {minutes.median():.4g}; narrow min and max"
    return goal, InferredColumn(spec | span, reason, minutes)


def _target_column(found: InferredColumn, target: str) -> InferredColumn:
    values = found.values.dropna()
    if values.nunique() < 2:
        raise ValueError(f"target {target!r} {found.reason}; a column with at least two values is due")
    too_many = found.spec["kind"] == "category" and values.nunique() > LABELS_MAX
    if found.spec["kind"] not in ("numeric", "category") or too_many:
        raise ValueError(
            f"target {target!r} looks like {found.spec['kind']} ({found.reason}); "
            f"a number or a category with at most {LABELS_MAX} values can be learned"
        )
    kept = ("kind", "min", "max")  # a new class, or a column of labels that comes late, is no fault of a row
    spec = {key: value for key, value in found.spec.items() if key in kept}
    if not found.values.isna().any():  # else labels come later, or not at all: such rows are kept, and not learnt from
        spec["nullable"] = False
    return InferredColumn(spec, found.reason, found.values, found.stray)


def _task(target: InferredColumn) -> tuple[str, str]:
    if target.spec["kind"] != "numeric":
        return "classification", f"the target has {target.values.nunique()} labels"
    numbers = target.values.dropna()
    if numbers.nunique() <= CLASSES_MAX and (numbers == numbers.round()).all():
        return "classification", f"the target has {numbers.nunique()} whole numbers; set regression if they measure"
    return "regression", f"the target has {numbers.nunique()} numbers"


def _missing(columns: dict[str, InferredColumn], reader: UseCase) -> dict[str, Any]:
    stray = dict.fromkeys(sign for found in columns.values() for sign in found.stray)
    return {"missing": [*reader.missing, *stray]} if stray else {}


def _derived(columns: dict[str, InferredColumn]) -> dict[str, dict[str, Any]]:
    """Hour and weekday of each date, and the moment a date and a time of day make, where they vary."""
    found: dict[str, dict[str, Any]] = {}
    dates = [name for name, column in columns.items() if column.spec["kind"] == "datetime"]
    clocks = [name for name, column in columns.items() if column.is_clock]
    for clock in clocks if len(dates) == 1 else []:
        found[f"{clock}_at"] = {"kind": "datetime", "derive": {"take": "joined", "of": [dates[0], clock]}}
    parts = [(date, take) for date in dates for take in ("hour", "weekday")] + [(moment, "hour") for moment in found]
    for moment, take in parts:
        found[f"{moment}_{take}"] = {"kind": "numeric", "derive": {"take": take, "of": [moment]}}
    specs = {name: Column.model_validate(spec) for name, spec in found.items() if name not in columns}
    table = derive(pd.DataFrame({name: column.values for name, column in columns.items()}), specs)
    varied = {name for name, column in specs.items() if column.kind == "datetime" or table[name].nunique() > 1}
    return {name: spec for name, spec in found.items() if name in varied}


def _policies(target: pd.Series, task: str, n_rows: int, time: str | None) -> dict[str, Any]:
    common: dict[str, Any] = {
        "validation": {"rows_min": max(1, min(20, n_rows // 10)), "quarantine_share_max": 0.2},
        "retrain": {"when": "any", "rows_min": max(ROWS_MIN, min(500, n_rows // 3))},
        "routing": {"split_b": 0.2},
    }
    training = {"engine": "pycaret", "budget_s": 60.0, "order": "time" if time is not None else "random"}
    if task == "regression":
        low, high = target.quantile([0.05, 0.95])  # nine in ten: a few huge values must not blunt the comparison
        loss_max = rounded(float(high - low))
        decision = {"loss": "absolute", "loss_max": loss_max, "margin": rounded(MARGIN_SHARE * loss_max)}
        return common | {"training": {"metric": "mae", **training}, "decision": decision | {"labels_min": 50}}
    top = float(target.value_counts(normalize=True).iloc[0])
    metric = "balanced_accuracy" if top > UNEVEN_SHARE else "accuracy"
    decision = {"loss": "zero_one", "loss_max": 1.0, "margin": 0.0, "labels_min": 50}
    return common | {"training": {"metric": metric, **training}, "decision": decision}


def rounded(value: float) -> float:
    """The value with one digit, such as 100 for 104.3."""
    return float(f"{value:.0e}") if value > 0 and math.isfinite(value) else 1.0
