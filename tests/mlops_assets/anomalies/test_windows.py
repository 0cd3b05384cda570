from datetime import datetime, timedelta

from mlops_assets.anomalies.windows import cut_windows

NOON = datetime(2026, 3, 1, 12)


def cut(requests, offsets=None, **limits):
    minutes = [NOON + timedelta(minutes=offset) for offset in offsets or range(len(requests))]
    return [(window.start, window.stop) for window in cut_windows(minutes, requests, **limits)]


def test_a_window_ends_where_it_holds_and_lasts_enough():
    assert cut([100] * 12) == [(0, 5), (5, 10)]  # five minutes each, two minutes left over
    assert cut([10] * 12) == [(0, 5), (5, 10)]  # 50 requests each
    assert cut([5] * 25) == [(0, 10), (10, 20)]


def test_quiet_minutes_are_no_rows_and_count_as_time():
    assert cut([50, 0, 50], offsets=[0, 4, 5]) == [(0, 2)]


def test_nothing_is_no_window():
    assert cut([]) == []
    assert cut([49], span_min=timedelta(0)) == []
    assert cut([50], span_min=timedelta(0)) == [(0, 1)]
