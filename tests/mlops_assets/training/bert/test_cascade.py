"""A cascade asks the costly model where the cheap one errs, and nowhere else."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from mlops_assets.spec import Bert
from mlops_assets.training.bert.cascade import CascadeRegressor


class Half:
    """Stands for half of the costly model: errs everywhere by as much, to one side or the other."""

    served_ = None

    def __init__(self, errs):
        self.errs = errs

    def rounded(self, X):
        return self

    def outputs(self, X):
        return (X["truth"] + np.where(np.arange(len(X)) % 2, self.errs, -self.errs)).to_numpy().reshape(-1, 1)


class Knowing(RegressorMixin, BaseEstimator):
    """Stands for the costly model: right everywhere; remembers what it is asked."""

    def __init__(self, settings, metric, order="random", random_state=7, half_errs=None):
        self.settings, self.metric, self.order, self.random_state = settings, metric, order, random_state
        self.half_errs = half_errs

    def fit(self, X, y, progress, stopwatch):
        self.inside_, self.served_, self.record_, self.asked = np.arange(0, len(y), 5), None, {"stopped": "done"}, []
        return self

    def rounded(self, X):
        return self

    def halved(self, progress, stopwatch):
        self.half_ = None if self.half_errs is None else Half(self.half_errs)
        return self.half_

    def outputs(self, X):
        self.asked.append(len(X))
        return X["truth"].to_numpy().reshape(-1, 1)


@pytest.fixture()
def rows():
    """The cheap model sees `hint` alone: the truth where the hint is positive, noise where it is not."""
    random = np.random.default_rng(0)
    hint = random.uniform(-1, 1, 1000)
    return pd.DataFrame({"hint": hint, "truth": np.where(hint > 0, hint, hint + random.choice([-2.0, 2.0], 1000))})


def cascade(rows, kept=0.9, half_errs=None):
    cheap = Pipeline([("hint", FunctionTransformer(lambda X: X[["hint"]])), ("model", LinearRegression())])
    lines = []
    model = CascadeRegressor(cheap, Knowing(Bert(gain_kept=kept), "mae", half_errs=half_errs))
    return model.fit(rows, rows["truth"].to_numpy(), progress=lines.append), lines


def test_it_keeps_the_gain_and_asks_about_the_unsure_half(rows):
    model, lines = cascade(rows)
    chosen = model.record_["cascade"]
    assert 0.4 < chosen["asked"] < 0.6
    assert chosen["costly_loss"] == 0
    assert chosen["loss"] <= 0.1 * chosen["cheap_loss"] + 1e-9
    assert lines[-1].startswith("the cascade asks the BERT about")


def test_only_what_is_unsure_is_asked_and_answered_by_the_other(rows):
    model, _ = cascade(rows)
    model.costly_.asked.clear()
    cheap, found = model.cheap_.predict(rows), model.predict(rows)
    asked = model.gate_.unsure(cheap.reshape(-1, 1)) >= model.gate_.threshold
    assert model.gate_.share == 1  # who knows the truth needs nobody beside
    assert found[asked].tolist() == rows["truth"][asked].tolist()
    assert found[~asked].tolist() == cheap[~asked].tolist()
    assert model.costly_.asked == [asked.sum()]
    assert (rows["hint"][asked] < 0.1).mean() > 0.95


def test_who_keeps_less_asks_less(rows):
    assert cascade(rows, kept=0.3)[0].record_["cascade"]["asked"] < cascade(rows)[0].record_["cascade"]["asked"]


@pytest.mark.parametrize(("half_errs", "asked"), [(0.05, "half"), (0.5, "whole"), (None, "whole")])
def test_the_half_is_asked_where_it_keeps_the_gain(rows, half_errs, asked):
    model, lines = cascade(rows, half_errs=half_errs)  # the cheap one errs by about 1, so that a tenth is 0.1
    assert model.asked_ is (model.costly_.half_ if asked == "half" else model.costly_)
    chosen = model.record_["cascade"]
    assert chosen["half"] == (asked == "half")
    assert chosen["loss"] <= 0.1 * chosen["cheap_loss"] + 1e-9
    assert ("asks half of the BERT about" in lines[-1]) == (asked == "half")


def test_a_sorted_table_is_shuffled_before_the_cheap_model_tells_how_it_errs(rows):
    """Folds cut from a sorted table ask about hints that no other fold has: the errors would be another model's."""
    ordered, mixed = rows.sort_values("hint"), rows.sample(frac=1, random_state=1)
    errors = [np.mean(cascade(table)[0].gate_.errors) for table in (ordered, mixed)]
    assert errors[0] == pytest.approx(errors[1], rel=0.03)
