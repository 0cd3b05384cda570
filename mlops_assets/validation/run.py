"""One run of a suite over a table, as plain values."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlops_assets.spec import UseCase
from mlops_assets.validation.suite import build_suite


@dataclass(frozen=True)
class Checked:
    """One expectation and what came of it.

    Parameters
    ----------
    level : str
        'row' where failing rows go to quarantine, 'table' where failing rejects the batch.
    sentence : str
        The rule, or for a row what is wrong with it.
    rows : int array
        Positions of the failing rows; empty for a rule about the table.
    found : str
        What was there instead, in words; empty where nothing can be said.
    error : str
        Why the expectation could not be evaluated, which fails the batch; empty where it was.
    """

    expectation: str
    column: str | None
    level: str
    sentence: str
    passed: bool
    rows: np.ndarray[Any, np.dtype[np.intp]]
    found: str = ""
    error: str = ""


def run_suite(table: pd.DataFrame, use_case: UseCase) -> list[Checked]:
    """What came of each expectation of the use case, on a table whose index is 0, 1, 2, ..."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("batches").add_dataframe_asset(use_case.name)
    batch = asset.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": table})
    result = batch.validate(build_suite(use_case), result_format={"result_format": "COMPLETE"})
    return [_checked(one) for one in result.results]


def _checked(one: Any) -> Checked:
    config, found = one.expectation_config, one.result
    meta = config.meta
    error = _error(one.exception_info)
    is_row = meta["level"] == "row"
    return Checked(
        expectation=config.type,
        column=config.kwargs.get("column"),
        level=meta["level"],
        sentence=meta["sentence"],
        passed=bool(one.success) and not error,
        rows=np.array(found.get("unexpected_index_list") or [] if is_row else [], dtype=np.intp),
        found=_found(found),
        error=error,
    )


def _found(result: dict[str, Any]) -> str:
    extra = result.get("details", {}).get("mismatched", {}).get("unexpected") if result.get("details") else None
    if extra:
        return f"{', '.join(map(str, extra))}"
    if result.get("unexpected_percent") is not None:
        return f"{result['unexpected_percent'] / 100:.4g}"
    observed = result.get("observed_value")
    return f"{observed}" if isinstance(observed, int) else ""


def _error(info: Any) -> str:
    """The message of an exception, whose record is flat or one level deep by metric."""
    records = [info] if "raised_exception" in info else list(info.values())
    return "; ".join(str(record["exception_message"]) for record in records if record.get("raised_exception"))
