"""What a run in this process tells people: the lines its assets log and why a step failed, not Dagster's own events."""

import logging
from collections.abc import Callable
from typing import Any

import dagster as dg

# Run configuration that a job of `narrated` definitions takes.
NARRATED: dict[str, Any] = {"loggers": {"narration": {}}}
REJECTED = "DagsterAssetCheckFailedError"
SKIPPED = "Dependencies for step"  # Dagster's own line about what follows a failed step


def narrated(definitions: dg.Definitions, tell: Callable[[str], None]) -> dg.Definitions:
    """The definitions, whose runs tell their log lines instead of printing every event."""

    @dg.logger({}, description="Lines for people, without Dagster's own events.")
    def narration(_: dg.InitLoggerContext) -> logging.Logger:
        logger = logging.Logger("narration", logging.INFO)
        logger.addHandler(_Teller(tell))
        return logger

    return dg.Definitions.merge(definitions, dg.Definitions(loggers={"narration": narration}))


def failures(result: dg.ExecuteInProcessResult) -> list[str]:
    """One sentence for each step that failed: the step and the innermost reason."""
    found = [(event.step_key, _reason(event.step_failure_data)) for event in result.all_events if event.is_step_failure]
    return [f"{str(step).rpartition('__')[2]}: {reason}" for step, reason in found if reason]


def _reason(data: Any) -> str:
    """What the step itself said, else its innermost error; empty for a rejected batch, whose own line has said why."""
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    if error is not None and error.cls_name == REJECTED:
        return ""
    stated = data.user_failure_data.description if data.user_failure_data else None
    return " ".join(str(stated or (error.message if error is not None else "no reason was kept")).split())


class _Teller(logging.Handler):
    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.INFO)
        self.tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        meta = getattr(record, "dagster_meta", {})
        line = str(meta.get("orig_message", record.getMessage()))
        if meta.get("dagster_event") is None and meta.get("step_key") and not line.startswith(SKIPPED):
            self.tell(line)
