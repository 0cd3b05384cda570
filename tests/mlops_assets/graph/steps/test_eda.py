import dagster as dg
import pytest
from tiny_stream import arrive, open_light, points_at, tiny_stream

from mlops_assets.graph.steps import eda
from mlops_assets.graph.steps.eda import explore_all, explore_window, keep_pages, window_lines
from mlops_assets.graph.steps.placing import place_batches
from mlops_assets.graph.steps.windows import keep_window

FIRST, SECOND = "20260101T000000-1d", "20260102T000000-1d"

pytestmark = pytest.mark.slow


@pytest.fixture
def stream(tmp_path):
    installation = open_light(tmp_path / "home", tiny_stream())
    arrive(installation, "a", points_at(1, "2026-01-01", "2026-01-02", "2026-01-03"))
    arrive(installation, "b", points_at(2, "2026-01-01", n=7))
    place_batches(installation, installation.use_cases["tiny"])
    yield installation
    installation.state.close()


def test_a_window_shows_its_rows_in_time_and_all_rows_the_late_ones_too(stream):
    use_case = stream.use_cases["tiny"]
    keep_window(stream, use_case, FIRST)
    explored = explore_window(stream, use_case, FIRST)
    assert explored.found.rows == 20
    assert "late rows<b>7</b>" in explored.html
    together = explore_all(stream, use_case)
    assert together.found.rows == 67
    assert together.title == "All accepted rows of 2 batch(es)"


def test_the_page_of_all_rows_comes_with_the_last_window_that_is_due(stream):
    use_case = stream.use_cases["tiny"]
    keep_window(stream, use_case, FIRST)
    assert keep_pages(stream, use_case, FIRST)[1] is None
    keep_window(stream, use_case, SECOND)
    _, together = keep_pages(stream, use_case, SECOND)
    assert f'href="{FIRST}.html"' in together.html
    assert stream.lake.names("tiny", "eda") == [f"{FIRST}.html", f"{SECOND}.html", "all.html"]
    assert [(line.key[:8], line.address is None) for line in window_lines(stream, use_case)] == [
        ("20260103", True),
        ("20260102", False),
        ("20260101", False),
    ]


def test_while_windows_wait_all_rows_are_explored_whenever_the_pages_have_doubled(tmp_path, monkeypatch):
    monkeypatch.setattr(eda, "MANY", 2)
    installation = open_light(tmp_path / "home", tiny_stream())
    use_case = installation.use_cases["tiny"]
    arrive(installation, "a", points_at(1, *(f"2026-01-0{day}" for day in range(1, 8)), n=2))
    due = place_batches(installation, use_case).due
    together = []
    for window in due:
        keep_window(installation, use_case, window.key)
        together.append(keep_pages(installation, use_case, window.key)[1] is not None)
    assert together == [False, True, False, True, False, True]  # 2 and 4 pages; the sixth window is the last one due
    installation.state.close()


def test_a_window_whose_rows_are_not_together_is_refused(stream):
    with pytest.raises(dg.Failure, match="its rows are not kept together yet"):
        explore_window(stream, stream.use_cases["tiny"], SECOND)
