"""Anomalies of serving: how many weeks have a false alarm, and how long real changes stay unseen, by simulation.

python -m bench.anomalies [--quick]

A week is 150 windows of half an hour after 250 of the week before, 50 requests each, six series. Beside it the rule of
many dashboards: three standard deviations from the windows so far, at each window.
"""

import argparse
import json
import time
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from mlops_assets.anomalies.find import ALPHA, Course, find_anomalies

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
WINDOW = timedelta(minutes=30)
LAST_WEEK, THIS_WEEK, CHANGED_AT = 250, 150, 48  # windows; the change begins on Tuesday
REQUESTS = 50
WEEKS, QUICK, CHANGES = 500, 60, 20
SIGMAS = 3.0
Change = dict[str, float]
KINDS: dict[str, Change] = {
    "errors": {"errors": 0.1},
    "seconds of an answer": {"seconds": 1.5},
    "confidence": {"confidence": 0.1},
    "abstentions": {"abstentions": 0.3},
    "classes": {"classes": 0.4},
}


def a_week(seed: int, change: Change | None = None) -> tuple[dict[str, Course], datetime]:
    """Six series of last week and this one, and the moment of the last window; `change` sets what begins on Tuesday.

    Usual are 2 % of errors, 10 % of abstentions, classes of 60, 30 and 10 %, a confidence of 0.89; seconds are
    lognormal. `confidence` is how much it falls, `seconds` how many times an answer takes as long.
    """
    random, n = np.random.default_rng(seed), LAST_WEEK + THIS_WEEK
    later, change = np.arange(n) >= LAST_WEEK + CHANGED_AT, change or {}

    def told(name: str, usual: float) -> NDArray[np.float64]:
        return np.where(later, change.get(name, usual), usual)

    first = random.binomial(REQUESTS, told("classes", 0.6))
    second = random.binomial(REQUESTS - first, 0.75)
    values = {
        "seconds of an answer": told("seconds", 1.0) * random.lognormal(-4, 0.3, n),
        "seconds of a reading": random.lognormal(0, 0.4, n),
        "errors": random.binomial(REQUESTS, told("errors", 0.02)) / REQUESTS,
        "confidence": random.beta(40, 5, n) - told("confidence", 0.0),
        "abstentions": random.binomial(REQUESTS, told("abstentions", 0.1)) / REQUESTS,
        "classes": np.stack([first, second, REQUESTS - first - second], axis=1) / REQUESTS,
    }
    ends = [MONDAY + (place - LAST_WEEK + 1) * WINDOW for place in range(n)]
    return {name: Course(ends, value) for name, value in values.items()}, ends[-1]


def has_alarm(seed: int) -> bool:
    """True when a week without a change has an alarm."""
    return any(one.alarmed for one in find_anomalies(*a_week(seed)))


def sigma_alarm(seed: int) -> bool:
    """True when a window of such a week is three standard deviations from those before it, in one of the series."""
    courses, _ = a_week(seed)
    for course in courses.values():
        values = course.values if course.values.ndim == 1 else course.values[:, 0]
        counts = np.arange(1, len(values) + 1)
        means = np.cumsum(values) / counts
        spreads = np.sqrt(np.maximum(np.cumsum(values**2) / counts - means**2, 0))
        away = np.abs(values[1:] - means[:-1]) > SIGMAS * spreads[:-1]
        if away[LAST_WEEK - 1 :].any():
            return True
    return False


def delay_h(seed: int, series: str, change: Change) -> float | None:
    """Hours from a change to its alarm; None when the week ends first."""
    since = next(one.since for one in find_anomalies(*a_week(seed, change)) if one.series == series)
    began = MONDAY + CHANGED_AT * WINDOW
    return None if since is None else (since - began) / timedelta(hours=1)


def main() -> None:
    """Print a table, then one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} weeks instead of {WEEKS}")
    weeks, began = QUICK if parser.parse_args().quick else WEEKS, time.process_time()
    false = sum(map(has_alarm, range(weeks))) / weeks
    error = (max(false, 1 / weeks) * (1 - false) / weeks) ** 0.5
    sigma = sum(map(sigma_alarm, range(weeks))) / weeks
    print(f"weeks without a change that have an alarm: {false:.1%} (+- {error:.1%}), promised {ALPHA:.0%} at most")
    print(f"the same with {SIGMAS:g} standard deviations: {sigma:.1%}")
    found = {}
    for series, change in KINDS.items():
        delays = [delay_h(seed, series, change) for seed in range(CHANGES)]
        seen = sorted(one for one in delays if one is not None)
        found[series] = {"found": len(seen) / CHANGES, "median_h": seen[len(seen) // 2] if seen else None}
        told = f"after {found[series]['median_h']:g} h (median)" if seen else "never"
        print(f"{series:22} {json.dumps(change):24} found in {found[series]['found']:.0%} of weeks, {told}")
    cost = {"processor_s": round(time.process_time() - began, 1)}
    print(json.dumps({"weeks": weeks, "false": false, "three_sigma": sigma, "found": found} | cost))


if __name__ == "__main__":
    main()
