"""A race of policies over a stream: one window in, the next state out."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mlops_assets.training.race.policies import POLICIES, quickest
from mlops_assets.training.race.remembered import Remembered
from mlops_assets.training.race.rules import Rules
from mlops_assets.training.race.standing import Standing, after, even
from mlops_assets.training.race.teach import Taught, first_model, teach
from mlops_assets.training.race.turn import Turn
from mlops_assets.training.race.window import Rows, Window

TURNS_MAX = 1_000  # that a state holds


@dataclass(frozen=True)
class Race:
    """The state of a race: models, rows, and what was written down. Bounded, however long the stream.

    Attributes
    ----------
    windows : int
        Windows so far.
    taught : Taught or None
        The models that answer next; None before the first.
    remembered : Remembered or None
        Rows whose labels are known.
    pending : Rows or None
        Rows whose labels come later.
    pending_losses : ndarray of shape (n_pending, n_policies)
        What their labels will say of the models that answered them; NaN where there was none yet.
    standing : Standing
        What known labels say of the policies, and which one is used next.
    turns : tuple[Turn, ...]
        The last windows.
    """

    windows: int
    taught: Taught | None
    remembered: Remembered | None
    pending: Rows | None
    pending_losses: NDArray[np.float64]
    standing: Standing
    turns: tuple[Turn, ...]


def begin() -> Race:
    """The state before the first window."""
    return Race(0, None, None, None, np.empty((0, len(POLICIES))), even(list(POLICIES)), ())


def take_window(race: Race, window: Window, rules: Rules) -> Race:
    """The state after a window: labels that had come by its start are learnt, then its rows are answered.

    What its own labels say, and what they teach, counts from the first window that begins after they were known.

    Parameters
    ----------
    race : Race
        After the window before; `begin()` before the first.
    """
    race = _hear(race, window.start, rules)
    rows = window.rows(race.windows)
    losses = _losses(race, rows, rules)
    running = race.taught is not None and len(rows) > 0
    turn = Turn(
        window=window.key,
        rows=len(rows) if running else 0,
        known=0 if race.remembered is None else race.remembered.count,
        chosen=race.standing.chosen if running else "",
        reason=race.standing.reason if running else "",
        loss=dict(zip(POLICIES, losses.mean(axis=0).tolist(), strict=True)) if running else {},
        learnt=race.taught.sentences if race.taught else {},
        seconds=race.taught.seconds if race.taught else {},
    )
    return replace(
        race,
        windows=race.windows + 1,
        pending=rows if race.pending is None else race.pending + rows,
        pending_losses=np.concatenate([race.pending_losses, losses]),
        turns=(*race.turns, turn)[-TURNS_MAX:],
    )


def _hear(race: Race, at: np.datetime64, rules: Rules) -> Race:
    """The state once the labels that are known at a moment have been counted and learnt."""
    if race.pending is None:
        return race
    known = race.pending.known_at <= at
    fresh, said = race.pending.where(known), race.pending_losses[known]
    random = np.random.default_rng([rules.random_state, race.windows])
    remembered = (race.remembered or Remembered.nothing(fresh)).after(
        fresh, rules.policy.recent, rules.policy.rows_max, random
    )
    if race.taught is not None:
        taught: Taught | None = teach(race.taught, fresh, remembered, rules) if len(fresh) else race.taught.untaught()
    else:
        taught = first_model(remembered, rules)
    scored = said[np.isfinite(said).all(axis=1)]
    return replace(
        race,
        taught=taught,
        remembered=remembered,
        pending=race.pending.where(~known),
        pending_losses=race.pending_losses[~known],
        standing=after(race.standing, scored, quickest(rules.family)) if len(scored) else race.standing,
    )


def _losses(race: Race, rows: Rows, rules: Rules) -> NDArray[np.float64]:
    """Loss of each row under each policy's model, shape (n_rows, n_policies); NaN before the first model."""
    if race.taught is None or not len(rows):
        return np.full((len(rows), len(POLICIES)), np.nan)
    models = race.taught.models
    return np.column_stack([rules.losses(models[name], rows.X, rows.y) for name in POLICIES])
