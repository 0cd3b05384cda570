import dagster as dg
import pandas as pd
import pytest
from tiny_loop import copy_home, open_tiny, points, trained_home
from tiny_stream import arrive, open_light, points_at, tiny_stream

from mlops_assets.graph.steps.placing import place_batches
from mlops_assets.graph.steps.window_loss import score_window
from mlops_assets.graph.steps.windows import keep_window
from resources.state import ledger, window_losses

pytestmark = pytest.mark.slow

DAYS = ("2026-02-01", "2026-02-02", "2026-02-03", "2026-02-04")
KEYS = tuple(f"{day.replace('-', '')}T000000-1d" for day in DAYS)


def at(frame: pd.DataFrame, day: str) -> pd.DataFrame:
    """The rows, all at the beginning of a day."""
    return frame.assign(at=pd.Series([day] * len(frame), dtype="datetime64[ns]"))


@pytest.fixture
def stream(tmp_path_factory, tmp_path):
    """A champion that was trained on one batch, of points without a time; windows of a day."""
    home = copy_home(trained_home(tmp_path_factory.getbasetemp()), tmp_path / "home")
    installation = open_tiny(home, tiny_stream())
    with installation.state.read() as connection:
        (known,) = ledger.accepted(connection, "tiny")
    table = installation.lake.read_table("tiny", "accepted", f"{known.key}.parquet")
    installation.lake.write_table(at(table, DAYS[0]), "tiny", "accepted", f"{known.key}.parquet")
    yield installation
    installation.state.close()


def close(installation, *frames: pd.DataFrame) -> None:
    """Batches that arrive, and every window that they close kept together."""
    for number, frame in enumerate(frames):
        arrive(installation, f"batch {number}", frame)
    for window in place_batches(installation, installation.use_cases["tiny"]).due:
        keep_window(installation, installation.use_cases["tiny"], window.key)


def turned(day: str) -> pd.DataFrame:
    """Points of one day of which the others lie above."""
    frame = points(7, n=200)
    return at(frame.assign(above=frame["above"].map({"yes": "no", "no": "yes"})), day)


def test_a_window_like_the_training_is_no_drift_and_one_where_all_is_turned_is(stream):
    use_case = stream.use_cases["tiny"]
    close(stream, points_at(3, DAYS[1], n=100), turned(DAYS[2]), points_at(4, DAYS[3]))
    calm, wrong = (score_window(stream, use_case, key) for key in KEYS[1:3])
    assert (calm.report.status, calm.report.loss.n_current, calm.champion_version) == ("no_drift", 100, 1)
    assert (wrong.report.status, wrong.report.loss.n_current) == ("drift", 200)
    assert wrong.sentence.startswith("Model drift: mean loss ")
    assert wrong.png.startswith(b"\x89PNG")
    with stream.state.read() as connection:
        newest = window_losses.latest_window_loss(connection, "tiny")
    assert (newest.window, newest.status, newest.sentence) == (KEYS[2], "drift", wrong.sentence)


def test_rows_that_the_champion_was_trained_on_do_not_count(stream):
    close(stream, points_at(3, DAYS[1]))
    seen = score_window(stream, stream.use_cases["tiny"], KEYS[0])
    assert (seen.report.status, seen.report.loss, seen.png) == ("seen", None, None)
    assert "the champion was trained on this" in seen.sentence


def test_of_a_window_in_part_known_the_other_rows_count(stream):
    close(stream, points_at(3, DAYS[0], n=30), points_at(4, DAYS[1]))
    assert score_window(stream, stream.use_cases["tiny"], KEYS[0]).report.loss.n_current == 30


def test_scoring_again_finds_the_same_though_other_windows_came(stream):
    use_case = stream.use_cases["tiny"]
    close(stream, points_at(3, DAYS[1], n=100), turned(DAYS[2]), points_at(4, DAYS[3]))
    first = score_window(stream, use_case, KEYS[1])
    score_window(stream, use_case, KEYS[2])
    assert score_window(stream, use_case, KEYS[1]).sentence == first.sentence


def test_a_window_without_labels_says_so(stream):
    unlabelled = points_at(3, DAYS[1]).assign(above=None)
    close(stream, unlabelled, points_at(4, DAYS[2]))
    assert "no row of the window has a label yet" in score_window(stream, stream.use_cases["tiny"], KEYS[1]).sentence


def test_a_window_that_is_not_kept_is_refused(stream):
    with pytest.raises(dg.Failure, match="run its window first"):
        score_window(stream, stream.use_cases["tiny"], KEYS[3])


def test_before_the_first_champion_there_is_nothing_to_score(tmp_path):
    installation = open_light(tmp_path / "home", tiny_stream())
    assert score_window(installation, installation.use_cases["tiny"], KEYS[0]) is None
    installation.state.close()
