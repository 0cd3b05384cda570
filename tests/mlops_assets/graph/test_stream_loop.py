"""Files of a stream that land become windows, through the sensors and jobs that everyone uses."""

import json

import pytest
from tiny_loop import land, open_tiny, opened_loop
from tiny_stream import points_at, tiny_stream

from mlops_assets.graph.steps import race_archive
from mlops_assets.graph.steps.race import ARCHIVE, read_race, run_race
from resources.state import windows
from resources.state.window_losses import latest_window_loss

pytestmark = pytest.mark.slow


def test_what_lands_becomes_windows_and_their_pictures(tmp_path):
    installation = open_tiny(tmp_path / "home", tiny_stream())
    land(installation, "a", points_at(1, "2026-01-01", "2026-01-02"))
    land(installation, "b", points_at(2, "2026-01-02", "2026-01-03"))
    with opened_loop(installation) as loop:
        ran = loop.run_once()
        asked = [(one.job, one.partition_key) for one in ran if one.job == "tiny_window"]
        assert asked == [("tiny_window", "20260101T000000-1d"), ("tiny_window", "20260102T000000-1d")]
        assert all(one.success for one in ran)
        assert loop.run_once() == []
    with installation.state.read() as connection:
        third, second, first = windows.latest_windows(connection, "tiny", 86_400)
    assert [(one.rows, one.batches, one.status) for one in (first, second, third)] == [
        (20, 1, "closed"),
        (40, 2, "closed"),
        (20, 1, "open"),
    ]
    kept = installation.lake.read_table("tiny", "windows", f"{second.key}.parquet")
    assert (len(kept), kept["at"].is_monotonic_increasing) == (40, True)
    assert installation.lake.names("tiny", "eda") == [f"{first.key}.html", f"{second.key}.html", "all.html"]
    installation.state.close()


def test_closed_windows_race_once_there_is_a_champion(tmp_path, monkeypatch):
    stream = tiny_stream(race={"rows_min": 40})
    in_time = stream.training.model_copy(update={"order": "time", "folds": 3})
    installation = open_tiny(tmp_path / "home", stream.model_copy(update={"training": in_time}))
    days = [f"2026-01-{day:02}" for day in range(1, 8)]
    land(installation, "a", points_at(1, *days, n=24))
    with opened_loop(installation) as loop:
        loop.run_once()
        land(installation, "b", points_at(2, "2026-01-08", "2026-01-09", n=24))
        ran = loop.run_once()
    assert all(one.success for one in ran)
    with installation.state.read() as connection:
        newest = latest_window_loss(connection, "tiny")
    assert (newest.window[:8], newest.champion_version, newest.status) == ("20260108", 1, "no_drift")
    report = json.loads(installation.lake.read_bytes("tiny", "candidates", "000001", "report.json"))
    assert 0.5 < report["promise"]["expected"] <= 1
    assert report["promise"]["low"] <= report["promise"]["expected"] <= report["promise"]["high"] <= 1
    record = json.loads(installation.lake.read_bytes("tiny", "race", "race.json"))
    assert [turn["window"][:8] for turn in record["turns"]] == [f"2026010{day}" for day in range(1, 9)]
    assert [bool(turn["chosen"]) for turn in record["turns"]] == [False, False] + [True] * 6
    assert set(record["turns"][-1]["loss"]) == {"keep", "continue", "refit_recent", "refit_all"}
    assert record["standing"]["rows"] == 5 * 24  # of the last window no label is known before the next one begins
    assert told_of_another_format(installation, monkeypatch)[0].startswith("the race was kept by another version")
    installation.state.close()


def told_of_another_format(installation, monkeypatch) -> list[str]:
    """What a race says that finds itself kept in the first format; it ends where it was."""
    told, use_case = [], installation.use_cases["tiny"]
    before = read_race(installation, use_case)
    with monkeypatch.context() as patched:
        patched.setattr(race_archive, "FORMAT", 1)
        installation.lake.write_bytes(race_archive.to_bytes(before), "tiny", "race", ARCHIVE)
    assert run_race(installation, use_case, told.append).new == 8
    assert read_race(installation, use_case).race.windows == before.race.windows
    return told
