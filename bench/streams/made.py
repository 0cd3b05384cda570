"""Ten seeded streams whose changes are known: numbers and a category, a target that follows them."""

from collections.abc import Callable

import numpy as np
import pandas as pd

COLUMNS = {
    "size": {"kind": "numeric"},
    "load": {"kind": "numeric"},
    "noise": {"kind": "numeric"},
    "place": {"kind": "category"},
    "at": {"kind": "datetime"},
    "minutes": {"kind": "numeric"},
}
PLACES = ("north", "south", "east", "west")
PERIOD = 0.25  # of the stream

Weight = Callable[[np.ndarray], np.ndarray]

# Share of the second truth over the time of the stream, which runs from 0 to 1.
CHANGES: dict[str, Weight] = {
    "none": lambda t: np.zeros_like(t),
    "sudden": lambda t: (t >= 0.5).astype(float),
    "gradual": lambda t: np.clip((t - 0.3) / 0.5, 0, 1),
    "seasonal": lambda t: 0.5 - 0.5 * np.cos(2 * np.pi * t / PERIOD),
    "recurring": lambda t: ((t / PERIOD).astype(int) % 2).astype(float),
}


def made(change: str, seed: int, windows: int, rows: int) -> pd.DataFrame:
    """A stream of `windows` days with `rows` rows each, in the order of time."""
    random, n = np.random.default_rng(seed), windows * rows
    t = (np.arange(n) + 0.5) / n
    frame = pd.DataFrame({name: random.normal(size=n) for name in ("size", "load", "noise")})
    frame["place"] = random.choice(PLACES, n)
    frame["at"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(t * windows, unit="D")
    weight, place = CHANGES[change](t), frame["place"].map(dict(zip(PLACES, (0.0, 4.0, 8.0, 12.0), strict=True)))
    first = 30 + 6 * frame["size"] + 4 * np.abs(frame["load"]) + place
    second = 38 - 6 * frame["size"] + 8 * np.abs(frame["load"]) + 12 - place
    frame["minutes"] = (1 - weight) * first + weight * second + random.normal(scale=3, size=n)
    return frame
