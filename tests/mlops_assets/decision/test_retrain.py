from datetime import UTC, datetime, timedelta

import pytest

from mlops_assets.decision.harm import Harm
from mlops_assets.decision.retrain import Alarm, Facts, counts_as_alarm, decide_retrain
from mlops_assets.spec import RetrainPolicy

NOW = datetime(2026, 3, 1, tzinfo=UTC)
POLICY = RetrainPolicy(rows_min=100, cooldown_s=300)


HARM = Harm("labels", True, "500 labels of this batch", 0.06, 0.02, 0.1, 0.26)  # 600 over 10,000 rows


def alarm(number: int, status: str = "drift", model_status: str = "no_drift", harm: Harm | None = None) -> Alarm:
    return Alarm(number, f"batch-{number}", status, model_status, f"sentence {number}", harm)


def facts(**changes) -> Facts:
    known = {
        "has_champion": True,
        "accepted_rows": 100,
        "data_hash": "today",
        "alarms": [],
        "trained_hashes": ["yesterday"],
        "running": False,
        "last_finished": None,
        "now": NOW,
    }
    return Facts(**(known | changes))


def test_one_retrain_at_a_time_whatever_else_is_true():
    choice = decide_retrain(facts(running=True, has_champion=False, alarms=[alarm(1)]), POLICY)
    assert (choice.retrain, choice.reason) == (False, "a retrain is running; one at a time")


@pytest.mark.parametrize(("rows", "due"), [(99, False), (100, True)])
def test_the_first_champion_waits_for_enough_rows(rows, due):
    choice = decide_retrain(facts(has_champion=False, accepted_rows=rows), POLICY)
    assert choice.retrain is due
    assert str(rows) in choice.reason


def test_the_first_champion_counts_the_events_so_far_as_seen():
    assert decide_retrain(facts(has_champion=False, alarms=[alarm(4), alarm(7)]), POLICY).drift_id == 7
    assert decide_retrain(facts(has_champion=False), POLICY).drift_id == 0


def test_data_whose_first_model_was_refused_is_not_tried_again():
    choice = decide_retrain(facts(has_champion=False, trained_hashes=["today"]), POLICY)
    assert not choice.retrain
    assert "was refused" in choice.reason


def test_scores_without_an_alarm_are_counted():
    choice = decide_retrain(facts(alarms=[alarm(1, "no_drift"), alarm(2, "too_small", "no_labels")]), POLICY)
    assert choice.reason == "no alarm among 2 drift score(s) since the last retrain"


def test_one_alarm_is_the_cause():
    choice = decide_retrain(facts(alarms=[alarm(3)]), POLICY)
    assert (choice.retrain, choice.reason, choice.drift_id) == (True, "batch batch-3: sentence 3", 3)


def test_many_alarms_are_one_retrain_that_has_seen_every_event():
    choice = decide_retrain(facts(alarms=[alarm(3), alarm(4), alarm(5, "no_drift")]), POLICY)
    assert choice.reason == "2 batches alarmed, the last is batch-4: sentence 4"
    assert choice.drift_id == 5


def test_the_same_batches_are_trained_on_once():
    choice = decide_retrain(facts(alarms=[alarm(3)], trained_hashes=["older", "today"]), POLICY)
    assert not choice.retrain
    assert choice.reason == "1 alarm(s), but a model was already trained on exactly these batches"


# 300 s of cool-down: 60 s after the end 240 s are left, at 300 s it is over; a clock that went back does not lock it
@pytest.mark.parametrize(("waited_s", "due"), [(0, False), (60, False), (299.9, False), (300, True), (-60, True)])
def test_alarms_wait_until_the_cool_down_is_over(waited_s, due):
    choice = decide_retrain(facts(alarms=[alarm(3)], last_finished=NOW - timedelta(seconds=waited_s)), POLICY)
    assert choice.retrain is due
    if waited_s == 60:
        assert choice.reason == "1 alarm(s), cooling down for another 240 s"


@pytest.mark.parametrize(
    ("when", "on_data", "on_model"),
    [("drift", True, False), ("model_drift", False, True), ("any", True, True)],
)
def test_the_policy_says_which_alarms_count(when, on_data, on_model):
    policy = RetrainPolicy(when=when)
    assert counts_as_alarm(alarm(1, "drift", "no_drift"), policy, 1.1) is on_data
    assert counts_as_alarm(alarm(1, "no_drift", "drift"), policy, 1.1) is on_model
    assert not counts_as_alarm(alarm(1, "no_drift", "too_small"), policy, 1.1)


@pytest.mark.parametrize(
    ("when", "cost", "status", "harm", "counts"),
    [
        ("harm", 0, "no_drift", HARM, True),
        ("harm", 0, "drift", None, False),
        ("harm", 599, "no_drift", HARM, True),
        ("harm", 601, "drift", HARM, False),
        ("both", 0, "no_drift", HARM, False),
        ("both", 0, "drift", HARM, True),
        ("both", 601, "drift", HARM, False),
        ("drift", 0, "no_drift", HARM, False),
    ],
)
def test_harm_counts_where_the_policy_asks_for_it(when, cost, status, harm, counts):
    policy = RetrainPolicy(when=when, cost=cost)
    assert counts_as_alarm(alarm(1, status, "no_drift", harm), policy, 1.1) is counts


def test_a_retrain_says_what_it_is_expected_to_win_back():
    calm = Harm("labels", False, "500 labels of this batch", 0.01, -0.02, 0.04, 0.21)
    choice = decide_retrain(facts(alarms=[alarm(3, harm=HARM), alarm(4, harm=calm)]), POLICY)
    assert choice.expected.gain == pytest.approx(600)
    assert decide_retrain(facts(alarms=[alarm(4, harm=calm)]), POLICY).expected.gain == pytest.approx(100)
    assert decide_retrain(facts(alarms=[alarm(4)]), POLICY).expected is None
