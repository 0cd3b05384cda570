"""How often a verdict is wrong, and how many labels a right one needs, beside the tests that people use."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from bench.evidence.late_labels import late_promotions
from mlops_assets.decision.confidence import labels_until_above, labels_until_below

ALPHA, LABELS_MIN, LABELS = 0.05, 50, 5000
DISAGREE, GAIN = 0.10, 0.03
SPLIT_TEST_LABELS = 5251  # a fixed-size test of two arms for 3 points, 5 % and 80 % power, as the issue has it
HEAVY_MAX = 60.0  # loss_max of the heavy-tailed errors, six times their scale
Streams = NDArray[np.float64]
Rule = Callable[[NDArray[np.float64], float], int | None]


def measure(quick: bool) -> dict[str, Any]:
    """Print promised against observed; returns the largest wrong share and the labels that a gain needs."""
    runs = 200 if quick else 1000
    wrong: dict[str, float] = {}
    print(f"verdicts: {runs} runs of {LABELS} labels without a difference, looked at after each; any verdict is wrong")
    for name, (streams, scale) in null_streams(runs, seed=11).items():
        ours, z = wrong_share(streams, scale, sequence), wrong_share(streams, scale, z_test)
        print(f"  {name:<34} promised {ALPHA:.3f}  observed {_rate(ours, runs)}  z-test at each look {_rate(z, runs)}")
        wrong[name] = round(ours, 4)
    for name, paired in (("unpaired, slow where B is wrong", False), ("paired, slow where A is right", True)):
        late = late_promotions(runs // 5, paired=paired)
        print(
            f"  {name:<34} promised {ALPHA:.3f}  observed {_rate(late.ours, runs // 5)}  labels as they come "
            f"{_rate(late.naive, runs // 5)}"
        )
        wrong[name] = round(late.ours, 4)
    labels = labels_needed(runs, seed=12)
    print(
        f"  {100 * GAIN:g} points at {DISAGREE:.0%} disagreement: median {np.median(labels):.0f} labels "
        f"(quartiles {np.quantile(labels, 0.25):.0f} to {np.quantile(labels, 0.75):.0f}); "
        f"a split test needs {SPLIT_TEST_LABELS}"
    )
    return {
        "verdict_wrong": max(wrong.values()),
        "verdict_wrong_by_case": wrong,
        "verdict_median_labels": float(np.median(labels)),
    }


def null_streams(runs: int, seed: int) -> dict[str, tuple[Streams, float]]:
    """Differences of losses without a true difference, shape (runs, LABELS), and the bound of their size."""
    rng = np.random.default_rng(seed)
    shape = (runs, LABELS)
    return {
        "wrong answers, 10 % disagreement": (differing(rng, shape, 0.0), 1.0),
        "absolute errors, Student's t with 2": (_errors(rng, shape, np.abs), HEAVY_MAX),
        "errors with log-normal tails": (_errors(rng, shape, _exp), HEAVY_MAX),
    }


def differing(rng: np.random.Generator, shape: tuple[int, int], gain: float) -> Streams:
    """Differences of zero-one losses of models that disagree on a tenth of the rows; `gain` is their mean."""
    drawn = rng.random(shape)
    better, worse = (DISAGREE + gain) / 2, (DISAGREE - gain) / 2
    return np.where(drawn < better, 1.0, np.where(drawn < better + worse, -1.0, 0.0))


def _errors(rng: np.random.Generator, shape: tuple[int, int], of: Callable[[Streams], Streams]) -> Streams:
    """Differences of two models' clipped losses: a part they share and, as large, parts of their own."""
    shared = rng.standard_t(2, shape)
    sides = [np.minimum(10 * of((shared + rng.standard_t(2, shape)) / 2), HEAVY_MAX) for _ in range(2)]
    difference: Streams = sides[0] - sides[1]
    return difference


def _exp(values: Streams) -> Streams:
    return np.exp(np.minimum(values, 50.0))  # far above HEAVY_MAX already


def sequence(values: NDArray[np.float64], scale: float) -> int | None:
    """Labels until our rule gives any verdict at margin 0."""
    ends = (rule(values, 0.0, -scale, scale, ALPHA) for rule in (labels_until_above, labels_until_below))
    return min((labels for labels in ends if labels is not None), default=None)


def z_test(values: NDArray[np.float64], _: float) -> int | None:
    """Labels until a two-sided z-test at ALPHA, at each look from LABELS_MIN on, finds a difference."""
    n = np.arange(1, len(values) + 1)
    sums, squares = values.cumsum(), (values**2).cumsum()
    spread = np.sqrt(np.maximum(squares - sums**2 / n, 1e-12))
    found = (np.abs(sums) / spread > stats.norm.isf(ALPHA / 2)) & (n >= LABELS_MIN)
    return int(found.argmax()) + 1 if found.any() else None


def wrong_share(streams: Streams, scale: float, rule: Rule) -> float:
    """Share of streams on which a rule ever gives a verdict."""
    return float(np.mean([rule(stream, scale) is not None for stream in streams]))


def labels_needed(runs: int, seed: int) -> NDArray[np.float64]:
    """Labels until a challenger that is better by GAIN is promoted; infinite where it is not."""
    streams = differing(np.random.default_rng(seed), (runs, LABELS), GAIN)
    found = [labels_until_above(stream, 0.0, -1.0, 1.0, ALPHA) for stream in streams]
    return np.array([math.inf if labels is None else max(labels, LABELS_MIN) for labels in found])


def _rate(share: float, runs: int) -> str:
    return f"{share:.3f} +- {math.sqrt(max(share * (1 - share), 1e-9) / runs):.3f}"
