"""Whether a new model is due now: a pure function of what is known, which always says why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mlops_assets.decision.gain import ExpectedGain, expect_gain
from mlops_assets.decision.harm import Harm, is_harmful
from mlops_assets.spec import RetrainPolicy


@dataclass(frozen=True)
class Alarm:
    """What one drift event said: number, batch, the state of the data and of the model's loss, and the harm in it."""

    id: int
    key: str
    status: str
    model_status: str
    sentence: str
    harm: Harm | None = None


@dataclass(frozen=True)
class Facts:
    """What the retrain sensor knows.

    Parameters
    ----------
    accepted_rows : int
        Rows of all accepted batches in the policy's window.
    data_hash : str
        Identity of those batches.
    alarms : sequence of Alarm
        Drift events since the last retrain, oldest first.
    trained_hashes : sequence of str
        Data of retrains that ended, registered or refused.
    last_finished : datetime or None
        When the last retrain ended.
    loss_ratio : float
        Loss over the one at training that counts as harm where the policy knows no cost.
    """

    has_champion: bool
    accepted_rows: int
    data_hash: str
    alarms: Sequence[Alarm]
    trained_hashes: Sequence[str]
    running: bool
    last_finished: datetime | None
    now: datetime
    loss_ratio: float = 1.0


@dataclass(frozen=True)
class Choice:
    """Retrain or not, the reason in a sentence with numbers, the last drift event considered, and what it is for."""

    retrain: bool
    reason: str
    drift_id: int = 0
    expected: ExpectedGain | None = None


def decide_retrain(facts: Facts, policy: RetrainPolicy) -> Choice:
    """The answer to: is a retrain due?"""
    if facts.running:
        return Choice(False, "a retrain is running; one at a time")
    if not facts.has_champion:
        return _first_champion(facts, policy)
    alarms = [alarm for alarm in facts.alarms if counts_as_alarm(alarm, policy, facts.loss_ratio)]
    if not alarms:
        return Choice(False, f"no alarm among {len(facts.alarms)} drift score(s) since the last retrain")
    if facts.data_hash in facts.trained_hashes:
        return Choice(False, f"{len(alarms)} alarm(s), but a model was already trained on exactly these batches")
    if facts.last_finished is not None:
        waited_s = (facts.now - facts.last_finished).total_seconds()
        if 0 <= waited_s < policy.cooldown_s:
            left_s = policy.cooldown_s - waited_s
            return Choice(False, f"{len(alarms)} alarm(s), cooling down for another {left_s:.0f} s")
    newest = next((alarm.harm for alarm in reversed(alarms) if alarm.harm and alarm.harm.proven), alarms[-1].harm)
    return Choice(True, _cause(alarms), facts.alarms[-1].id, expect_gain(newest, policy))


def counts_as_alarm(alarm: Alarm, policy: RetrainPolicy, ratio_min: float) -> bool:
    """True when the policy retrains on what this event found; `ratio_min` as `is_harmful` takes it."""
    data, model = alarm.status == "drift", alarm.model_status == "drift"
    return {
        "drift": data,
        "model_drift": model,
        "any": data or model,
        "harm": is_harmful(alarm.harm, policy, ratio_min),
        "both": data and is_harmful(alarm.harm, policy, ratio_min),
    }[policy.when]


def _first_champion(facts: Facts, policy: RetrainPolicy) -> Choice:
    if facts.accepted_rows < policy.rows_min:
        return Choice(False, f"no champion yet; {facts.accepted_rows:,} of {policy.rows_min:,} accepted rows are there")
    if facts.data_hash in facts.trained_hashes:
        return Choice(False, "no champion yet, and the model trained on exactly these batches was refused")
    drift_id = facts.alarms[-1].id if facts.alarms else 0
    return Choice(True, f"first champion: {facts.accepted_rows:,} rows were accepted", drift_id=drift_id)


def _cause(alarms: Sequence[Alarm]) -> str:
    if len(alarms) == 1:
        return f"batch {alarms[0].key}: {alarms[0].sentence}"
    return f"{len(alarms)} batches alarmed, the last is {alarms[-1].key}: {alarms[-1].sentence}"
