from collections import Counter

import pytest

from mlops_assets.cli.traffic import Labelled
from mlops_assets.cli.truth_plan import Telling, Ways, plan_traffic

TRUTHS = [5, 6, 7]
ROWS = [Labelled({"x": number}, TRUTHS[number % 3]) for number in range(2000)]


def tellings(**ways):
    return [asking.tellings for asking in plan_traffic(ROWS, TRUTHS, Ways(**ways), seed=7)]


def test_each_truth_comes_once_after_the_delay():
    assert tellings(delay_s=2.0) == [(Telling(2.0, row.truth),) for row in ROWS]


def test_the_seed_decides():
    ways = Ways(1.0, shuffle=True, lossy=0.2, duplicate=0.2, wrong=0.2)
    one, again, other = (list(plan_traffic(ROWS, TRUTHS, ways, seed)) for seed in (1, 1, 2))
    assert one == again
    assert one != other


@pytest.mark.parametrize(("way", "told"), [("lossy", 0), ("duplicate", 2), ("wrong", 2)])
def test_a_share_is_lost_doubled_or_wrong_at_first(way, told):
    # 2,000 at 0.1: standard error sqrt(2000 * 0.1 * 0.9) = 13.4; four of them are 54.
    counts = Counter(len(one) for one in tellings(delay_s=1.0, **{way: 0.1}))
    assert counts[told] == pytest.approx(200, abs=54)
    assert counts[told] + counts[1] == 2000


def test_a_wrong_truth_is_another_one_and_the_right_one_comes_last():
    for row, told in zip(ROWS, tellings(delay_s=1.0, wrong=1.0, duplicate=0.5), strict=True):
        assert told[0].truth in TRUTHS
        assert told[0].truth != row.truth
        assert {one.truth for one in told[1:]} == {row.truth}
        assert [one.after_s for one in told] == [1.0, 2.0, 3.0][: len(told)]


def test_where_there_is_one_truth_none_is_wrong():
    rows = [Labelled({}, "yes")]
    (asking,) = plan_traffic(rows, ["yes"], Ways(wrong=1.0), seed=7)
    assert asking.tellings == (Telling(0.0, "yes"),)


def test_shuffled_truths_overtake_each_other_with_the_same_mean():
    # Exponential with mean 2 over 2,000: standard error 2 / sqrt(2000) = 0.045; four of them are 0.18.
    delays = [one.after_s for (one,) in tellings(delay_s=2.0, shuffle=True)]
    assert sum(delays) / len(delays) == pytest.approx(2.0, abs=0.18)
    assert len(set(delays)) == 2000
