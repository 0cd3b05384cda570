"""What texts are about: streams of one mixture of themes, and batches of another of equal lengths and words."""

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from bench.evidence.watch import POLICY
from mlops_assets.drift.budget import spent
from mlops_assets.drift.history import History, Seen
from mlops_assets.drift.reference import Reference, build_reference
from mlops_assets.drift.score import DriftReport, score_drift
from mlops_assets.drift.slow import BATCHES_MAX
from mlops_assets.drift.topics import learn_topics
from mlops_assets.spec import UseCase

TRAINED, HELD_OUT = 2000, 500
BATCHES, ROWS = 52, (50, 1000)
WORDS, WORDS_A_TEXT = 300, 20
MIXTURE = (0.25, 0.25, 0.25, 0.25)
MOVED = {"a quarter to a third": ((1 / 3, 2 / 9, 2 / 9, 2 / 9), 500), "a quarter to a half": ((0.5, *[1 / 6] * 3), 200)}


def use_case() -> UseCase:
    """Texts and a class that have nothing to do with each other."""
    return UseCase.model_validate(
        {
            "name": "texts",
            "description": "texts without a meaning",
            "task": "classification",
            "target": "label",
            "format": {"kind": "parquet"},
            "columns": {"note": {"kind": "text"}, "label": {"kind": "category"}},
            "training": {"metric": "accuracy"},
            "decision": {"loss": "zero_one"},
        }
    )


def draw(rng: np.random.Generator, n: int, mixture: tuple[float, ...] = MIXTURE) -> pd.DataFrame:
    """Texts of 20 words, half of them of one theme each; all themes use the same words for the other half."""
    themes = np.array(["a", "b", "c", "d"])[rng.choice(len(mixture), n, p=mixture)]
    own, common = (np.minimum(rng.zipf(1.5, (n, WORDS_A_TEXT // 2)), WORDS) for _ in range(2))
    notes = [
        " ".join([*(f"{theme}{word:03d}" for word in mine), *(f"w{word:03d}" for word in all_words)])
        for theme, mine, all_words in zip(themes, own, common, strict=True)
    ]
    return pd.DataFrame({"note": notes, "label": rng.choice(["no", "yes"], n)})


def trained(rng: np.random.Generator, seed: int) -> tuple[Reference, Reference]:
    """The references of a champion that reads words, with topics and without."""
    frame, held_out = draw(rng, TRAINED), draw(rng, HELD_OUT)
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True).fit(frame["note"])
    topics = learn_topics("note", words, frame["note"])
    found = [topics] if topics is not None else []
    answers = held_out["label"].to_numpy()
    reference = build_reference(frame, use_case(), answers, seed, topics=found, held_out=held_out)
    return reference, build_reference(frame, use_case(), answers, seed)


def measure(quick: bool) -> dict[str, Any]:
    """Print promised and observed shares of streams with an alarm, and the power; returns both."""
    references, streams, batches = (4, 2, 10) if quick else (20, 10, 50)
    nulls, powers = [], []
    for seed in range(references):
        rng = np.random.default_rng([13, seed])
        reference, without = trained(rng, seed)
        nulls.append(np.mean([ever_alarms(reference, rng) for _ in range(streams)]))
        powers.append([power(one, rng, *moved, batches) for moved in MOVED.values() for one in (reference, without)])
    error = np.std(nulls, ddof=1) / math.sqrt(references)
    print(f"streams of {BATCHES} batches of texts without drift, {ROWS[0]} to {ROWS[1]} rows; reference of {TRAINED}")
    print(
        f"  promised: at most {spent(BATCHES, POLICY.alpha):.3f}; observed {np.mean(nulls):.4f} +- {error:.4f} over "
        f"{references * streams} streams"
    )
    means = np.mean(powers, axis=0).reshape(len(MOVED), 2)
    for (name, (_, rows)), (ours, lengths) in zip(MOVED.items(), means, strict=True):
        print(f"  a theme from {name}, {rows} rows: found {ours:.2f}, by lengths and unknown words alone {lengths:.2f}")
    return {"topics_null_streams_ever_alarm": round(float(np.mean(nulls)), 4), "topics_power": means[:, 0].tolist()}


def ever_alarms(reference: Reference, rng: np.random.Generator) -> bool:
    """Whether a stream without drift alarms in a year of weekly batches."""
    history = History()
    for rows in np.exp(rng.uniform(math.log(ROWS[0]), math.log(ROWS[1]), BATCHES)).astype(int):
        report = _scored(reference, draw(rng, rows), history)
        if report.status == "drift":
            return True
        recent = (*history.recent, Seen(report.shifts))[-BATCHES_MAX:]
        history = History(history.scored + 1, 0, recent)
    return False


def power(reference: Reference, rng: np.random.Generator, mixture: tuple[float, ...], rows: int, batches: int) -> float:
    """Share of single batches of another mixture that alarm."""
    found: NDArray[np.bool_] = np.array(
        [_scored(reference, draw(rng, rows, mixture), History()).status == "drift" for _ in range(batches)]
    )
    return float(found.mean())


def _scored(reference: Reference, frame: pd.DataFrame, history: History) -> DriftReport:
    return score_drift(reference, frame, POLICY, frame["label"].to_numpy(), history)
