"""Ways of learning on streams: the chosen one beside the best fixed one, promised errors beside those that came true.

python -m bench.streams [--quick]

`ratio`: prequential error of the policy that the race chose over that of the best fixed policy in hindsight.
`inner`: what time-ordered folds promise over the error on the windows that follow; `random`: the mean of random folds.
`held`: of the moments at which a promise was given, those whose error came to lie in the promised range.
`next`: the race's own error on the windows before, over that on the windows that follow.
`gap`: by how much SHAP values miss an answer at most, as a share of the largest answer.
`usual`, `memory`: seconds until the eventual winner stands on the board, by cost and by what earlier boards propose.
Seconds are the processor's.
"""

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import clone
from threadpoolctl import threadpool_limits

from bench.streams.problems import Stream, streams
from bench.streams.remembering import until_winner
from mlops_assets.spec.race import RacePolicy
from mlops_assets.training.candidates import build_candidates, describe_problem
from mlops_assets.training.explain import shap_values
from mlops_assets.training.folds import make_folds
from mlops_assets.training.promise import promised
from mlops_assets.training.race.policies import POLICIES
from mlops_assets.training.race.race import begin, take_window
from mlops_assets.training.race.rules import Rules
from mlops_assets.training.race.turn import Turn

RECIPE = "lightgbm"
CUTS = (0.5, 0.65, 0.8)  # of the windows: where a model is trained and its promise written down
NEXT = 3  # windows that show what the promise was worth
EXPLAINED = 5  # every so many windows
POLICY = RacePolicy(budget_s=1e6)


@dataclass(frozen=True)
class Result:
    """What one stream showed."""

    stream: str
    error: dict[str, float]
    chosen: float
    inner: float
    held: int
    random: float
    windows: float
    gap: float
    seconds: float

    @property
    def ratio(self) -> float:
        """The chosen policy's error over the best fixed one's."""
        return self.chosen / min(self.error.values())


