"""The minutes of a process, and the series that follow from them."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from resources.state.minutes import ModelMinute, PerformanceMinute, add_minutes, models_since, performance_since
from serving import metrics
from serving.courses import Courses, model_courses, performance_courses
from serving.documents import counts
from serving.minutes import Minutes

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday


@pytest.fixture(autouse=True)
def from_zero():
    for metric in metrics.COUNTED:
        metric.clear()
    metrics._arms.clear()


@pytest.fixture
def now():
    """A clock that stands, as a list of one moment."""
    return [NOON + timedelta(seconds=30)]


@pytest.fixture
def minutes(state, now):
    metrics.answered("letters", "A", 3, 0.004, ["bill"], False, 0, [0.9])  # before the process was looked at
    return Minutes(state, lambda: now[0])


def kept(state):
    with state.read() as connection:
        return performance_since(connection, "letters", NOON), models_since(connection, "letters", 3, NOON)


def test_a_minute_that_is_over_is_the_difference_of_the_counts(state, minutes, now):
    metrics.answered("letters", "A", 3, 0.004, ["bill", "form"], False, 1, [0.97, 0.6])
    metrics.answered("letters", "B", 4, 0.3, ["bill"], False, 0, [0.9])
    metrics.refused("letters", "model_failed")
    metrics.refused("letters", "document:time_out")
    counts.OCR_SECONDS.labels("letters", "tesseract").observe(1.5)
    minutes.tick()
    assert kept(state) == ([], [])
    now[0] += timedelta(minutes=1)
    minutes.tick()
    minutes.tick()
    performance, models = kept(state)
    assert performance == [
        PerformanceMinute("letters", "answer", NOON, 3, 1, {"0.005": 1, "0.5": 1}),
        PerformanceMinute("letters", "reading", NOON, 2, 1, {"2.0": 1}),
    ]
    (model,) = models
    assert (model.answers, model.abstained, model.classes) == (2, 1, {"bill": 1, "form": 1})
    assert model.confidence == {"0.6": 1, "0.98": 1}
    assert model.confidence_sum == pytest.approx(1.57)


def test_quiet_minutes_leave_no_rows_and_the_end_writes_what_there_is(state, minutes, now):
    now[0] += timedelta(minutes=1)
    minutes.tick()
    assert kept(state) == ([], [])
    metrics.answered("letters", "A", 3, 0.004, ["bill"], False, 0, [0.9])
    minutes.close()
    performance, models = kept(state)
    assert [row.minute for row in performance] == [NOON + timedelta(minutes=1)]
    assert [row.answers for row in models] == [1]


def test_a_regression_has_answers_and_no_confidence(state, minutes, now):
    metrics.answered("letters", "A", 3, 0.004, [12.5, 13.5], False)
    minutes.close()
    assert [(row.answers, row.confidence, row.classes) for row in kept(state)[1]] == [(2, {}, {})]
    assert [len(course.ends) for course in model_courses(kept(state)[1]).values()] == [0, 0, 0]


def test_a_database_that_is_away_at_the_end_is_only_told(state, minutes, caplog):
    metrics.refused("letters", "model_failed")
    with state.write() as connection:
        connection.exec_driver_sql("DROP TABLE performance_minutes")
    minutes.close()
    assert "the counts of the last minute are lost" in caplog.text


def test_series_add_up_the_rows_of_all_processes():
    at = [NOON + timedelta(minutes=n) for n in (0, 0, 4, 5)]
    performance = [PerformanceMinute("letters", "answer", one, 30, 3, {"0.1": 20, "10.0": 7}) for one in at]
    performance[1] = PerformanceMinute("letters", "answer", at[1], 20, 0, {"0.1": 20})
    found = performance_courses(performance)
    assert found["errors"].ends == [NOON + timedelta(minutes=5)]
    assert found["errors"].values.tolist() == [6 / 80]
    # 60 at 0.1 and 14 at 10: the mean of the logarithms to base 10 is (-60 + 14) / 74
    assert found["seconds of an answer"].values == pytest.approx([10 ** (-46 / 74)])
    assert len(found["seconds of a reading"].ends) == 0
    models = [ModelMinute("letters", 3, one, 20, 5, 18.0, {"1.0": 20}, {"bill": 15, "form": 5}) for one in at]
    found = model_courses(models)
    assert found["confidence"].values == pytest.approx([0.9])
    assert found["abstentions"].values.tolist() == [0.25]
    assert found["classes"].values.tolist() == [[0.75, 0.25]]


def test_a_change_is_found_in_the_rows_and_told_for_a_minute(state):
    random, now = np.random.default_rng(7), [NOON]
    span = timedelta(minutes=10)
    rows = []
    for number in range(900):
        failed = int(random.binomial(60, 0.3 if number > 870 else 0.02))
        rows.append(
            PerformanceMinute("letters", "answer", NOON - span * (900 - number), 60, failed, {"0.1": 60 - failed})
        )
    with state.write() as connection:
        add_minutes(connection, rows, [])
    courses = Courses(lambda: now[0])
    with state.read() as connection:
        told = courses.of(connection, "letters", None)
        assert [one.series for one in told.findings if one.alarmed] == ["errors"]
        assert told.findings[0].since > NOON - 30 * span
        now[0] += timedelta(seconds=59)
        assert courses.of(connection, "letters", None) is told
        now[0] += timedelta(seconds=1)
        assert courses.of(connection, "letters", None) is not told
