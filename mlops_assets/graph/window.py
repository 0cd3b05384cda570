"""Which accepted batches a retrain learns from, and the identity of that choice."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mlops_assets.spec import RetrainPolicy

if TYPE_CHECKING:
    from resources.state.ledger import Batch


@dataclass(frozen=True)
class Window:
    """The chosen batches, oldest first, the rows accepted in them, and a hash over their contents."""

    batches: "tuple[Batch, ...]"
    rows: int
    data_hash: str


def select_batches(accepted: "Sequence[Batch]", policy: RetrainPolicy, now: datetime) -> Window:
    """All accepted batches, the last N, or those with rows of the last days, as the policy says.

    Parameters
    ----------
    accepted : sequence of Batch
        Oldest first, as the ledger gives them.
    """
    chosen = list(accepted)
    if policy.batches is not None:
        chosen = chosen[-policy.batches :]
    if policy.days is not None:
        # A time after its batch landed is an error of a clock; it must not leave out all that is older.
        newest = max((min(batch.time_max, batch.landed_at) for batch in chosen if batch.time_max), default=now)
        earliest = newest - timedelta(days=policy.days)
        chosen = [batch for batch in chosen if batch.time_max is not None and batch.time_max >= earliest]
    digest = hashlib.sha256("\n".join(sorted(batch.sha256 for batch in chosen)).encode()).hexdigest()
    return Window(tuple(chosen), sum(batch.rows_accepted or 0 for batch in chosen), digest)
