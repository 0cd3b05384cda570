"""The rows of a demo's story, and what to call them: all that one story needs to know about its use case."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pandas as pd

SEED = 20
FIRST, LATER = 600, 190  # rows of each of two batches
HELD_OUT, TRAFFIC, CHANGED = 1000, 1500, 1100
USUAL_ROWS = 2 * (FIRST + LATER)
NEW_ROWS = HELD_OUT + TRAFFIC + 2 * CHANGED


Content: TypeAlias = pd.DataFrame | bytes  # rows, or a file in the use case's own format


@dataclass(frozen=True)
class Stage:
    """What lands in a demo, what is asked of the router, and what both champions are measured on.

    Attributes
    ----------
    about : str
        Where the rows come from; says so when they are invented.
    usual, new : str
        What the first champion knows, and what brings the drift: 'red wine', 'white wine'.
    first, later, changed : dict[str, DataFrame or bytes]
        Batches by name: those that train a champion, more of the same, and those that differ. The name of a file has
        its suffix, that of a table has none.
    traffic, held_out : DataFrame or bytes
        Labelled rows like `changed`.
    families : tuple[str, ...]
        Cheap ones, so that a slow machine gets through them in the budget.
    settings : tuple[str, ...]
        `key=value` over the use case, for what the story cannot wait for.
    """

    about: str
    usual: str
    new: str
    first: Mapping[str, Content]
    later: Mapping[str, Content]
    changed: Mapping[str, Content]
    traffic: Content
    held_out: Content
    families: tuple[str, ...]
    settings: tuple[str, ...] = ()


def stage_of(
    usual_rows: pd.DataFrame,
    new_rows: pd.DataFrame,
    *,
    usual: str,
    new: str,
    about: str,
    families: tuple[str, ...],
    settings: tuple[str, ...] = (),
) -> Stage:
    """The stage of two tables of at least USUAL_ROWS and more than HELD_OUT + TRAFFIC + CHANGED rows, in any order."""
    name_usual, name_new = (words.split()[0] for words in (usual, new))
    rest = usual_rows[2 * FIRST :]
    held_out, traffic, changed = (
        new_rows[:HELD_OUT],
        new_rows[HELD_OUT : HELD_OUT + TRAFFIC],
        new_rows[HELD_OUT + TRAFFIC :],
    )
    return Stage(
        about=about,
        usual=usual,
        new=new,
        first={f"{name_usual}-1": usual_rows[:FIRST], f"{name_usual}-2": usual_rows[FIRST : 2 * FIRST]},
        later={f"{name_usual}-3": rest[:LATER], f"{name_usual}-4": rest[LATER : 2 * LATER]},
        changed={f"{name_new}-1": changed[:CHANGED], f"{name_new}-2": changed[CHANGED:]},
        traffic=traffic,
        held_out=held_out,
        families=families,
        settings=settings,
    )


def required_file(folder: Path, name: str) -> Path:
    """The path of a file in a folder of real data.

    Raises
    ------
    ValueError
        If it is not there.
    """
    path = folder / name
    if not path.is_file():
        raise ValueError(f"{path} is missing; --data names a folder that holds it")
    return path
