from tiny_loop import NOON

from mlops_assets.drift.history import Shift
from mlops_assets.graph.steps.drift import read_history
from resources.state.drift_log import record_drift


def record(connection, key, **values):
    said = {"model_status": "no_labels", "worst_column": None, "sentence": key, "at": NOON}
    record_drift(connection, use_case="tiny", key=key, champion_version=1, status="no_drift", **said, **values)


def test_earlier_batches_come_with_their_shifts_and_the_values_behind_them(open_empty):
    installation = open_empty()
    with installation.state.write() as connection:
        record(connection, "a", rows=100, shifts={"x": 0.25})  # without a count: every row has a value
        record(connection, "b", rows=100, shifts={"x": Shift(0.5, 20.0)})
        record(connection, "c", rows=None, shifts=None)
    found = read_history(installation, installation.use_cases["tiny"], 1, "d")
    assert found.scored == 3
    assert [seen.shifts for seen in found.recent] == [{"x": Shift(0.25, 100.0)}, {"x": Shift(0.5, 20.0)}]
