"""What `mlops status` tells of a stream."""

from datetime import UTC, datetime

import pytest
from tiny_stream import arrive, open_light, rows, tiny_stream

from mlops_assets.cli.status import lines_of, read_status
from mlops_assets.graph.steps.placing import place_batches
from resources.state.window_losses import record_window_loss


@pytest.fixture
def stream(tmp_path):
    installation = open_light(tmp_path / "home", tiny_stream())
    arrive(installation, "a", rows("1", "1.5", "2", None))
    place_batches(installation, installation.use_cases["tiny"])
    yield installation
    installation.state.close()


def test_windows_and_their_rows_are_counted(stream):
    found = read_status(stream, stream.use_cases["tiny"])
    assert {name: found["windows"][name] for name in ("rows", "late_rows", "untimed_rows", "open", "closed")} == {
        "rows": 3,
        "late_rows": 0,
        "untimed_rows": 1,
        "open": 1,
        "closed": 1,
    }
    assert any(line.startswith("windows     complete until 2026-01-02") for line in lines_of(found))
    assert not any(line.startswith("window ") for line in lines_of(found))


def test_the_newest_loss_on_a_window_is_told(stream):
    about = {"use_case": "tiny", "window": "w", "champion_version": 3, "status": "drift", "losses": None}
    with stream.state.write() as connection:
        record_window_loss(connection, sentence="Model drift", at=datetime(2026, 3, 1, tzinfo=UTC), **about)
    found = read_status(stream, stream.use_cases["tiny"])
    assert found["windows"]["loss"]["status"] == "drift"
    assert "window      w, version 3: Model drift" in lines_of(found)


def test_a_use_case_that_is_no_stream_has_no_windows(stream):
    plain = stream.use_cases["tiny"].model_copy(update={"stream": None})
    found = read_status(stream, plain)
    assert found["windows"] is None
    assert not any(line.startswith("window") for line in lines_of(found))
