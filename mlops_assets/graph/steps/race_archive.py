"""The state of a race as one file, whole or not at all: plain values, rows as Parquet, models as skops files."""

import io
import json
from dataclasses import dataclass
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from mlops_assets.bundle.trusted import TRUSTED
from mlops_assets.training.race.explained import Explained
from mlops_assets.training.race.race import Race
from mlops_assets.training.race.remembered import Remembered
from mlops_assets.training.race.standing import Standing
from mlops_assets.training.race.teach import Taught
from mlops_assets.training.race.turn import Turn
from mlops_assets.training.race.window import Rows

FORMAT = 2  # 1: without the record of seasons
STATE, ROWS, MODELS = "state.json", "rows.parquet", "models"
OWED = "owed by "
OWN = ("_y", "_known_at", "_window", "_part", "_ticket")


@dataclass(frozen=True)
class Kept:
    """A race and what belongs to it.

    Attributes
    ----------
    race : Race
    recipe : str
        Name of the candidate that races.
    last : str
        Start of the last window, ISO 8601 in UTC; '' before the first.
    explained : tuple[Explained, ...]
        Of the windows in the race's record.
    """

    race: Race
    recipe: str
    last: str
    explained: tuple[Explained, ...]


def to_bytes(kept: Kept) -> bytes:
    """The file's bytes."""
    race, buffer = kept.race, io.BytesIO()
    models = {} if race.taught is None else race.taught.models
    names = list(models)
    files = {name: next(other for other in names if models[other] is models[name]) for name in names}
    state = {
        "format": FORMAT,
        "recipe": kept.recipe,
        "last": kept.last,
        "windows": race.windows,
        "count": 0 if race.remembered is None else race.remembered.count,
        "standing": race.standing.to_dict(),
        "turns": [turn.to_dict() for turn in race.turns],
        "explained": [each.to_dict() for each in kept.explained],
        "models": files,
        "taught": None if race.taught is None else {"sentences": race.taught.sentences, "seconds": race.taught.seconds},
    }
    with ZipFile(buffer, "w", ZIP_DEFLATED) as file:
        file.writestr(STATE, json.dumps(state))
        for name in sorted(set(files.values())):
            file.writestr(f"{MODELS}/{name}.skops", _model_bytes(models[name]), ZIP_STORED)
        if race.pending is not None:
            file.writestr(ROWS, _rows_bytes(race, race.pending), ZIP_STORED)
    return buffer.getvalue()


def from_bytes(data: bytes) -> Kept | None:
    """The race that `to_bytes` wrote; None where it is of another format, so that the race has to begin anew.

    Raises
    ------
    ValueError
        If a model holds a type that is not trusted.
    """
    with ZipFile(io.BytesIO(data)) as file:
        state = json.loads(file.read(STATE))
        if state.get("format", 1) != FORMAT:
            return None
        parts = _read_parts(file.read(ROWS)) if ROWS in file.namelist() else {}
        opened = {name: _read_model(file.read(f"{MODELS}/{name}.skops")) for name in set(state["models"].values())}
    taught = None
    if state["taught"] is not None:
        models = {name: opened[place] for name, place in state["models"].items()}
        owed = {part.removeprefix(OWED): rows for part, (rows, _, _) in parts.items() if part.startswith(OWED)}
        taught = Taught(models, state["taught"]["sentences"], state["taught"]["seconds"], owed)
    standing = Standing.from_dict(state["standing"])
    remembered, pending = parts.get("remembered"), parts.get("pending")
    race = Race(
        windows=state["windows"],
        taught=taught,
        remembered=None if remembered is None else Remembered(remembered[0], remembered[1], state["count"]),
        pending=None if pending is None else pending[0],
        pending_losses=np.empty((0, len(standing.total))) if pending is None else pending[2],
        standing=standing,
        turns=tuple(Turn(**turn) for turn in state["turns"]),
    )
    return Kept(race, state["recipe"], state["last"], tuple(Explained(**each) for each in state["explained"]))


def _rows_bytes(race: Race, pending: Rows) -> bytes:
    """All rows of a race as one Parquet file; `_part` says what they are for."""
    tables = []
    if race.remembered is not None:
        tables.append(_table(race.remembered.rows, "remembered").assign(_ticket=race.remembered.ticket))
    losses = {f"_loss_{name}": race.pending_losses[:, at] for at, name in enumerate(race.standing.total)}
    tables.append(_table(pending, "pending").assign(**losses))
    if race.taught is not None:
        tables += [_table(rows, OWED + name) for name, rows in race.taught.owed.items()]
    buffer = io.BytesIO()
    pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True).to_parquet(buffer)
    return buffer.getvalue()


def _table(rows: Rows, part: str) -> pd.DataFrame:
    return rows.X.assign(_y=rows.y, _known_at=rows.known_at, _window=rows.window, _part=part)


Part = tuple[Rows, Any, Any]  # rows, their tickets, their losses


def _read_parts(data: bytes) -> dict[str, Part]:
    table = pd.read_parquet(io.BytesIO(data))
    return {str(name): _read_part(part.reset_index(drop=True)) for name, part in table.groupby("_part", sort=False)}


def _read_part(table: pd.DataFrame) -> Part:
    losses = [name for name in table if str(name).startswith("_loss_")]
    X = table.drop(columns=[*losses, *(name for name in OWN if name in table)])
    for name in X.select_dtypes(object):
        X[name] = X[name].where(X[name].notna(), np.nan)  # what Parquet read as None
    y = table["_y"].to_numpy()
    rows = Rows(
        X,
        y.astype(str) if y.dtype == object else y,
        table["_known_at"].to_numpy(dtype="datetime64[ns]"),
        table["_window"].to_numpy(dtype=np.int64),
    )
    ticket = table["_ticket"].to_numpy() if "_ticket" in table else None
    return rows, ticket, table[losses].to_numpy(dtype=np.float64)


def _model_bytes(model: Pipeline) -> bytes:
    from skops.io import dumps

    return bytes(dumps(model, compression=ZIP_DEFLATED))


def _read_model(data: bytes) -> Any:
    from skops.io import get_untrusted_types, loads

    if unknown := sorted(set(get_untrusted_types(data=data)) - set(TRUSTED)):
        raise ValueError(f"a model of the race holds types that are not trusted: {', '.join(unknown)}")
    return loads(data, trusted=list(TRUSTED))