def main() -> None:
    """Print a line a stream, then one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="half of the made streams, fewer rows")
    parser.add_argument("--data", type=Path, default=Path("../shared/data/deliveries"), help="both delivery files")
    asked = parser.parse_args()
    print(
        f"{'stream':22}{''.join(f'{name:>14}' for name in POLICIES)}{'chosen':>9}{'ratio':>7}{'inner':>7}{'held':>5}"
        f"{'random':>8}{'next':>7}{'gap':>9}{'CPU s':>7}{'usual':>7}{'memory':>7}"
    )
    results, saved, past = [], [], []
    with threadpool_limits(limits=1):
        for stream in streams(asked.quick, asked.data):
            results.append(measure(stream))
            usual, remembered, learnt = until_winner(stream, past)
            saved += [(usual, remembered)] if past else []
            past.append(learnt)
            print(f"{line(results[-1])}{usual:7.2f}{remembered:7.2f}", flush=True)
    print(json.dumps(summary(results) | savings(saved)))


def measure(stream: Stream) -> Result:
    """Race over a stream, with explanations on the way; then promises at three moments of it."""
    started = time.process_time()
    candidates = build_candidates(describe_problem(stream.X, stream.use_case), stream.use_case)
    recipe = next(each for each in candidates if each.name == RECIPE)
    rules = Rules(recipe.pipeline, recipe.family, POLICY, absolute, stream.use_case.drift.floors.unseen.value)
    race, gaps = begin(), [0.0]
    for number, window in enumerate(stream.windows()):
        race = take_window(race, window, rules)
        if race.turns[-1].chosen and race.taught is not None and number % EXPLAINED == 0:
            found = shap_values(race.taught.models[race.turns[-1].chosen], window.X, stream.use_case)
            gaps.append(found.gap or 0.0)
    turns = [turn for turn in race.turns if turn.chosen]
    rows = np.array([turn.rows for turn in turns])
    error = {name: float(np.average([turn.loss[name] for turn in turns], weights=rows)) for name in POLICIES}
    chosen = float(np.average([turn.loss[turn.chosen] for turn in turns], weights=rows))
    inner, held, random = promises(stream, recipe.pipeline)
    windows = promise_of_race(turns)
    return Result(stream.name, error, chosen, inner, held, random, windows, max(gaps), time.process_time() - started)


def promises(stream: Stream, recipe: Any) -> tuple[float, int, float]:
    """What time-ordered folds promise and the mean of random ones, each over the error on the next windows: the means
    over the cuts; between them, at how many cuts that error lay in the promised range.
    """
    ratios, held = [], 0
    for share in CUTS:
        cut = int(len(stream.starts) * share)
        past = stream.known_at <= stream.starts[cut].to_datetime64()
        coming = (stream.window >= cut) & (stream.window < cut + NEXT)
        true = absolute(fitted(recipe, stream, past), stream.X[coming], stream.y[coming]).mean()
        promise = promised(folded(recipe, stream, past, "time"), larger_is_better=False)
        assert promise is not None
        held += promise.low <= true <= promise.high
        ratios.append([promise.expected / true, np.mean(folded(recipe, stream, past, "random")) / true])
    inner, random = np.mean(ratios, axis=0)
    return float(inner), held, float(random)


def promise_of_race(turns: list[Turn]) -> float:
    """Error of the chosen policy on the windows before a cut over that on the next; mean over the cuts."""
    losses = np.array([turn.loss[turn.chosen] for turn in turns])
    cuts = [int(len(turns) * share) for share in CUTS]
    return float(np.mean([losses[cut - NEXT : cut].mean() / losses[cut : cut + NEXT].mean() for cut in cuts]))


def folded(recipe: Any, stream: Stream, rows: Any, order: str) -> list[float]:
    """Mean error on each fold of some rows."""
    X, y = stream.X[rows].reset_index(drop=True), stream.y[rows]
    settings = stream.use_case.training.model_copy(update={"order": order})
    return [
        float(absolute(clone(recipe).fit(X.iloc[first], y[first]), X.iloc[second], y[second]).mean())
        for first, second in make_folds(y, "regression", settings)
    ]


def fitted(recipe: Any, stream: Stream, rows: Any) -> Any:
    """The recipe fitted on some rows."""
    return clone(recipe).fit(stream.X[rows], stream.y[rows])


def absolute(pipeline: Any, X: Any, y: Any) -> Any:
    """Absolute error of each row."""
    return np.abs(pipeline.predict(X) - y)


def line(result: Result) -> str:
    """One row of the table."""
    errors = "".join(f"{result.error[name]:14.3f}" for name in POLICIES)
    return (
        f"{result.stream:22}{errors}{result.chosen:9.3f}{result.ratio:7.3f}{result.inner:7.3f}{result.held:5d}{result.random:8.3f}{result.windows:7.3f}"
        f"{result.gap:9.1e}{result.seconds:7.1f}"
    )


def summary(results: list[Result]) -> dict[str, Any]:
    """The figures of all streams."""
    return {
        "ratio_worst": round(max(each.ratio for each in results), 4),
        "ratio_within_1.02": f"{sum(each.ratio <= 1.02 for each in results)} of {len(results)}",
        "inner_within_10_percent": f"{sum(abs(each.inner - 1) <= 0.1 for each in results)} of {len(results)}",
        "inner_held": f"{sum(each.held for each in results)} of {len(CUTS) * len(results)}",
        "random_within_10_percent": f"{sum(abs(each.random - 1) <= 0.1 for each in results)} of {len(results)}",
        "next_within_10_percent": f"{sum(abs(each.windows - 1) <= 0.1 for each in results)} of {len(results)}",
        "gap_worst": max(each.gap for each in results),
        "ratios": {each.stream: round(each.ratio, 4) for each in results},
        "inner": {each.stream: round(each.inner, 3) for each in results},
    }


def savings(saved: list[tuple[float, float]]) -> dict[str, float]:
    """Seconds until the winner stood on the board, over all streams but the first."""
    usual, remembered = np.sum(saved, axis=0)
    return {"until_winner_s": round(float(usual), 2), "until_winner_remembering_s": round(float(remembered), 2)}


if __name__ == "__main__":
    main()
