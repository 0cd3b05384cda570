from types import SimpleNamespace

import pytest
from prometheus_client import generate_latest

from serving import metrics
from serving.models import Arms


def shown(name: str, **labels: str) -> float:
    """One sample of this process; 0 before it was ever counted."""
    found = metrics.OWN.get_sample_value(name, labels)
    return 0.0 if found is None else found


def test_rows_are_counted_by_use_case_arm_and_version():
    for _ in range(3):
        metrics.answered("rows", "B", 7, 0.002, [5, 6], False)
    arm = {"use_case": "rows", "arm": "B", "version": "7"}
    assert shown("mlops_answers_total", **arm) == 6
    assert shown("mlops_answer_seconds_count", **arm) == 3
    assert shown("mlops_answer_seconds_sum", **arm) == pytest.approx(0.006)
    assert shown("mlops_answers_degraded_total", **arm) == 0
    metrics.answered("rows", "B", 7, 0.002, [5], True)
    assert shown("mlops_answers_degraded_total", **arm) == 1


def test_classes_are_counted_each_up_to_a_number_of_them():
    metrics.answered("classes", "A", 1, 0.002, ["red", "red", "white"], False)
    metrics.answered("classes", "A", 1, 0.002, ["red"], False)
    arm = {"use_case": "classes", "arm": "A", "version": "1"}
    assert shown("mlops_predicted_class_total", value="red", **arm) == 3
    metrics.answered("classes", "A", 1, 0.002, [f"town {n}" for n in range(100)], False)
    assert shown("mlops_predicted_class_total", value="other", **arm) == 100 - metrics.CLASSES_MAX + 2


def test_many_numbers_fall_into_the_buckets_of_one_after_the_other():
    values = [-3.0, 0.0, 0.04, 1.0, 1.0000001, 2.5, 27.4, 7_000.0, 1e9]
    metrics.answered("numbers", "A", 1, 0.002, values, False)
    for value in values:
        metrics.answered("numbers", "A", 2, 0.002, [value], False)
    for bound in (*metrics.NUMBERS, "+Inf"):
        le = str(bound)
        together, alone = (
            shown("mlops_predicted_value_bucket", use_case="numbers", arm="A", version=version, le=le)
            for version in ("1", "2")
        )
        assert together == alone, le
    sums = [shown("mlops_predicted_value_sum", use_case="numbers", arm="A", version=one) for one in ("1", "2")]
    assert sums[0] == pytest.approx(sums[1])


def test_names_that_callers_invent_do_not_fill_the_memory():
    for number in range(metrics.REASONS_MAX + 100):
        metrics.refused(f"invented {number}", "unknown_use_case")
    assert len(metrics.REFUSALS._metrics) <= metrics.REASONS_MAX + 1
    assert shown("mlops_refusals_total", use_case="other", reason="other") >= 100


def test_a_label_is_counted_by_how_late_it_came_and_never_early():
    metrics.labelled("lag", "A", 1, 30.0)
    metrics.labelled("lag", "A", 1, -5.0)  # another machine's clock
    arm = {"use_case": "lag", "arm": "A", "version": "1"}
    assert shown("mlops_label_lag_seconds_bucket", le="1.0", **arm) == 1
    assert shown("mlops_label_lag_seconds_bucket", le="60.0", **arm) == 2


def test_gauges_follow_a_swap_and_events_are_counted_once():
    served = [SimpleNamespace(version=version) for version in (1, 2)]
    metrics.beat([("swap", Arms(served[0], served[1]))], {"log": 3}, {"commits": 5})
    before = shown("mlops_log_events_total", event="commits")
    metrics.beat([("swap", Arms(served[1], degraded=True, problems={"registry": "down"}))], {"log": 0}, {"commits": 7})
    assert shown("mlops_model_serving", use_case="swap", alias="champion", version="1") == 0
    assert shown("mlops_model_serving", use_case="swap", alias="champion", version="2") == 1
    assert shown("mlops_model_serving", use_case="swap", alias="challenger", version="2") == 0
    assert shown("mlops_model_degraded", use_case="swap") == 1
    assert shown("mlops_model_problem", use_case="swap", place="registry") == 1
    assert shown("mlops_waiting", queue="log") == 0
    assert shown("mlops_log_events_total", event="commits") - before == 2
    assert shown("mlops_heartbeat_seconds", service="router") > 0


def test_no_metric_tells_processes_apart():
    assert b"pid=" not in generate_latest(metrics.OWN)
