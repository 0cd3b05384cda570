import pytest

from mlops_assets.cli.load import Hit, Ran
from mlops_assets.cli.router_client import Reply
from mlops_assets.cli.tally import Tally, percentiles

ANSWER = {"arm": "B", "version": 2, "degraded": False}
REFUSED = Reply(503, {}, "503 Service Unavailable", "http://router/predict: 503: no champion yet")


def hit(reply: Reply, ended_s: float = 0.25) -> Hit[None, Reply]:
    return Hit(None, 0.0, 0.125, ended_s, reply)


def test_percentiles_are_nearest_ranks_in_milliseconds():
    # Of 0.001 .. 0.200 s: the 100th, 180th, 198th and last of 200 values.
    found = percentiles([number / 1000 for number in range(200, 0, -1)])
    assert found == {"p50": 100.0, "p90": 180.0, "p99": 198.0, "max": 200.0}


@pytest.mark.parametrize(("values", "p99"), [([], 0.0), ([0.5], 500.0)])
def test_percentiles_of_few_values(values, p99):
    assert percentiles(values)["p99"] == p99


def test_answers_truths_and_failures_are_told_apart():
    tally = Tally()
    tally.count_answer(hit(Reply(200, ANSWER)))
    tally.count_answer(hit(Reply(200, ANSWER | {"arm": "A", "version": 1, "degraded": True})))
    tally.count_answer(hit(REFUSED))
    tally.count_truth(Reply(200, {"results": [{"status": "stored"}]}))
    tally.count_truth(REFUSED)
    found = tally.to_dict(Ran(2.0, interrupted=False))
    assert found["answers"] == [{"arm": "A", "version": 1, "answers": 1}, {"arm": "B", "version": 2, "answers": 1}]
    assert (found["requests"], found["degraded"], found["truths"]) == (3, 1, {"stored": 1})
    assert found["failed"] == {"predict: 503 Service Unavailable": 1, "feedback: 503 Service Unavailable": 1}
    assert found["failed_examples"]["predict: 503 Service Unavailable"] == REFUSED.problem
    assert (found["latency_ms"]["max"], found["waited_for_a_thread_ms"]["max"]) == (250.0, 125.0)


def test_progress_is_one_line():
    tally = Tally()
    tally.count_answer(hit(Reply(200, ANSWER)))
    assert tally.progress(2.0) == "2 s: 1 requests (0.5/s), p99 250.0 ms, 0 truths, 0 failed"
