"""Candidates that cost minutes are scored once, last, and by a budget of their own."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.pipeline import Pipeline

from mlops_assets.training.automl import train
from mlops_assets.training.families import FAMILIES
from mlops_assets.training.families.family import Family
from mlops_assets.training.features import feature_frame, target_values


class Oracle(RegressorMixin, BaseEstimator):
    """Knows how the minutes were made; counts its fits."""

    fits: list[int] = []  # noqa: RUF012

    def fit(self, X, y, progress, stopwatch):
        progress(f"fitting {len(y)} rows")
        self.fits.append(len(y))
        self.record_ = {"stopped": "done", "curve": []}
        return self

    def predict(self, X):
        strength = X["size"].fillna(0) + X["colour"].map({"red": 2.0, "green": 0.0, "blue": -2.0}).fillna(0.0)
        return 10 * strength.to_numpy()


class Broken(Oracle):
    def fit(self, X, y, progress, stopwatch):
        raise RuntimeError("torch is not installed")


def family(name, kind):
    return Family(name=name, rank=20, styles=("own",), scales=False, models=lambda problem: {"": kind()}, costly=True)


@pytest.fixture()
def trained(build, frame, monkeypatch):
    monkeypatch.setitem(FAMILIES, "oracle", family("oracle", Oracle))
    monkeypatch.setitem(FAMILIES, "broken", family("broken", Broken))
    Oracle.fits.clear()
    use_case = build("regression", families=["broken", "oracle", "tree"], tune_best=0)
    X, y = feature_frame(frame, use_case), target_values(frame, use_case)
    lines = []
    return train(X, y, use_case, lines.append), lines, len(y)


def test_one_fold_is_scored_and_the_winner_fitted_on_all_rows(trained):
    found, lines, rows = trained
    assert found.name == "oracle"
    assert Oracle.fits == [rows * 2 // 3, rows]  # the last of three folds, then all
    assert isinstance(found.pipeline, Pipeline)
    assert found.record["stopped"] == "done"
    assert f"fitting {rows} rows" in lines


def test_the_board_says_that_one_fold_was_scored(trained):
    row = trained[0].board.best
    assert (row.candidate, len(row.scores["mae"]), row.reason) == ("oracle", 1, "scored on the last of 3 folds; done")
    assert np.isfinite(row.request_ms)


def test_what_cannot_be_fitted_stays_on_the_board_with_its_sentence(trained):
    row = next(row for row in trained[0].board.rows if row.family == "broken")
    assert (row.status, row.reason) == ("failed", "RuntimeError: torch is not installed")


def test_the_others_come_first(trained):
    fates = [line.partition(":")[0] for line in trained[1] if " (" in line]
    assert fates.index("tree") < fates.index("broken") < fates.index("oracle")


class Around(Oracle):
    """Answers as the model within it, which it fits."""

    def __init__(self, costly=None):
        self.costly = costly

    def fit(self, X, y, progress, stopwatch):
        self.costly_ = clone(self.costly).fit(X, y, progress=progress, stopwatch=stopwatch)
        self.record_ = self.costly_.record_
        return self

    def predict(self, X):
        return self.costly_.predict(X)


class Tunable(Oracle):
    def __init__(self, rate=1.0):
        self.rate = rate


@pytest.mark.parametrize(("rate", "fits"), [(1.0, 1), (2.0, 2)])
def test_a_model_within_another_is_fitted_once_where_both_are_set_alike(build, frame, monkeypatch, rate, fits):
    monkeypatch.setitem(FAMILIES, "oracle", family("oracle", lambda: Tunable(rate)))
    monkeypatch.setitem(FAMILIES, "around", family("around", lambda: Around(Tunable())))
    Oracle.fits.clear()
    use_case = build("regression", families=["oracle", "around"], tune_best=0)
    X, y = feature_frame(frame, use_case), target_values(frame, use_case)
    board = train(X, y, use_case, lambda line: None).board
    assert {row.family for row in board.ok} == {"dummy", "oracle", "around"}
    assert Oracle.fits == [len(y) * 2 // 3] * fits + [len(y)]  # the winner once more, on all rows
