"""Feedback late, repeated, contradictory, about unknown predictions and before its prediction, in whatever order.

All orders send the same messages, in blocks cut elsewhere, and the predictions arrive in between. What is kept in the
end must be the same, and must be what follows from the set of events.
"""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from mlops_assets.spec import Feedback
from mlops_assets.use_cases.load import load_use_cases
from resources.state import tables
from resources.state.database import State, metadata
from resources.state.feedback import Event, feedback_events, record_many
from resources.state.labelling import find_known
from resources.state.labels import labels
from resources.state.parking import attach, attachable, park, parked_feedback
from resources.state.prediction import Prediction
from resources.state.predictions import insert
from resources.state.traffic import traffic
from resources.state.truth import Truths

assert tables.__all__  # every table stands on `metadata`
POSTGRES = "postgresql+psycopg://postgres@127.0.0.1:5432/test"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
EVENTS, REPEATED, SEEDS, BLOCKS = 2_000, 500, 50, 6
PREDICTED, UNKNOWN = 300, 20  # predictions that arrive, and ids about which truths come although they never do
TIMES = (None, 0 * HOUR, HOUR, 2 * HOUR, 24 * HOUR, 25 * HOUR, 48 * HOUR)  # after 24 hours a truth has expired


def make_messages() -> list[Event]:
    """Events that contradict each other often, and some of them again, received later."""
    random = np.random.default_rng(7)
    events = []
    for _ in range(EVENTS):
        after = TIMES[random.integers(len(TIMES))]
        events.append(
            Event(
                f"p{random.integers(PREDICTED + UNKNOWN)}",
                int(random.integers(3, 9)),
                NOON + timedelta(seconds=int(random.integers(7_200))),
                None if after is None else NOON + after,
                f"source {random.integers(3)}",
            )
        )
    again = random.choice(EVENTS, REPEATED)
    return events + [replace(events[n], received_at=events[n].received_at + HOUR) for n in again]


MESSAGES = make_messages()
PREDICTIONS = [
    Prediction(f"p{n}", "wine_quality", "u", "AB"[n % 2], 1, 2, 5, 6, 5, {}, 1 + n % 3, NOON) for n in range(PREDICTED)
]


@pytest.fixture(scope="module")
def truths() -> Truths:
    use_cases = load_use_cases()
    wine = use_cases["wine_quality"].model_copy(update={"feedback": Feedback(expires_h=24)})
    return Truths(use_cases | {"wine_quality": wine})


@pytest.fixture(params=["sqlite", "postgresql"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[State]:
    if request.param == "sqlite":
        state = State(f"sqlite:///{tmp_path / 'state.db'}")
        metadata.create_all(state.engine)
        yield state
        state.close()
        return
    admin, schema = sa.create_engine(POSTGRES, connect_args={"connect_timeout": 2}), f"t_{uuid.uuid4().hex}"
    try:
        with admin.begin() as connection:
            connection.execute(sa.schema.CreateSchema(schema))
    except sa.exc.OperationalError as error:
        pytest.skip(f"no PostgreSQL answers at {POSTGRES}: {error.orig}")
    state = State(f"{POSTGRES}?options=-csearch_path%3D{schema}")
    metadata.create_all(state.engine)
    yield state
    state.close()
    with admin.begin() as connection:
        connection.execute(sa.schema.DropSchema(schema, cascade=True))
    admin.dispose()


def send(state: State, truths: Truths, seed: int) -> list[str]:
    """Send all messages in an order of this seed, predictions in between; what each message was answered."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(MESSAGES))
    cuts = [0, *sorted(random.integers(len(MESSAGES), size=BLOCKS - 1)), len(MESSAGES)]
    arriving = np.array_split(random.permutation(PREDICTED), BLOCKS)
    statuses = []
    for (start, end), new in zip(pairwise(cuts), arriving, strict=True):
        block = [MESSAGES[n] for n in order[start:end]]
        with state.write() as connection:
            known = find_known(connection, [event.prediction_id for event in block])
            park(connection, [event for event in block if event.prediction_id not in known])
            recorded = [event for event in block if event.prediction_id in known]
            statuses += record_many(connection, recorded, known, truths).statuses
            insert(connection, [PREDICTIONS[n] for n in new])
        if random.random() < 0.5 or end == len(MESSAGES):
            with state.write() as connection:
                statuses += attach(connection, attachable(connection)[0], truths).statuses
    return statuses


def kept(state: State) -> dict[str, list[tuple]]:
    """All that feedback left, without the ids that rows got in passing; then nothing is left."""
    found = {}
    with state.write() as connection:
        for table in (labels, feedback_events, parked_feedback, traffic):
            columns = [column for column in table.c if column.name not in ("id", "prediction")]
            found[table.name] = sorted(connection.execute(sa.select(*columns)).all(), key=repr)
        for table in metadata.sorted_tables:
            connection.execute(table.delete())
    return found


def due_labels() -> dict[str, tuple]:
    """By hand: (truth, event time, source, corrections, duplicates, expired) of each prediction with a truth."""
    due = {}
    for prediction in PREDICTIONS:
        mine = [event for event in MESSAGES if event.prediction_id == prediction.prediction_id]
        first: dict[tuple, datetime] = {}
        for event in mine:
            key = (event.source, event.truth, event.event_time)
            first[key] = min(first.get(key, event.received_at), event.received_at)
        distinct = [(time or first[source, truth, time], truth, source) for source, truth, time in first]
        in_time = [one for one in distinct if one[0] <= NOON + 24 * HOUR]
        if distinct:
            time, truth, source = max(in_time or distinct)
            corrections = sum(one[1] != truth for one in in_time or distinct)
            repeated = len(mine) - len(distinct)
            due[prediction.prediction_id] = (truth, time, source, corrections, repeated, not in_time)
    return due


@pytest.mark.slow
def test_every_order_of_events_and_predictions_leaves_the_same(state, truths):
    seeds = SEEDS if state.engine.dialect.name == "sqlite" else 3
    first = None
    for seed in range(seeds):
        statuses = send(state, truths, seed)
        left = kept(state)
        first = first or left
        assert left == first, f"seed {seed}"
        assert sum(status != "duplicate" for status in statuses) == len(left["feedback_events"]), f"seed {seed}"
    assert first is not None
    assert {
        row.prediction_id: (row.truth, row.event_time, row.source, row.corrections, row.duplicates, row.expired)
        for row in first["labels"]
    } == due_labels()
    assert sum(row.seen for table in ("feedback_events", "parked_feedback") for row in first[table]) == len(MESSAGES)
    assert {int(row.prediction_id[1:]) for row in first["parked_feedback"]} == set(
        range(PREDICTED, PREDICTED + UNKNOWN)
    )
    assert sum(row.labels for row in first["traffic"]) == sum(not row.expired for row in first["labels"])
    assert all(row.received_at is not None and row.refused is None for row in first["parked_feedback"])
