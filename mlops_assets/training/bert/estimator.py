"""A fine-tuned BERT with `fit` and `predict`, as scikit-learn knows them."""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import asdict, dataclass, replace
from time import perf_counter
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.spec.bert import Bert
from mlops_assets.training.bert.answering import Classes, Numbers, Outputs
from mlops_assets.training.bert.distil import FASTER, half_of, lessons
from mlops_assets.training.bert.fine_tune import Loss, Sample, Tuned, fine_tune
from mlops_assets.training.bert.network import build_network, load_pretrained, require_extra
from mlops_assets.training.bert.reading import learn_reading
from mlops_assets.training.bert.rounding import rounded
from mlops_assets.training.bert.text_model import OpenTextModel, TextModel
from mlops_assets.training.bert.to_graph import check_graph, to_graph
from mlops_assets.training.bert.tokens import open_tokenizer, tokenise
from mlops_assets.training.budget import Budget, Stopwatch
from mlops_assets.training.progress import silent

INSIDE_SHARE = 0.1  # of the rows, held out for the early stop
INSIDE_MAX = 1000
PARITY_ROWS = 200


@dataclass(frozen=True)
class _Fit:
    """What a fit leaves in memory for a half of it: not kept where the model is."""

    network: Any
    train: Sample
    inside: Sample
    loss: Loss
    answer: dict[str, Any]


class _FineTuned(Outputs):
    """What both tasks share; `fit` needs the extra [bert], `predict` does not.

    Parameters
    ----------
    texts, categories, numbers : tuple[str, ...]
        Columns of X. Texts and categories become one text; numbers stand beside its vector, standardised.
    settings : Bert
    metric : str
        'mae' trains absolute errors, another one of a regression squared errors, a classification cross-entropy.
    order : {'random', 'time'}
        'time': the rows held out inside are the last ones.
    random_state : int

    Attributes
    ----------
    served_ : TextModel
        The model as data.
    inside_ : ndarray of int
        Positions of the rows that were held out inside.
    record_ : dict
        How fine-tuning went: curve, what ended it, versions, the graph's parity.
    """

    def __init__(
        self,
        texts: Sequence[str],
        categories: Sequence[str],
        numbers: Sequence[str],
        settings: Bert,
        metric: str,
        order: str,
        random_state: int,
    ) -> None:
        self.texts = texts
        self.categories = categories
        self.numbers = numbers
        self.settings = settings
        self.metric = metric
        self.order = order
        self.random_state = random_state

    def outputs(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """What the graph says, shape (n_samples, outputs)."""
        if not hasattr(self, "_open"):
            self._open = OpenTextModel(self.served_)
        return self._open.outputs(*self.served_.reading.of_frame(X))

    def rounded(self, X: pd.DataFrame) -> Self:
        """This model with its graph in whole numbers; the rows of X tell how far that moves an answer."""
        coarse = copy(self)
        coarse.served_ = rounded(self.served_, *self.served_.reading.of_frame(X.head(PARITY_ROWS)))
        return coarse

    def halved(self, progress: Callable[[str], None] = silent, stopwatch: Stopwatch = perf_counter) -> Self | None:
        """This model with half of its layers, taught by it within `budget_s`; None where a half is not to be had.

        Needs the process that fitted this model: its network is nowhere else.
        """
        half = half_of(self._fitted.network)
        if half is None:
            return None
        fitted = self._fitted
        budget = Budget(self.settings.budget_s, stopwatch)
        rows = lessons(fitted.network, fitted.train, fitted.answer["classify"], budget, self.random_state)
        progress(f"half of the layers are taught on {len(rows.tokens)} rows that the whole has answered")
        settings = self.settings.model_copy(update={"learning_rate": self.settings.learning_rate * FASTER})
        fine_tune(half, rows, fitted.inside, fitted.loss, settings, budget, progress, self.random_state)
        smaller = copy(self)
        smaller._exported(replace(fitted, network=half), self.served_)
        return smaller

    def _exported(self, fitted: _Fit, like: TextModel) -> float:
        graph = to_graph(fitted.network, len(self.numbers), **fitted.answer)
        rows = fitted.inside.rows(np.arange(len(fitted.inside.tokens))[:PARITY_ROWS])
        gap = check_graph(graph, fitted.network, rows, **fitted.answer)
        self._fitted = fitted
        self.served_ = replace(like, graph=graph)
        return gap

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__getstate__().items() if name not in ("_open", "_fitted")}

    def _fit(
        self,
        X: pd.DataFrame,
        target: NDArray[Any],
        n_outputs: int,
        loss: Loss,
        answer: dict[str, Any],
        progress: Callable[[str], None],
        stopwatch: Stopwatch,
    ) -> None:
        require_extra()
        budget = Budget(self.settings.budget_s, stopwatch)
        encoder, tokenizer = load_pretrained(self.settings.model)
        reading = learn_reading(X, self.texts, self.categories, self.numbers, self.settings.length_max)
        texts, numbers = reading.of_frame(X)
        sample = Sample(tokenise(open_tokenizer(tokenizer, reading.length_max), texts), numbers, target)
        network = build_network(encoder, n_outputs, len(self.numbers), self.random_state)
        self.inside_ = held_out_inside(len(X), self.order, self.random_state)
        inside = sample.rows(self.inside_)
        train = sample.rows(np.setdiff1d(np.arange(len(X)), self.inside_))
        tuned = fine_tune(network, train, inside, loss, self.settings, budget, progress, self.random_state)
        gap = self._exported(_Fit(network, train, inside, loss, answer), TextModel(b"", tokenizer, reading))
        self.record_ = _record(tuned, gap)
        progress(f"kept the state of epoch {tuned.best.epoch:.2f}: {tuned.stopped}")


