"""How often the loss of a champion that never got worse alarms, and how soon five more points of error are found.

Beside ours: the rule of three standard deviations, and ADWIN (Bifet & Gavalda, Learning from time-changing data with
adaptive windowing, SIAM SDM 2007), at its authors' confidence, over blocks of 32 rows and fed the reference first.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_assets.loss.monitor import evidence_path
from mlops_assets.loss.sketch import LossSketch, sketch_losses
from mlops_assets.spec import DriftPolicy

ALPHA = DriftPolicy().loss_alpha
BATCHES, ROWS = 52, (50, 1000)
REFERENCES, ERRORS = (500, 2000, 4000), (0.05, 0.2)
MINUTES, MINUTES_MAX = 20.0, 120.0
RISE, RISE_FROM, RISE_ROWS, STARTS = 0.05, 0.2, 500, (1, 11, 27)
PATIENCE = 26  # batches after which a change counts as not found
ADWIN_DELTA, ADWIN_BLOCK = 0.002, 32

Losses = NDArray[np.float64]


def measure(quick: bool) -> dict[str, Any]:
    """Print null streams and delays; returns the share of null streams that alarm and the median delay."""
    streams = 100 if quick else 1000
    print(f"champions whose loss stays, {BATCHES} batches of {ROWS[0]} to {ROWS[1]} labelled rows; promised: {ALPHA}")
    nulls = [_nulls(error, reference, streams) for error in (*ERRORS, MINUTES) for reference in REFERENCES]
    print(
        f"a rise from {RISE_FROM} to {RISE_FROM + RISE}, batches of {RISE_ROWS}: median batches until found, at most 3"
    )
    delays = {reference: [_delays(reference, start, streams // 5) for start in STARTS] for reference in REFERENCES}
    return {
        "loss_null_streams_ever_alarm": round(float(np.mean(nulls)), 4),
        "loss_delay_at_4000": [float(one) for one in delays[4000]],
        "loss_delay_at_2000": [float(one) for one in delays[2000]],
    }


def _nulls(level: float, reference: int, streams: int) -> float:
    """Share of streams that ever alarm by each rule; returns ours."""
    two_points = level < 1
    found = []
    for seed in range(streams):
        rng = np.random.default_rng([reference, seed, round(1000 * level)])
        held_out = draw(rng, level, reference)
        batches = [draw(rng, level, int(rows)) for rows in rng.integers(*ROWS, BATCHES)]
        largest = 1.0 if two_points else MINUTES_MAX
        found.append((first_alarm(held_out, batches, largest) is not None, three_sd(held_out, batches) is not None))
    ours, naive = np.mean(found, axis=0)
    error = math.sqrt(max(ours * (1 - ours), 1 / streams) / streams)
    what = f"error {level:g}" if two_points else f"{level:g} minutes"
    print(f"  {what:<11} reference {reference:>4}: {ours:.4f} +- {error:.4f}; three standard deviations {naive:.3f}")
    return float(ours)


def _delays(reference: int, start: int, streams: int) -> float:
    """Median batches from the change until each rule alarms; returns ours."""
    found = []
    for seed in range(streams):
        rng = np.random.default_rng([reference, seed, start])
        held_out = draw(rng, RISE_FROM, reference)
        levels = [RISE_FROM + RISE * (at >= start) for at in range(1, start + PATIENCE)]
        batches = [draw(rng, level, RISE_ROWS) for level in levels]
        rules = [first_alarm(held_out, batches), three_sd(held_out, batches), adwin(held_out, batches)]
        found.append([PATIENCE if at is None or at < start else at - start + 1 for at in rules])
    ours, naive, theirs = np.median(found, axis=0)
    soon = np.mean(np.array(found)[:, 0] <= 3)
    print(
        f"  reference {reference:>4}, change at batch {start:>2}: {ours:g} (within 3: {soon:.0%}); "
        f"three standard deviations {naive:g}, ADWIN {theirs:g}"
    )
    return float(ours)


def draw(rng: np.random.Generator, level: float, rows: int) -> Losses:
    """Zero-one losses of a mean below 1, else minutes with a long tail."""
    if level < 1:
        return (rng.random(rows) < level).astype(float)
    return np.minimum(rng.gamma(2, level / 2, rows), MINUTES_MAX)


def first_alarm(held_out: Losses, batches: list[Losses], loss_max: float = 1.0) -> int | None:
    """Number of the first batch after which the loss monitor alarms."""
    sketches: list[LossSketch] = [sketch_losses(losses, loss_max) for losses in (held_out, *batches)]
    return _first(evidence_path(sketches[0], sketches[1:], two_points=loss_max == 1) >= -math.log(ALPHA))


def three_sd(held_out: Losses, batches: list[Losses]) -> int | None:
    """Number of the first batch whose mean is three standard errors above the reference's."""
    mean, std = held_out.mean(), held_out.std()
    return _first(np.array([losses.mean() > mean + 3 * std / math.sqrt(len(losses)) for losses in batches]))


def adwin(held_out: Losses, batches: list[Losses]) -> int | None:
    """Number of the first batch within which ADWIN cuts its window at a rise."""
    window = _blocks(held_out)
    for number, losses in enumerate(batches, start=1):
        for block in _blocks(losses):
            window = np.append(window, block)
            if (cut := _cut(window)) is not None:
                if window[:cut].mean() < window[cut:].mean():
                    return number
                window = window[cut:]
    return None


def _blocks(losses: Losses) -> Losses:
    whole = len(losses) // ADWIN_BLOCK * ADWIN_BLOCK
    means: Losses = losses[:whole].reshape(-1, ADWIN_BLOCK).mean(axis=1)
    return means


def _cut(window: Losses) -> int | None:
    """Where the window's two sides differ by more than its bound; None where nowhere."""
    n = len(window)
    if n < 2:
        return None
    left = np.arange(1, n)
    sums = window.cumsum()
    gap = np.abs(sums[:-1] / left - (sums[-1] - sums[:-1]) / (n - left))
    mean = sums[-1] / n
    harmonic = ADWIN_BLOCK / (1 / left + 1 / (n - left))
    log = math.log(2 * math.log(n * ADWIN_BLOCK) / ADWIN_DELTA)
    bound = np.sqrt(2 / harmonic * mean * (1 - mean) * log) + 2 / (3 * harmonic) * log
    found = np.flatnonzero(gap > bound)
    return int(found[0]) + 1 if len(found) else None


def _first(alarms: NDArray[np.bool_]) -> int | None:
    return int(alarms.argmax()) + 1 if alarms.any() else None
