"""The race of a use case's stream: closed windows in the order of time, each once, and the record of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from mlops_assets.bundle.schema import InputSchema
from mlops_assets.decision.loss import predicted_losses
from mlops_assets.graph.steps.continuing import family_of, pipeline_of, recipe_of
from mlops_assets.graph.steps.models import Model, open_champion
from mlops_assets.graph.steps.race_archive import Kept, from_bytes, to_bytes
from mlops_assets.graph.steps.windows import stream_of
from mlops_assets.spec import UseCase
from mlops_assets.spec.stream import span
from mlops_assets.training.features import feature_frame, target_values
from mlops_assets.training.race.explained import explain_window
from mlops_assets.training.race.race import Race, begin, take_window
from mlops_assets.training.race.rules import Losses, Rules
from mlops_assets.training.race.window import Window
from resources.failpoint import reach
from resources.installation import Installation
from resources.state.windows import KeptWindow, due, kept_windows

ARCHIVE, RECORD = "race.zip", "race.json"
REPLAYED = 20  # windows before the first champion, or before another recipe, that are raced after the fact


@dataclass(frozen=True)
class Raced:
    """A race after its newest window; `kept` is None before the first champion, and `note` says so."""

    kept: Kept | None
    new: int
    note: str


def run_race(installation: Installation, use_case: UseCase, progress: Callable[[str], None]) -> Raced:
    """The race after all closed windows whose rows are kept; those that it had are not raced again.

    The champion's recipe races, on the columns that it was trained on. Where another recipe or one of other columns
    became champion, or an earlier version of this project kept less of the race, it begins anew, over the last windows.
    """
    champion = open_champion(installation, use_case)
    if champion is None:
        return Raced(None, 0, "no champion yet: the race begins with the first, over the windows before it")
    recipe, pipeline = recipe_of(champion), pipeline_of(champion)
    if pipeline is None:
        return Raced(None, 0, f"{recipe} has no pipeline that could be fitted again: it does not race")
    kept = read_race(installation, use_case)
    if kept is None and installation.lake.exists(*_place(use_case)):
        progress("the race was kept by another version of this project: it begins anew, over the last windows")
    asked = champion.bundle.schema.use_case
    if kept is None or kept.recipe != recipe or not _is_of(kept.race, asked):
        kept = Kept(begin(), recipe, "", ())
    rules, before = _rules(installation, use_case, champion, pipeline), kept.race.windows
    for window in _windows_after(installation, use_case, kept.last, progress):
        kept = _race_window(installation, use_case, kept, window, rules, asked)
        progress(_sentence(kept))
    if kept.race.windows > before:
        installation.lake.write_bytes(to_bytes(kept), *_place(use_case))
        reach("race_kept")
    if kept.race.windows:
        _keep_record(installation, use_case, kept)
    return Raced(kept, kept.race.windows - before, "")


def read_race(installation: Installation, use_case: UseCase) -> Kept | None:
    """The race as it was kept last; None before the first, and where it is of another format."""
    place = _place(use_case)
    return from_bytes(installation.lake.read_bytes(*place)) if installation.lake.exists(*place) else None


def _place(use_case: UseCase) -> tuple[str, str, str]:
    return use_case.name, "race", ARCHIVE


def _is_of(race: Race, asked: UseCase) -> bool:
    """True where the rows of a race have the features of a use case, or it has none yet."""
    rows = race.pending if race.remembered is None else race.remembered.rows
    return rows is None or rows.X.dtypes.equals(feature_frame(pd.DataFrame(), asked).dtypes)


def _race_window(
    installation: Installation, use_case: UseCase, kept: Kept, window: KeptWindow, rules: Rules, asked: UseCase
) -> Kept:
    frame = installation.lake.read_table(use_case.name, "windows", f"{window.key}.parquet")
    rows = _rows(frame[frame[use_case.target].notna()], window, use_case, asked)
    race = take_window(kept.race, rows, rules)
    explained, turn = kept.explained, race.turns[-1]
    if turn.chosen and race.taught is not None and use_case.training.explain_rows:
        known = [each for each in explained if each.shares]
        model = race.taught.models[turn.chosen]
        found = explain_window(turn.window, turn.chosen, model, rows.X, use_case, known[-1] if known else None)
        explained = (*explained, found)[-len(race.turns) :]
    return Kept(race, kept.recipe, window.start.isoformat(), explained)


def _rows(frame: pd.DataFrame, window: KeptWindow, use_case: UseCase, asked: UseCase) -> Window:
    """Rows with a label, which was known `stream.label_delay` after the event; the features are those of `asked`."""
    known_at = frame[str(use_case.time)] + span(stream_of(use_case).label_delay)
    return Window(
        window.key,
        np.datetime64(window.start.replace(tzinfo=None), "ns"),
        InputSchema(asked).of_table(frame).reset_index(drop=True),
        target_values(frame, use_case),
        known_at.to_numpy(dtype="datetime64[ns]"),
    )


def _windows_after(
    installation: Installation, use_case: UseCase, last: str, progress: Callable[[str], None]
) -> list[KeptWindow]:
    """The windows to race, up to the first that is closed and not kept yet: another process may be about to."""
    length_s = stream_of(use_case).size
    after = datetime.fromisoformat(last) if last else None
    with installation.state.read() as connection:
        found = kept_windows(connection, use_case.name, length_s, after)
        missing = due(connection, use_case.name, length_s, limit=1)
    ready = [window for window in found if not missing or window.start < missing[0].start]
    if len(ready) < len(found):
        progress(f"window {missing[0].key} is closed and not kept yet: {len(found) - len(ready)} later one(s) wait")
    return ready if last else ready[-REPLAYED:]


def _rules(installation: Installation, use_case: UseCase, champion: Model, pipeline: Any) -> Rules:
    return Rules(
        recipe=clone(pipeline),
        family=family_of(installation, use_case, champion),
        policy=stream_of(use_case).race,
        losses=losses_of(use_case),
        unseen_max=use_case.drift.floors.unseen.value,
        random_state=use_case.training.random_state,
    )


def losses_of(use_case: UseCase) -> Losses:
    """Loss of each row of a pipeline's answers, as the use case's decision counts it."""

    def losses(pipeline: Pipeline, X: Any, y: Any) -> Any:
        classification = use_case.task == "classification"
        shares = pipeline.predict_proba(X) if classification else None
        return predicted_losses(
            pipeline.predict(X), shares, pipeline.classes_ if classification else None, y, use_case.decision
        )

    return losses


def _keep_record(installation: Installation, use_case: UseCase, kept: Kept) -> None:
    """What people, pages and retrains read; each time, since a process may die between the state and its record."""
    record = {
        "recipe": kept.recipe,
        "standing": kept.race.standing.to_dict(),
        "turns": [turn.to_dict() for turn in kept.race.turns],
        "explained": [each.to_dict() for each in kept.explained],
    }
    installation.lake.write_bytes(json.dumps(record, indent=2).encode(), use_case.name, "race", RECORD)


def _sentence(kept: Kept) -> str:
    turn = kept.race.turns[-1]
    if not turn.chosen:
        return f"window {turn.window}: no model yet, {turn.known:,} labels known"
    losses = ", ".join(f"{name} {loss:.4g}" for name, loss in turn.loss.items())
    return f"window {turn.window}: {turn.chosen} used, because {turn.reason}; mean losses {losses}"
