"""The measurement of streams, on one that is made and short."""

import numpy as np
import pytest

from bench.streams.__main__ import NEXT, measure, promise_of_race, summary
from bench.streams.made import CHANGES, made
from bench.streams.problems import streams
from bench.streams.remembering import until_winner
from mlops_assets.training.race.policies import POLICIES
from mlops_assets.training.race.turn import Turn

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stream(tmp_path_factory):
    """The second of the quick form: a truth that turns into another one in the middle."""
    found = streams(quick=True, data=tmp_path_factory.mktemp("nothing") / "deliveries")
    return next(one for one in found if one.name == "sudden 0")


def test_a_change_is_followed_and_every_figure_is_there(stream):
    result = measure(stream)
    assert set(result.error) == set(POLICIES)
    assert result.ratio == result.chosen / min(result.error.values())
    assert result.ratio <= 1.02
    assert result.error["keep"] == max(result.error.values())
    assert 0 <= result.held <= 3
    assert result.gap < 1e-9
    found = summary([result])
    assert found["ratio_within_1.02"] == "1 of 1"
    assert found["ratios"] == {"sudden 0": round(result.ratio, 4)}


def test_what_earlier_streams_taught_puts_fewer_candidates_before_the_winner(stream):
    """Both sums are of one comparison, so that a busy clock does not matter."""
    usual, remembered, learnt = until_winner(stream, [])
    assert usual == remembered > 0
    again, proposed, _ = until_winner(stream, [learnt])
    assert 0 < proposed <= again


def test_the_race_promises_by_the_windows_before():
    # chosen losses 1 before each cut and 2 after: at 20 turns the cuts are 10, 13 and 16
    losses = np.ones(20)
    losses[[10, 11, 12]] = 2.0
    turns = [Turn(str(at), 1, 1, "keep", "", {"keep": loss}, {}, {}) for at, loss in enumerate(losses)]
    assert NEXT == 3
    assert promise_of_race(turns) == pytest.approx(np.mean([1 / 2, 2 / 1, 1 / 1]))


@pytest.mark.parametrize("change", CHANGES)
def test_a_made_stream_is_in_the_order_of_time_and_starts_with_the_first_truth(change):
    frame = made(change, seed=0, windows=24, rows=150)
    assert frame["at"].is_monotonic_increasing
    assert frame["at"].dt.floor("D").value_counts().tolist() == [150] * 24
    first = frame[:150]
    minutes = 30 + 6 * first["size"] + 4 * first["load"].abs()
    offset = first["place"].map({"north": 0.0, "south": 4.0, "east": 8.0, "west": 12.0})
    assert (first["minutes"] - minutes - offset).std() == pytest.approx(3, rel=0.2)
