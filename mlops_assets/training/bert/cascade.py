"""A cheap model that answers, and half of a fine-tuned BERT that is asked where the cheap one is unsure."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import KFold, cross_val_predict

from mlops_assets.training.bert.answering import Classes, Numbers, Outputs
from mlops_assets.training.bert.gate import Gate, choose_share, choose_threshold, learn_errors, row_losses
from mlops_assets.training.bert.text_model import TextModel
from mlops_assets.training.budget import Stopwatch
from mlops_assets.training.progress import silent

FOLDS = 5  # that say how the cheap model errs on rows it was not fitted on


@dataclass(frozen=True)
class CascadeModel:
    """What is served: the fitted cheap pipeline, the costly model as data, and the gate between them."""

    cheap: Any
    costly: TextModel
    gate: Gate


class _Cascade(Outputs):
    """What both tasks share.

    Parameters
    ----------
    cheap : Pipeline
        Unfitted; takes X.
    costly : BertRegressor or BertClassifier
        Unfitted.

    Attributes
    ----------
    served_ : CascadeModel
    costly_, asked_ : BertRegressor or BertClassifier
        As it was fine-tuned, and as it is asked: in whole numbers, and with half of its layers where that keeps
        `settings.gain_kept`.
    record_ : dict
        As of the costly model, and how the gate was chosen: losses of both models, of the one that is asked and of the
        cascade on the rows that the fine-tuning held out inside, the share of them that is asked, that model's share
        of the answer about one, and 1 where it is the half.

    Notes
    -----
    The gate is chosen on the rows that also told the fine-tuning when to stop, so that the costly model looks a little
    better on them than it is. Both models answer them without having been fitted on them; the cheap one is fitted once
    more, on all rows, afterwards.
    """

    def __init__(self, cheap: Any, costly: Any) -> None:
        self.cheap = cheap
        self.costly = costly

    def fit(
        self,
        X: pd.DataFrame,
        y: NDArray[Any],
        progress: Callable[[str], None] = silent,
        stopwatch: Stopwatch = perf_counter,
    ) -> Self:
        """Fine-tune, teach a half, learn where the cheap model errs, choose what is asked."""
        y = np.asarray(y)
        self.costly_ = clone(self.costly).fit(X, y, progress=progress, stopwatch=stopwatch)
        inside = self.costly_.inside_
        others = np.setdiff1d(np.arange(len(y)), inside)
        gate = self._gate(X.iloc[others], y[others])
        self.cheap_ = clone(self.cheap).fit(X.iloc[others], y[others])
        half = self.costly_.halved(progress=progress, stopwatch=stopwatch)
        chosen = None if half is None else self._chosen(half, gate, X.iloc[inside], y[inside])
        if chosen is None or not chosen.enough:
            chosen = self._chosen(self.costly_, gate, X.iloc[inside], y[inside])
        self.asked_, self.gate_ = chosen.asked, chosen.gate
        self.cheap_ = clone(self.cheap).fit(X, y)
        self.served_ = CascadeModel(self.cheap_, self.asked_.served_, self.gate_)
        self.record_ = self.costly_.record_ | {"cascade": chosen.facts | {"half": float(chosen.model is half)}}
        progress(_told(chosen.facts, "half of the BERT" if chosen.model is half else "the BERT"))
        return self

    def outputs(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Numbers in one column or probabilities, shape (n_samples, k)."""
        found: NDArray[np.float64] = self._cheaply(self.cheap_, X)
        asked = self.gate_.asks(found)
        if asked.any():
            found[asked] = self.gate_.mixed(found[asked], self.asked_.outputs(X[asked]))
        return found

    def _chosen(self, model: Any, gate: Gate, X: pd.DataFrame, y: NDArray[Any]) -> "_Chosen":
        asked = model.rounded(X)
        loss = partial(row_losses, y=y, metric=self.costly.metric, classes=getattr(self.costly_, "classes_", None))
        cheap, said = self._cheaply(self.cheap_, X), asked.outputs(X)
        cheap_loss, costly_loss = loss(cheap), loss(self.costly_.outputs(X))
        gate = choose_share(gate, cheap, said, loss)
        gains = cheap_loss - loss(gate.mixed(cheap, said))
        wanted = self.costly.settings.gain_kept * float(np.sum(cheap_loss - costly_loss))
        threshold, share = choose_threshold(gate.unsure(cheap), gains, wanted)
        gate = gate.model_copy(update={"threshold": threshold})
        after = cheap_loss - np.where(gate.asks(cheap), gains, 0.0)
        means = {"cheap_loss": cheap_loss, "costly_loss": costly_loss, "asked_loss": loss(said), "loss": after}
        facts = {name: float(np.mean(one)) for name, one in means.items()} | {"asked": share, "share": gate.share}
        return _Chosen(model, asked, gate, float(np.sum(gains)) >= wanted, facts)


@dataclass(frozen=True)
class _Chosen:
    """A model that could be asked, the same in whole numbers, its gate, and whether asking always gains enough."""

    model: Any
    asked: Any
    gate: Gate
    enough: bool
    facts: dict[str, float]


def _told(facts: dict[str, float], name: str) -> str:
    return (
        f"the cascade asks {name} about {facts['asked']:.0%} of the rows held out inside; loss {facts['loss']:.4f}, "
        f"the BERT's {facts['costly_loss']:.4f}, without asking {facts['cheap_loss']:.4f}"
    )


class CascadeRegressor(Numbers, _Cascade):
    """A cascade that answers numbers."""

    def _cheaply(self, cheap: Any, X: pd.DataFrame) -> NDArray[np.float64]:
        return np.asarray(cheap.predict(X), dtype=np.float64).reshape(-1, 1)

    def _gate(self, X: pd.DataFrame, y: NDArray[Any]) -> Gate:
        mixed = self.costly.order == "random"  # files are often sorted: a stretch of one is another world
        folds = KFold(FOLDS, shuffle=mixed, random_state=self.costly.random_state if mixed else None)
        answers = np.asarray(cross_val_predict(self.cheap, X, y, cv=folds), dtype=np.float64)
        return learn_errors(answers, np.abs(answers - y))


class CascadeClassifier(Classes, _Cascade):
    """A cascade that answers classes."""

    @property
    def classes_(self) -> NDArray[Any]:  # type: ignore[override]
        """Labels in the order of the probabilities."""
        labels: NDArray[Any] = self.costly_.classes_
        return labels

    def _cheaply(self, cheap: Any, X: pd.DataFrame) -> NDArray[np.float64]:
        """Probabilities for all classes; one that the cheap model's rows lack has none."""
        found = np.zeros((len(X), len(self.classes_)))
        found[:, np.searchsorted(self.classes_, cheap.classes_)] = cheap.predict_proba(X)
        return found

    def _gate(self, X: pd.DataFrame, y: NDArray[Any]) -> Gate:
        return Gate()