class BertRegressor(Numbers, _FineTuned):
    """A BERT that answers numbers."""

    def fit(
        self,
        X: pd.DataFrame,
        y: NDArray[Any],
        progress: Callable[[str], None] = silent,
        stopwatch: Stopwatch = perf_counter,
    ) -> Self:
        """Fine-tune on the standardised target."""
        y = np.asarray(y, dtype=np.float64)
        mean, deviation = float(np.mean(y)), float(np.std(y)) or 1.0
        loss: Loss = "absolute" if self.metric == "mae" else "squared"
        target = ((y - mean) / deviation).astype(np.float32)
        answer = {"shift": mean, "scale": deviation, "classify": False}
        self._fit(X, target, 1, loss, answer, progress, stopwatch)
        return self


class BertClassifier(Classes, _FineTuned):
    """A BERT that answers classes."""

    def fit(
        self,
        X: pd.DataFrame,
        y: NDArray[Any],
        progress: Callable[[str], None] = silent,
        stopwatch: Stopwatch = perf_counter,
    ) -> Self:
        """Fine-tune on cross-entropy."""
        self.classes_, codes = np.unique(np.asarray(y), return_inverse=True)
        answer = {"shift": 0.0, "scale": 1.0, "classify": True}
        self._fit(X, codes.astype(np.int64), len(self.classes_), "cross_entropy", answer, progress, stopwatch)
        return self


def held_out_inside(n_rows: int, order: str, random_state: int) -> NDArray[np.int64]:
    """Positions of the rows that the early stop looks at: a tenth, at most 1,000, at least one."""
    size = max(1, min(round(n_rows * INSIDE_SHARE), INSIDE_MAX))
    if order == "time":
        return np.arange(n_rows - size, n_rows)
    return np.sort(np.random.default_rng(random_state).permutation(n_rows)[:size])


def _record(tuned: Tuned, gap: float) -> dict[str, Any]:
    from importlib.metadata import version

    return {
        "curve": [asdict(look) for look in tuned.curve],
        "best_epoch": tuned.best.epoch,
        "stopped": tuned.stopped,
        "seconds": round(tuned.seconds, 1),
        "device": tuned.device,
        "parity": gap,
        "libraries": {name: version(name) for name in ("torch", "transformers", "tokenizers", "onnxruntime")},
    }
