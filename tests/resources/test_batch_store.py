import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from resources.batch_store import count_rows, read_accepted, store_validated
from resources.lake import Lake
from resources.state import ledger
from resources.state.database import State, metadata

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Judged:
    accepted: pd.DataFrame
    quarantined: pd.DataFrame
    failures: tuple[str, ...] = ()
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        return not self.failures


GOOD = Judged(
    pd.DataFrame({"at": pd.to_datetime(["2024-05-01T10:00", None]), "x": [1.0, 2.0]}),
    pd.DataFrame({"x": [9.0], "_row": [1], "_reasons": ["too large"]}),
    report={"rows": 3},
)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    made = State(f"sqlite:///{tmp_path / 'state.db'}")
    metadata.create_all(made.engine)
    yield made
    made.close()


def land(state: State, content: str = "a") -> str:
    with state.write() as connection:
        return ledger.record_batch(
            connection, use_case="wine", sha256=content * 64, source="folder", name="a", size_bytes=1, landed_at=NOON
        ).key


def test_an_accepted_batch_has_its_rows_its_reports_and_its_ledger_row(lake: Lake, state: State) -> None:
    key = land(state)
    batch = store_validated(lake, state, "wine", key, GOOD, NOON, time="at", documents={"quality.html": b"<p>"})
    assert (batch.status, batch.rows_read, batch.rows_accepted, batch.rows_quarantined) == ("accepted", 3, 2, 1)
    assert batch.time_min == batch.time_max == datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert lake.read_table("wine", "quarantined", f"{key}.parquet")["_reasons"].tolist() == ["too large"]
    assert json.loads(lake.read_bytes("wine", "reports", key, "quality.json")) == {"rows": 3}
    assert lake.read_bytes("wine", "reports", key, "quality.html") == b"<p>"


def test_a_rejected_batch_keeps_its_reasons_and_is_not_accepted(lake: Lake, state: State) -> None:
    judged = Judged(GOOD.accepted.head(0), GOOD.quarantined, failures=("too few", "too bad"))
    batch = store_validated(lake, state, "wine", land(state), judged, NOON)
    assert (batch.status, batch.reason) == ("rejected", "too few; too bad")
    with state.read() as connection:
        assert ledger.accepted(connection, "wine") == []


def test_a_batch_may_be_decided_again(lake: Lake, state: State) -> None:
    key = land(state)
    for judged, status in [(Judged(GOOD.accepted.head(0), GOOD.quarantined, ("x",)), "rejected"), (GOOD, "accepted")]:
        assert store_validated(lake, state, "wine", key, judged, NOON).status == status


def test_a_report_that_json_cannot_hold_decides_nothing(lake: Lake, state: State) -> None:
    key = land(state)
    with pytest.raises(ValueError, match="not JSON compliant"):
        store_validated(
            lake, state, "wine", key, Judged(GOOD.accepted, GOOD.quarantined, report={"x": float("nan")}), NOON
        )
    with state.read() as connection:
        assert ledger.find(connection, key).status == "landed"


def test_the_span_is_unknown_without_a_time() -> None:
    for time in (None, "absent"):
        assert count_rows(GOOD, time).time_min is None
    empty = Judged(GOOD.accepted.tail(1), GOOD.quarantined)
    assert count_rows(empty, "at").time_max is None


def test_accepted_rows_of_several_batches_stand_below_one_another(lake: Lake, state: State) -> None:
    batches = [store_validated(lake, state, "wine", land(state, content), GOOD, NOON) for content in "ab"]
    assert read_accepted(lake, "wine", batches)["x"].tolist() == [1, 2, 1, 2]
    assert read_accepted(lake, "wine", []).empty
