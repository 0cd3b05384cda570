"""How often data without drift ever raises an alarm in a year of weekly batches, against what is promised."""

import math
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from bench.evidence.population import NUMERIC, draw, use_case
from bench.evidence.watch import POLICY, first_alarm
from mlops_assets.drift.budget import spent
from mlops_assets.drift.calibration import DRAWS
from mlops_assets.drift.reference import build_reference

BATCHES = 52
ROWS = (50, 1000)  # of a batch, evenly on a logarithmic scale
REFERENCES = (2000, 4000)
STREAMS_A_REFERENCE = 5


def measure(quick: bool) -> dict[str, Any]:
    """Print promised and observed shares of streams with an alarm; returns the observed one."""
    references = 6 if quick else 100
    print(f"streams of {BATCHES} batches without drift, {ROWS[0]} to {ROWS[1]} rows, 11 correlated columns")
    print(f"  promised: at most {spent(BATCHES, POLICY.alpha):.3f} of the streams, {POLICY.alpha} for ever")
    shares = []
    for rows in REFERENCES:
        found = np.array([streams(rows, seed) for seed in range(references)])  # (references, ours and KS)
        shares.append(found[:, 0].mean())
        error = found.std(axis=0, ddof=1) / np.sqrt(references)
        print(
            f"  reference of {rows}: observed {found[:, 0].mean():.4f} +- {error[0]:.4f} over "
            f"{references * STREAMS_A_REFERENCE} streams; Kolmogorov-Smirnov with Bonferroni "
            f"{found[:, 1].mean():.3f} +- {error[1]:.3f}"
        )
    return {"null_streams_ever_alarm": round(float(np.mean(shares)), 4)}


def streams(rows: int, seed: int, *, draws: int = DRAWS, count: int = STREAMS_A_REFERENCE) -> tuple[float, float]:
    """Share of the streams against one reference that ever alarm by our rule; does the first by KS tests."""
    rng = np.random.default_rng([rows, seed])
    trained = draw(rng, rows)
    reference = build_reference(trained, use_case(), random_state=seed, draws=draws)
    kinds: Counter[str] = Counter()
    naive = False
    for stream in range(count):
        sizes = np.exp(rng.uniform(math.log(ROWS[0]), math.log(ROWS[1]), BATCHES)).astype(int)
        batches = [draw(rng, n) for n in sizes]
        alarm = first_alarm(reference, batches)
        kinds.update([] if alarm is None else [alarm[1]])
        if stream == 0:  # the tests take longer than all else
            naive = any(ks_alarm(trained, batch) for batch in batches)
    if kinds:
        print(f"    reference {seed} of {rows}: {dict(kinds)}")
    return kinds.total() / count, float(naive)


def ks_alarm(trained: pd.DataFrame, batch: pd.DataFrame) -> bool:
    """The guard that is usual: a Kolmogorov-Smirnov test a numeric column, Bonferroni over them, 5 % a batch."""
    return any(
        stats.ks_2samp(trained[name].dropna(), batch[name].dropna(), method="asymp").pvalue < 0.05 / len(NUMERIC)
        for name in NUMERIC
    )
