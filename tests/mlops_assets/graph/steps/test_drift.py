import json

import pytest
from tiny_loop import NOON, accept, points, score

from mlops_assets.drift.history import Shift
from mlops_assets.graph.steps.drift import read_history, score_batch
from resources.lake import Lake
from resources.state.drift_log import drift_before, record_drift


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


class Overtaken(Lake):
    """A lake in which another batch is scored while the report of the first one is written."""

    def __init__(self, root, overtake) -> None:
        super().__init__(root)
        self.overtakes = [overtake]

    def write_bytes(self, data, *parts):
        if parts[-1] == "drift.json" and self.overtakes:
            self.overtakes.pop()()
        return super().write_bytes(data, *parts)


@pytest.mark.slow
def test_two_batches_scored_at_once_take_two_numbers_of_the_budget(trained):
    key, root = accept(trained, "mine"), trained.settings.lake_root
    trained.lake.write_table(points(9), "tiny", "accepted", f"{key}.parquet")
    vars(trained)["lake"] = Overtaken(root, lambda: score(trained, "other", data="no_drift"))
    score_batch(trained, trained.use_cases["tiny"], key)
    report = json.loads(Lake(root).read_bytes("tiny", "reports", key, "drift.json"))
    assert report["promise"]["number"] == 2
    with trained.state.read() as connection:
        assert drift_before(connection, "tiny", 1, "next", 9).scored == 2
