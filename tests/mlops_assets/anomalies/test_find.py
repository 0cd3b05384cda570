"""The promise of false alarms, and the power, by simulation."""

from datetime import timedelta

import pytest

from bench.anomalies import MONDAY, THIS_WEEK, a_week, sigma_alarm
from mlops_assets.anomalies.find import ALPHA, LIMIT, SERIES, WINDOWS_A_WEEK, find_anomalies, week_of


def alarms(seed: int, change: dict[str, float] | None = None) -> set[str]:
    return {one.series for one in find_anomalies(*a_week(seed, change)) if one.alarmed}


def test_at_most_one_week_in_twenty_has_a_false_alarm():
    weeks = 60
    false = sum(bool(alarms(seed)) for seed in range(weeks))
    assert false / weeks <= ALPHA + 3 * (ALPHA * (1 - ALPHA) / weeks) ** 0.5
    assert sum(map(sigma_alarm, range(weeks))) / weeks > 0.5  # what three standard deviations would have told


@pytest.mark.parametrize(
    ("change", "series"),
    [
        ({"errors": 0.2}, "errors"),
        ({"seconds": 2.5}, "seconds of an answer"),
        ({"confidence": 0.2}, "confidence"),
        ({"abstentions": 0.45}, "abstentions"),
        ({"classes": 0.2}, "classes"),
    ],
)
def test_a_real_change_is_found_within_a_day_and_in_no_other_series(change, series):
    for seed in range(5):
        found = {one.series: one for one in find_anomalies(*a_week(seed, change)) if one.alarmed}
        assert set(found) == {series}
        tuesday = MONDAY + timedelta(days=1)
        assert tuesday < found[series].since <= tuesday + timedelta(hours=12)


def test_a_change_of_last_week_is_no_news():
    courses, now = a_week(1)
    assert find_anomalies(courses, now + timedelta(days=14)) == []


def test_findings_come_with_the_strongest_first_and_say_what_they_rest_on():
    found = find_anomalies(*a_week(3, {"errors": 0.3}))
    assert [one.evidence for one in found] == sorted((one.evidence for one in found), reverse=True)
    assert {one.windows for one in found} == {THIS_WEEK}
    assert found[0].evidence >= LIMIT == len(SERIES) / ALPHA
    assert WINDOWS_A_WEEK == 2016


def test_weeks_begin_on_monday():
    assert week_of(MONDAY) == MONDAY
    assert week_of(MONDAY - timedelta(seconds=1)) == MONDAY - timedelta(days=7)
    assert week_of(MONDAY + timedelta(days=6, hours=23)) == MONDAY
