"""Every engine through the same contract: the board is what scikit-learn says, whatever the engine does inside."""

from itertools import count
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import cross_validate
from sklearn.pipeline import Pipeline

from mlops_assets.training import engines
from mlops_assets.training.budget import Budget
from mlops_assets.training.candidate import Candidate
from mlops_assets.training.candidates import build_candidates, describe_problem
from mlops_assets.training.engines import ENGINES
from mlops_assets.training.engines.protocol import Comparison
from mlops_assets.training.features import feature_frame, target_values
from mlops_assets.training.folds import make_folds

SCORERS = {
    "classification": {
        "accuracy": ("accuracy", 1),
        "balanced_accuracy": ("balanced_accuracy", 1),
        "f1_macro": ("f1_macro", 1),
        "log_loss": ("neg_log_loss", -1),
    },
    "regression": {
        "mae": ("neg_mean_absolute_error", -1),
        "rmse": ("neg_root_mean_squared_error", -1),
        "r2": ("r2", 1),
    },
}
FAST = ["linear", "tree", "lightgbm", "xgboost"]

engine = pytest.mark.parametrize(
    "compare", [pytest.param(each, id=name, marks=pytest.mark.slow) for name, each in ENGINES.items()]
)


class Broken(ClassifierMixin, BaseEstimator):
    """A model that cannot be fitted."""

    def fit(self, X, y):
        raise RuntimeError("the model is broken")


NOW = [0.0]


class Slow(DummyClassifier):
    """A model whose fit takes `seconds` on the stopwatch `NOW`."""

    def __init__(self, seconds=1.0):
        super().__init__()
        self.seconds = seconds

    def fit(self, X, y):
        NOW[0] += self.seconds
        return super().fit(X, y)


def slow(seconds):
    return Candidate(f"slow {seconds}", "tree", "plain", Pipeline([("model", Slow(seconds))]), 1)


