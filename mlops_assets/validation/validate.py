"""A decoded batch split into rows that may be trained on and rows kept aside with their reasons."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlops_assets.decode.table import UNPARSABLE
from mlops_assets.spec import UseCase
from mlops_assets.validation.counts import count_missing, count_outliers, count_unparsable, fences
from mlops_assets.validation.run import Checked, run_suite

ROW, REASONS = "_row", "_reasons"


@dataclass(frozen=True)
class Validated:
    """What became of a batch; len(accepted) + len(quarantined) is its number of rows.

    Parameters
    ----------
    accepted : DataFrame
        Columns of the spec; no row where `passed` is False.
    quarantined : DataFrame
        All columns of the batch, `_row` (position in it, from 0) and `_reasons`.
    failures : tuple of str
        Why the batch as a whole is rejected; empty where it passed.
    report : dict
        All counts, JSON-ready.
    """

    accepted: pd.DataFrame
    quarantined: pd.DataFrame
    passed: bool
    failures: tuple[str, ...]
    report: dict[str, Any]


def validate_batch(frame: pd.DataFrame, use_case: UseCase) -> Validated:
    """The batch judged by the rules of its use case.

    Parameters
    ----------
    frame : DataFrame
        As decode.table.decode_batch gives it, with `_unparsable`.
    """
    table = frame.reset_index(drop=True)
    checked = run_suite(table, use_case)
    reasons = _reasons(checked, table)
    failures = _failures(checked, table, use_case)
    failures += _share_failure(reasons, len(table), use_case)
    is_bad = np.zeros(len(table), dtype=bool)
    is_bad[list(reasons)] = True
    bad = np.ones(len(table), dtype=bool) if failures else is_bad
    why = [reasons.get(int(row)) or f"batch rejected: {failures[0]}" for row in np.flatnonzero(bad)]
    accepted = table[~bad].drop(columns=UNPARSABLE).reset_index(drop=True)
    quarantined = table[bad].assign(
        **{ROW: np.flatnonzero(bad), REASONS: pd.Series(why, index=table.index[bad], dtype=object)}
    )
    report = _report(table, ~is_bad, accepted, checked, tuple(failures), reasons, use_case)
    return Validated(accepted, quarantined.reset_index(drop=True), not failures, tuple(failures), report)


def _reasons(checked: list[Checked], table: pd.DataFrame) -> dict[int, str]:
    """Sentences by position of the row."""
    found: dict[int, list[str]] = {}
    for one in checked:
        for row in one.rows:
            sentence = one.sentence
            if one.column == UNPARSABLE:
                sentence = f"not readable: {table[UNPARSABLE].iat[row]}"
            found.setdefault(int(row), []).append(sentence)
    return {row: "; ".join(sentences) for row, sentences in found.items()}


def _failures(checked: list[Checked], table: pd.DataFrame, use_case: UseCase) -> list[str]:
    found = []
    for one in checked:
        # What hangs on an absent column cannot be evaluated; that the column is absent is the failure to show.
        if one.error and (one.column in table.columns or one.column not in use_case.columns):
            found.append(f"{one.sentence}: could not be checked: {one.error}")
        elif one.level == "table" and not one.passed and not one.error:
            found.append(f"{one.sentence}; found {one.found}" if one.found else one.sentence)
    return found


def _share_failure(reasons: dict[int, str], n_rows: int, use_case: UseCase) -> list[str]:
    most = use_case.validation.quarantine_share_max
    if len(reasons) <= most * n_rows:
        return []
    common = Counter(sentence for line in reasons.values() for sentence in line.split("; ")).most_common(1)[0]
    return [
        f"at most {most:.4g} of the rows may be bad; found {len(reasons)} of {n_rows}, "
        f"most often: {common[0]} ({common[1]} rows)"
    ]


def _report(
    table: pd.DataFrame,
    good: "np.ndarray[Any, np.dtype[np.bool_]]",
    accepted: pd.DataFrame,
    checked: list[Checked],
    failures: tuple[str, ...],
    reasons: dict[int, str],
    use_case: UseCase,
) -> dict[str, Any]:
    """Counts before quarantine (the whole batch) and after it (its good rows, whether or not the batch passed)."""
    kept = table[good]
    limits = fences(table, use_case)
    return {
        "use_case": use_case.name,
        "passed": not failures,
        "failures": list(failures),
        "rows": len(table),
        "accepted": len(accepted),
        "quarantined": len(table) - len(accepted),
        "bad_rows": len(reasons),
        "duplicates": _count_duplicates(table[[name for name in use_case.read_columns if name in table.columns]]),
        "reasons": dict(Counter(s for line in reasons.values() for s in line.split("; ")).most_common()),
        "unparsable": {"before": count_unparsable(table), "after": count_unparsable(kept)},
        "outliers": {"before": count_outliers(table, limits), "after": count_outliers(kept, limits)},
        "missing": {"before": count_missing(table, use_case), "after": count_missing(kept, use_case)},
        "expectations": [_line(one) for one in checked],
    }


def _count_duplicates(table: pd.DataFrame) -> int:
    """Rows that repeat an earlier one; without columns rows cannot repeat."""
    return int(table.duplicated().sum()) if len(table.columns) else 0


def _line(one: Checked) -> dict[str, Any]:
    return {
        "expectation": one.expectation,
        "column": one.column,
        "level": one.level,
        "rule": one.sentence,
        "passed": one.passed,
        "rows": len(one.rows),
        "found": one.found,
        "error": one.error,
    }
