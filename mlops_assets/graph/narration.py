"""What a run in this process tells people: the lines its assets log and why a step failed, not Dagster's own events."""

import logging
from collections.abc import Callable
from typing import Any

import dagster as dg

NARRATED: dict[str, Any] = {"loggers": {"narration": {}}}  # run configuration that a job of `narrated` definitions takes
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
    found = []
    for event in result.all_events:
        if event.is_step_failure:
            data = event.step_failure_data
            stated = data.user_failure_data.description if data.user_failure_data else None
            error = data.error
            while error is not None and error.cause is not None:
                error = error.cause
            reason = stated or (error.message if error is not None else "no reason was kept")
            found.append(f"{str(event.step_key).rpartition('__')[2]}: {' '.join(reason.split())}")
    return found


class _Teller(logging.Handler):
    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.INFO)
        self.tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        meta = getattr(record, "dagster_meta", {})
        line = str(meta.get("orig_message", record.getMessage()))
        if meta.get("dagster_event") is None and meta.get("step_key") and not line.startswith(SKIPPED):
            self.tell(line)
