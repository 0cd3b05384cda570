"""Real taxi trips as a stream: Parquet, a target derived from two timestamps, dates years off, rows out of order."""

import json
from pathlib import Path

import pandas as pd
import pytest
from omegaconf import OmegaConf
from tiny_loop import NOON
from tiny_stream import open_light

from mlops_assets.decode.table import decode_batch
from mlops_assets.eda.explore import explore
from mlops_assets.eda.gathered import gather
from mlops_assets.graph.steps.placing import place_batches
from mlops_assets.graph.steps.windows import keep_window
from mlops_assets.training.features import feature_frame, target_values
from mlops_assets.use_cases.load import check_use_case
from resources.state import ledger, windows

FILE = Path(__file__).parents[5] / "shared" / "data" / "deliveries" / "green_tripdata_2023-03.parquet"
BATCH_ROWS, DAY_S = 9_000, 86_400
YAML = """
name: trips
description: Minutes of a taxi trip, from what is known at its start.
task: regression
target: minutes
time: lpep_pickup_datetime
format: {kind: parquet}
columns:
  lpep_pickup_datetime: {kind: datetime, nullable: false}
  lpep_dropoff_datetime: {kind: datetime, nullable: false}
  PULocationID: {kind: category}
  DOLocationID: {kind: category}
  trip_distance: {kind: numeric, min: 0, max: 100}
  passenger_count: {kind: numeric}
  minutes: {kind: numeric, derive: {take: minutes_between, of: [lpep_pickup_datetime, lpep_dropoff_datetime]}}
  time_of_day_sin: {kind: numeric, derive: {take: time_of_day_sin, of: [lpep_pickup_datetime]}}
  time_of_day_cos: {kind: numeric, derive: {take: time_of_day_cos, of: [lpep_pickup_datetime]}}
  is_weekend: {kind: numeric, derive: {take: is_weekend, of: [lpep_pickup_datetime]}}
stream: {window: 1d, lateness: 2d}
training: {metric: mae}
decision: {loss: absolute, loss_max: 60}
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def use_case():
    values = OmegaConf.to_container(OmegaConf.create(YAML))
    return check_use_case(json.loads(json.dumps(values)), source="trips.yaml")


@pytest.fixture(scope="module")
def trips(use_case):
    if not FILE.is_file():
        pytest.skip(f"{FILE} is not there; this story needs real data")
    return decode_batch(FILE.read_bytes(), use_case)


@pytest.fixture
def stream(trips, use_case, tmp_path):
    """The file in batches, in its own order, accepted one after the other."""
    installation = open_light(tmp_path / "home", use_case)
    for first in range(0, len(trips), BATCH_ROWS):
        frame = trips[first : first + BATCH_ROWS].drop(columns="_unparsable")
        with installation.state.write() as connection:
            about = {"sha256": f"{first:064d}", "source": "folder", "name": f"{first}", "size_bytes": 1}
            batch = ledger.record_batch(connection, use_case="trips", landed_at=NOON, **about)
            ledger.mark_accepted(connection, batch.key, ledger.Counts(len(frame), len(frame), 0), NOON)
        installation.lake.write_table(frame, "trips", "accepted", f"{batch.key}.parquet")
    yield installation
    installation.state.close()


def test_the_minutes_of_a_trip_are_its_target_and_no_feature(trips, use_case):
    first = trips.iloc[0]
    seconds = (first["lpep_dropoff_datetime"] - first["lpep_pickup_datetime"]).total_seconds()
    assert target_values(trips[:1], use_case).tolist() == [seconds / 60]
    assert "minutes" not in feature_frame(trips[:1], use_case)
    assert "lpep_dropoff_datetime" not in use_case.request_columns


def test_every_trip_is_in_one_window(stream, trips, use_case):
    found = place_batches(stream, use_case)
    assert found.tally.rows + found.tally.late_rows == len(trips)
    assert found.tally.late_rows > 0  # a car's clock was behind by days, and the last batches are of the whole month
    with stream.state.read() as connection:
        kept = windows.latest_windows(connection, "trips", DAY_S, limit=1000)
    by_day = trips["lpep_pickup_datetime"].dt.floor("D").value_counts()
    assert {pd.Timestamp(one.start).tz_localize(None): one.rows + one.late_rows for one in kept} == by_day.to_dict()


def test_a_day_is_kept_in_order_and_explored(stream, use_case):
    due = place_batches(stream, use_case).due
    key = "20230315T000000-1d"
    assert key in {one.key for one in due}
    kept = keep_window(stream, use_case, key)
    assert kept.frame["lpep_pickup_datetime"].is_monotonic_increasing
    assert set(kept.frame["lpep_pickup_datetime"].dt.day) == {15}
    found = explore(gather([kept.frame], use_case), use_case)
    strongest = next(pair for pair in found.strongest if "minutes" in (pair.a, pair.b))
    assert {strongest.a, strongest.b} == {"minutes", "trip_distance"}
    assert strongest.value > 0.6
