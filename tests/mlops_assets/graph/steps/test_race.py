"""The race of a stream whose champion was trained on one batch; windows of a day are kept by hand."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from tiny_loop import copy_home, open_tiny, trained_home
from tiny_stream import arrive, open_light, points_at, tiny_stream

from mlops_assets.graph.steps import race as racing
from mlops_assets.graph.steps.placing import place_batches
from mlops_assets.graph.steps.race import ARCHIVE, RECORD, losses_of, read_race, run_race
from mlops_assets.graph.steps.race_archive import to_bytes
from mlops_assets.graph.steps.windows import keep_window
from mlops_assets.spec import Decision

pytestmark = pytest.mark.slow

DAYS = [f"2026-02-{day:02}" for day in range(1, 7)]


@pytest.fixture
def stream(tmp_path_factory, tmp_path):
    home = copy_home(trained_home(tmp_path_factory.getbasetemp()), tmp_path / "home")
    installation = open_tiny(home, tiny_stream(race={"rows_min": 40}))
    (known,) = installation.lake.names("tiny", "accepted")
    table = installation.lake.read_table("tiny", "accepted", known)
    installation.lake.write_table(table.assign(at=points_at(0, DAYS[0], n=1)["at"][0]), "tiny", "accepted", known)
    arrive(installation, "a", points_at(1, *DAYS, n=40))
    yield installation
    installation.state.close()


def due(installation) -> list[str]:
    """Keys of the closed windows that are not kept yet."""
    return [one.key for one in place_batches(installation, installation.use_cases["tiny"]).due]


def keep(installation, *keys: str) -> None:
    for key in keys:
        keep_window(installation, installation.use_cases["tiny"], key)


def race(installation, use_case=None) -> tuple[int, list[str]]:
    """How many windows were raced, and what was told."""
    told: list[str] = []
    raced = run_race(installation, use_case or installation.use_cases["tiny"], told.append)
    return raced.new, told


def record(installation) -> dict:
    return json.loads(installation.lake.read_bytes("tiny", "race", RECORD))


def test_a_window_waits_for_an_earlier_one_that_is_not_kept_yet(stream):
    first, second, third, *_ = due(stream)
    keep(stream, first, third)
    assert race(stream)[0] == 1
    assert race(stream) == (0, [f"window {second} is closed and not kept yet: 1 later one(s) wait"])
    keep(stream, second)
    assert race(stream)[0] == 2
    assert [turn["window"] for turn in record(stream)["turns"]] == [first, second, third]


def test_a_record_that_a_kill_left_old_is_written_by_the_next_look(stream, monkeypatch):
    keep(stream, *due(stream)[:2])
    with monkeypatch.context() as patched:
        patched.setattr(racing, "reach", lambda point: pytest.fail(point))
        with pytest.raises(pytest.fail.Exception, match="race_kept"):
            race(stream)
    assert not stream.lake.exists("tiny", "race", RECORD)
    assert race(stream)[0] == 0
    assert len(record(stream)["turns"]) == 2


def test_without_a_window_there_is_no_record(stream):
    assert race(stream) == (0, [])
    assert stream.lake.names("tiny", "race") == []


def test_the_race_asks_for_the_columns_of_the_champion_whatever_is_declared_by_now(stream):
    keep(stream, *due(stream))
    case = stream.use_cases["tiny"]
    wide = case.model_copy(update={"columns": {"z": case.columns["x"]} | case.columns})
    assert race(stream, wide)[0] == 5
    assert list(read_race(stream, wide).race.pending.X) == ["x", "y"]


def test_a_champion_of_other_columns_begins_anew(stream):
    keep(stream, *due(stream))
    race(stream)
    kept = read_race(stream, stream.use_cases["tiny"])
    rows = kept.race.remembered.rows
    other = replace(kept.race.remembered, rows=replace(rows, X=rows.X.rename(columns={"y": "former"})))
    stream.lake.write_bytes(to_bytes(replace(kept, race=replace(kept.race, remembered=other))), "tiny", "race", ARCHIVE)
    assert race(stream)[0] == 5
    assert read_race(stream, stream.use_cases["tiny"]).race.windows == 5


def test_another_recipe_begins_anew_over_the_last_windows(stream, monkeypatch):
    keep(stream, *due(stream))
    race(stream)
    kept = read_race(stream, stream.use_cases["tiny"])
    stream.lake.write_bytes(to_bytes(replace(kept, recipe="another")), "tiny", "race", ARCHIVE)
    monkeypatch.setattr(racing, "REPLAYED", 3)
    assert race(stream)[0] == 3
    assert record(stream)["recipe"] == kept.recipe != "another"


def test_what_was_listened_to_is_told_of_each_window_that_was_answered(stream, monkeypatch):
    keep(stream, *due(stream))
    case = stream.use_cases["tiny"]
    told = case.model_copy(update={"training": case.training.model_copy(update={"explain_rows": 20})})
    race(stream, told)
    explained, turns = record(stream)["explained"], record(stream)["turns"]
    assert [one["window"] for one in explained] == [turn["window"] for turn in turns if turn["chosen"]]
    assert [one["policy"] for one in explained] == [turn["chosen"] for turn in turns if turn["chosen"]]
    assert [one["moved"] is None for one in explained] == [True] + [False] * (len(explained) - 1)
    assert all(sum(one["shares"].values()) == pytest.approx(1) for one in explained)


def test_nothing_is_explained_where_no_row_is_to_be(stream):
    keep(stream, *due(stream))
    race(stream)
    assert record(stream)["explained"] == []


def test_each_window_is_told_with_its_losses_or_that_no_model_was_there(stream):
    keep(stream, *due(stream))
    first, *_, last = race(stream)[1]
    assert first.endswith(": no model yet, 0 labels known")
    assert "used, because" in last
    assert re.search(r"; mean losses keep [\d.]+, continue [\d.]+, refit_recent [\d.]+, refit_all [\d.]+$", last)


def test_labels_are_known_as_late_as_the_use_case_says(stream):
    keep(stream, *due(stream))
    late = tiny_stream(race={"rows_min": 40}, label_delay="2d")
    race(stream, late)
    # 40 rows a day, at its hours: as day k begins, day k - 3 is known, and of day k - 2 the rows of its midnight, two
    assert [turn["known"] for turn in record(stream)["turns"]] == [0, 0, 302, 342, 382]


def test_rows_without_a_label_are_not_raced(stream):
    frame = points_at(2, DAYS[2], n=30).assign(above=None)
    arrive(stream, "unlabelled", frame)
    keep(stream, *due(stream))
    race(stream)
    assert [turn["rows"] for turn in record(stream)["turns"]][2:] == [40, 40, 40]


def test_a_champion_without_a_pipeline_does_not_race(stream, monkeypatch):
    monkeypatch.setattr(racing, "pipeline_of", lambda champion: None)
    raced = run_race(stream, stream.use_cases["tiny"], lambda _: None)
    assert raced.kept is None
    assert raced.note.endswith("has no pipeline that could be fitted again: it does not race")


def test_before_the_first_champion_there_is_no_race(tmp_path):
    installation = open_light(tmp_path / "home", tiny_stream())
    raced = run_race(installation, installation.use_cases["tiny"], lambda _: None)
    assert (raced.kept, raced.note.startswith("no champion yet")) == (None, True)
    installation.state.close()


def test_the_loss_of_a_classifier_is_of_its_probabilities_and_that_of_a_regression_of_its_numbers():
    class Halves:
        classes_ = np.array(["no", "yes"])

        def predict(self, X):
            return np.array(["yes", "yes"])

        def predict_proba(self, X):
            return np.array([[0.5, 0.5], [0.25, 0.75]])

    case = tiny_stream()
    surprised = case.model_copy(update={"decision": Decision(loss="log_loss", loss_max=9)})
    assert losses_of(surprised)(Halves(), None, np.array(["no", "yes"])) == pytest.approx(-np.log([0.5, 0.75]))

    class Threes:
        def predict(self, X):
            return np.array([3.0, 3.0])

    numbers = case.model_copy(update={"task": "regression", "decision": Decision(loss="absolute", loss_max=9)})
    assert losses_of(numbers)(Threes(), None, np.array([1.0, 5.0])).tolist() == [2.0, 2.0]


def test_no_more_windows_are_explained_than_the_record_holds(stream, monkeypatch):
    keep(stream, *due(stream))
    case = stream.use_cases["tiny"]
    told = case.model_copy(update={"training": case.training.model_copy(update={"explain_rows": 20})})
    monkeypatch.setattr("mlops_assets.training.race.race.TURNS_MAX", 2)
    race(stream, told)
    kept = record(stream)
    assert [one["window"] for one in kept["explained"]] == [turn["window"] for turn in kept["turns"]]
