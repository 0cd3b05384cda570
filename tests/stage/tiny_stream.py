"""The tiny use case as a stream, and batches of it in ledger and lake without a run."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
from tiny_loop import VALUES, accept, points

from mlops_assets.spec import UseCase
from mlops_assets.use_cases.load import check_use_case
from resources.installation import Installation
from resources.settings import Settings
from resources.state import tables  # noqa: F401 - puts every table on the metadata
from resources.state.database import metadata

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def tiny_stream(**stream: Any) -> UseCase:
    """The tiny use case whose rows have a time, `at`; windows of a day unless told otherwise."""
    columns = VALUES["columns"] | {"at": {"kind": "datetime"}}
    return check_use_case(VALUES | {"columns": columns, "time": "at", "stream": stream}, source="tests")


def rows(*times: str | None) -> pd.DataFrame:
    """A row for each time, '10' being midnight of 10 January 2026 and '10.5' its noon; x numbers them."""
    moments = [None if time is None else datetime(2025, 12, 31) + timedelta(days=float(time)) for time in times]
    at = pd.Series(moments, dtype="datetime64[ns]")
    frame = pd.DataFrame({"x": range(len(at)), "y": 0.0, "above": "yes"}).astype({"x": "float64"})
    return frame.assign(at=at)


def open_light(home: Path, use_case: UseCase, **options: Any) -> Installation:
    """An installation with a state database and a lake alone."""
    home.mkdir(parents=True)
    installation = Installation(Settings(home=home), {use_case.name: use_case}, **options)
    metadata.create_all(installation.state.engine)
    return installation


def arrive(installation: Installation, name: str, frame: pd.DataFrame) -> str:
    """Key of a batch whose rows are accepted."""
    key = accept(installation, name, len(frame))
    installation.lake.write_table(frame, "tiny", "accepted", f"{key}.parquet")
    return key


def points_at(seed: int, *days: str, n: int = 20) -> pd.DataFrame:
    """Points of the tiny use case, `n` a day, at its hours."""
    at = [pd.Timestamp(day) + pd.Timedelta(hours=number % 24) for day in days for number in range(n)]
    return points(seed, n=len(at)).assign(at=at)