class Lost(ClassifierMixin, BaseEstimator):
    """A model whose probabilities are not numbers."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        return np.full((len(X), len(self.classes_)), np.nan)


def problem(build, frame, task="classification", **training):
    use_case = build(task, **({"families": FAST} | training))
    X, y = feature_frame(frame, use_case), target_values(frame, use_case)
    settings = use_case.training
    folds = make_folds(y, task, settings)
    comparison = Comparison(X, y, folds, task, settings.metric, settings.random_state)
    return build_candidates(describe_problem(X, use_case), use_case), comparison


def plenty():
    return Budget(1000, lambda: 0.0)


def silent(_):
    """Nobody listens."""


def test_the_table_lists_every_file():
    folder = Path(engines.__file__).parent
    assert {path.stem for path in folder.glob("*.py")} - {"__init__", "protocol"} == set(ENGINES)


@engine
@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.parametrize("order", ["random", "time"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_board_is_cross_validate_on_the_same_folds(build, frame, compare, task, order):
    candidates, comparison = problem(build, frame, task, order=order)
    rows = compare(comparison)(candidates, plenty(), silent)
    assert [row.candidate for row in rows] == [candidate.name for candidate in candidates]
    names = {name: scorer for name, (scorer, _) in SCORERS[task].items()}
    for candidate, row in zip(candidates, rows, strict=True):
        expected = cross_validate(
            candidate.pipeline, comparison.X, comparison.y, cv=comparison.folds, scoring=names, error_score="raise"
        )
        assert row.status == "ok", row.reason
        for name, (_, sign) in SCORERS[task].items():
            np.testing.assert_allclose(
                row.scores[name], sign * expected[f"test_{name}"], atol=1e-6, err_msg=row.candidate
            )


@engine
def test_a_request_is_timed_where_there_is_a_score(build, frame, compare):
    """A stopwatch that goes on a millisecond a look: 25 requests, each between two looks."""
    ticks = count(step=0.001)
    candidates, comparison = problem(build, frame, families=["tree"])
    broken = Candidate("broken", "tree", "plain", Pipeline([("m", Broken())]), 9)
    rows = compare(comparison)([*candidates, broken], Budget(1000, lambda: next(ticks)), silent)
    assert [round(row.request_ms, 6) for row in rows[:2]] == [1.0, 1.0]
    assert np.isnan(rows[2].request_ms)


@engine
def test_a_class_of_two_rows_empties_no_board(build, frame, compare):
    rare = frame.assign(label=np.where(np.arange(300) < 2, "rare", frame["label"]))
    candidates, comparison = problem(build, rare, families=FAST)
    rows = compare(comparison)(candidates, plenty(), silent)
    assert {row.status for row in rows} == {"ok"}
    assert all(np.isfinite(row.scores["log_loss"]).all() for row in rows)


@engine
def test_a_failed_candidate_stays_with_its_reason(build, frame, compare):
    candidates, comparison = problem(build, frame, families=["tree"])
    broken = [
        Candidate(name, name, "own", Pipeline([("m", model)]), 9)
        for name, model in (("broken", Broken()), ("lost", Lost()))
    ]
    rows = {row.candidate: row for row in compare(comparison)([*broken, *candidates], plenty(), silent)}
    assert rows["broken"].status == rows["lost"].status == "failed"
    assert rows["broken"].reason == "RuntimeError: the model is broken"
    assert "NaN" in rows["lost"].reason
    assert rows["tree"].status == rows["dummy"].status == "ok"


@engine
def test_nothing_is_begun_when_the_budget_is_spent(build, frame, compare):
    _, comparison = problem(build, frame)
    rows = compare(comparison)([slow(2.0), slow(2.0)], Budget(6.0, lambda: NOW[0]), silent)
    assert [row.status for row in rows] == ["ok", "skipped"]  # three folds of 2 s, then nothing is left
    assert rows[0].seconds == 6.0
    assert rows[1].reason == "nothing of the budget is left for it"


@engine
def test_a_slow_candidate_is_left_after_its_first_fold(build, frame, compare):
    _, comparison = problem(build, frame)
    row = compare(comparison)([slow(10.0)], Budget(15.0, lambda: NOW[0]), silent)[0]
    assert row.status == "skipped"
    assert row.reason == "1 of 3 folds took 10.0 s, the others do not fit into the 5.0 s left"
    assert row.seconds == 10.0


@engine
def test_what_is_expected_to_take_too_long_is_not_begun(build, frame, compare):
    candidates, comparison = problem(build, frame, families=["tree"])
    slow = Candidate("slow", "tree", "plain", candidates[0].pipeline, 1, expected_s=2000.0)
    row = compare(comparison)([slow], plenty(), silent)[0]
    assert (row.status, row.seconds) == ("skipped", 0.0)
    assert row.reason == "about 2000.0 s needed, 1000.0 s of the budget left"


@engine
def test_progress_tells_each_candidate(build, frame, compare):
    candidates, comparison = problem(build, frame, families=["tree"])
    told = []
    compare(comparison)(candidates, plenty(), told.append)
    assert [line.split(":")[0] for line in told] == ["dummy", "tree"]
    assert "accuracy" in told[1]


@engine
def test_the_working_directory_stays_clean_and_the_screen_quiet(build, frame, compare, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    candidates, comparison = problem(build, frame, families=["tree"])
    compare(comparison)(candidates, plenty(), silent)
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr() == ("", "")


@engine
def test_types_are_not_narrowed(build, compare):
    """A split at 1e-9 beside a million is lost in float32."""
    size = 1e6 + np.tile([0.0, 1e-3], 60)
    rows = pd.DataFrame({"size": size, "label": np.tile(["low", "high"], 60)})
    candidates, comparison = problem(build, rows, families=["boosting"])
    row = compare(comparison)(candidates[1:], plenty(), silent)[0]
    assert row.mean("accuracy") == 1.0
