"""A proposed use case as YAML that a person can read, judge and change."""

import json
from collections.abc import Mapping
from typing import Any

from mlops_assets.spec import DriftPolicy, Landing, UseCase
from mlops_assets.use_cases.infer import Inferred

HEAD = """\
# {name}: proposed from a file with {size}.
# Every line is a guess from that file; change what you know better, then run: mlops use-case check {name}
"""

COLUMNS = """\
# kind: numeric, category, text, datetime, id (datetime and id columns are never features). Rows outside min..max or
# allowed go to quarantine; a batch with a larger share than missing_share_max is rejected.
# Write feature: false for every column that is not known yet when a prediction is asked for.
"""

NEWLINE = "\n"

COMMENTS = {
    "time": "datetime column that orders the rows",
    "unit": "column whose hash decides who is served by which model",
    "missing": "texts that mean missing, blanks stripped",
    "landing": "where files land, and how long one must be quiet",
    "validation": "a smaller batch, or one with a larger share of bad rows, is rejected",
    "drift": "when a batch counts as different from the training data; what counts as small has its defaults",
    "retrain": "when: drift, model_drift, any; rows_min: accepted rows before the first model is trained",
    "training": "engine: pycaret or lean; order: random, or time where the future must be predicted from the past",
    "routing": "share of requests that the challenger answers",
    "decision": "losses are clipped at loss_max; a difference below margin does not count",
    "freshness_h": "hours without a new batch before the graph warns",
}


def commented_yaml(inferred: Inferred) -> str:
    """The whole file; loading it gives the use case that was inferred."""
    values = dict(inferred.values)
    columns = values.pop("columns")
    values |= _defaults(values)
    order = [key for key in UseCase.model_fields if key in values or key == "columns"]
    lines = [HEAD.format(name=inferred.name, size=inferred.reasons["format"])]
    for key in order:
        if key == "columns":
            lines.append(_columns(columns, inferred.reasons))
            continue
        comment = inferred.reasons.get(key) if key == "task" else COMMENTS.get(key)
        lines.append(f"{f'# {comment}{NEWLINE}' if comment else ''}{key}: {flow(values[key])}{NEWLINE}")
    return "".join(lines)


def flow(value: Any) -> str:
    """The value on one line of YAML; texts are quoted unless they are plain words."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{flow(key)}: {flow(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(flow(inner) for inner in value)}]"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, str) and value.isidentifier() and value.isascii() and value.lower() not in AMBIGUOUS:
        return value
    return json.dumps(value, ensure_ascii=False)


# Words that YAML 1.1 reads as something other than text.
AMBIGUOUS = {"true", "false", "yes", "no", "on", "off", "y", "n", "null", "none", "nan", "inf"}


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    shown = repr(value)
    # Without a point YAML reads 1e-05 as a text.
    return shown.replace("e", ".0e") if "e" in shown and "." not in shown else shown


def _columns(columns: Mapping[str, Mapping[str, Any]], reasons: Mapping[str, str]) -> str:
    lines = ["\n", COLUMNS, "columns:\n"]
    for name, spec in columns.items():
        reason = reasons.get(f"columns.{name}", "derived, in training and in the router alike")
        lines.append(f"  {flow(name)}: {flow(spec)}  # {_comment(reason)}\n")
    return "".join([*lines, "\n"])


def _comment(text: str) -> str:
    """On one line, whatever a file put into it."""
    return "".join(character if character.isprintable() else " " for character in text)


def _defaults(values: Mapping[str, Any]) -> dict[str, Any]:
    """Sections that were not inferred, with the defaults a reader may want to change."""
    landing, drift = Landing(), DriftPolicy()
    return {
        "owner": values.get("owner", UseCase.model_fields["owner"].default),
        "landing": {"sources": [{"kind": "folder"}], "quiet_s": landing.quiet_s, "same_bytes": landing.same_bytes},
        "drift": {"rows_min": drift.rows_min, "alpha": drift.alpha},
        "freshness_h": UseCase.model_fields["freshness_h"].default,
    }
