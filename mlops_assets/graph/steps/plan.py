"""How the next retrain learns: what the race of a stream says of it."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from mlops_assets.graph.steps.continuing import champion_recipe
from mlops_assets.graph.window import Window, select_batches
from mlops_assets.spec import RetrainPolicy, UseCase
from mlops_assets.spec.stream import Stream
from mlops_assets.training.race.standing import UNHEARD
from resources.installation import Installation
from resources.state.ledger import Batch

DAY_S = 86_400


@dataclass(frozen=True)
class Plan:
    """The policy that a retrain follows, and why."""

    policy: str
    reason: str

    @property
    def sentence(self) -> str:
        """For the cause of the retrain, which MLflow and certificates repeat."""
        return f"learning by {self.policy}, as the race says: {self.reason}"


def read_plan(installation: Installation, use_case: UseCase) -> Plan | None:
    """What the race says now; None without a stream, and before the race has heard a label.

    None as well where the champion's recipe is not the one that is raced: what suits one may not suit another.
    """
    place = (use_case.name, "race", "race.json")
    if use_case.stream is None or not installation.lake.exists(*place):
        return None
    record = json.loads(installation.lake.read_bytes(*place))
    standing = record["standing"]
    if standing["reason"] == UNHEARD or record["recipe"] != champion_recipe(installation, use_case):
        return None
    return Plan(standing["chosen"], standing["reason"])


def chosen_batches(accepted: Sequence[Batch], use_case: UseCase, plan: Plan | None, now: datetime) -> Window:
    """The batches of the policy; of the recent windows alone where that is the plan and they have rows enough."""
    usual = select_batches(accepted, use_case.retrain, now)
    recent = select_batches(accepted, narrowed(use_case.retrain, plan, use_case.stream, accepted), now)
    return recent if recent.rows >= use_case.retrain.rows_min else usual


def keep_plan(installation: Installation, use_case: UseCase, retrain_id: int, plan: Plan | None) -> None:
    """Beside the training set, where the fit reads it: the race may have gone on by then."""
    if plan is not None:
        data = json.dumps(asdict(plan)).encode()
        installation.lake.write_bytes(data, use_case.name, "training", f"{retrain_id:06d}.plan.json")


def kept_plan(installation: Installation, use_case: UseCase, retrain_id: int) -> Plan | None:
    """The plan of a retrain; None where there was none."""
    place = (use_case.name, "training", f"{retrain_id:06d}.plan.json")
    return Plan(**json.loads(installation.lake.read_bytes(*place))) if installation.lake.exists(*place) else None


def narrowed(
    policy: RetrainPolicy, plan: Plan | None, stream: Stream | None, accepted: Sequence[Batch] = ()
) -> RetrainPolicy:
    """The batches of the recent windows, where that is the plan and the use case itself names no batches or days.

    Parameters
    ----------
    accepted : oldest first; the newest of them that hold the rows of the recent windows, where windows are of rows
    """
    own = policy.batches is not None or policy.days is not None
    if plan is None or stream is None or plan.policy != "refit_recent" or own:
        return policy
    if stream.rows is not None:
        return policy.model_copy(update={"batches": _newest(accepted, stream.race.recent * stream.rows)})
    return policy.model_copy(update={"days": stream.race.recent * stream.length.total_seconds() / DAY_S})


def _newest(accepted: Sequence[Batch], rows: int) -> int:
    """How many of the newest batches hold so many rows; all of them where they hold fewer."""
    held = 0
    for number, batch in enumerate(reversed(accepted), start=1):
        held += batch.rows_accepted or 0
        if held >= rows:
            return number
    return max(1, len(accepted))
