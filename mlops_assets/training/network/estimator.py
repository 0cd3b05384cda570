"""A small network with `fit` and `predict`, as scikit-learn knows them: fitted by PyTorch, kept as one of its own."""

from collections.abc import Callable
from time import perf_counter
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.class_weight import compute_class_weight

from mlops_assets.training.bert.network import MissingExtraError
from mlops_assets.training.budget import Budget, Stopwatch
from mlops_assets.training.folds import stratified_folds
from mlops_assets.training.network.layers import HIDDEN, Layer, Learner, Loss, Rows
from mlops_assets.training.progress import silent

INSIDE_FOLDS = 5  # one of them is held out inside, for the early stop
FIRST_SHARE = 0.4  # of the seconds: the second fit, on all rows, takes 5/4 of the first at most


class _Network(BaseEstimator):  # type: ignore[misc]
    """What both tasks share; `fit` needs the extra [torch], `predict` does not.

    Parameters
    ----------
    order : {'random', 'time'}
        'time': the rows held out inside are the last ones.
    seconds_max : float
        Of one fit; the best epoch so far stays.
    random_state : int

    Attributes
    ----------
    model_ : MLPClassifier or MLPRegressor
        The fitted layers in scikit-learn's form, which pipeline files and ONNX graphs know.
    record_ : dict
        How fitting went: curve, what ended it, versions.

    Notes
    -----
    Fitted twice: without the rows held out inside, to learn how many epochs are best, then for so many on all rows.
    """

    def _layers(self, X: Any, target: NDArray[Any], learner: Learner, watch: Stopwatch, progress: Any) -> list[Layer]:
        rows, started = Rows(X, target), watch()
        held_out = self._held_out(target, learner.loss)
        others = np.setdiff1d(np.arange(len(target)), held_out)
        budget = Budget(FIRST_SHARE * self.seconds_max, watch)
        found = learner.look(rows.part(others), rows.part(held_out), budget, progress)
        layers = learner.fit_for(rows, found.best_epoch)
        self.record_ = {
            "curve": list(found.curve),
            "best_epoch": found.best_epoch,
            "stopped": found.stopped,
            "seconds": round(watch() - started, 1),
            "device": "cpu",
            "libraries": {"torch": _torch_version()},
        }
        progress(f"network: {found.best_epoch} epochs on all {len(target)} rows; {found.stopped}")
        return list(layers)

    def _held_out(self, target: NDArray[Any], loss: Loss) -> NDArray[np.int64]:
        if self.order == "time":
            return np.arange(len(target) - max(1, len(target) // INSIDE_FOLDS), len(target))
        groups = target if loss == "cross_entropy" else np.zeros(len(target))
        return stratified_folds(groups, INSIDE_FOLDS, self.random_state)[0][1]


class NetworkClassifier(ClassifierMixin, _Network):  # type: ignore[misc]
    """A network that answers classes; `class_weight` as scikit-learn means it."""

    def __init__(
        self, order: str, class_weight: Literal["balanced"] | None, seconds_max: float, random_state: int
    ) -> None:
        self.order = order
        self.class_weight = class_weight
        self.seconds_max = seconds_max
        self.random_state = random_state

    def fit(
        self, X: Any, y: Any, progress: Callable[[str], None] = silent, stopwatch: Stopwatch = perf_counter
    ) -> Self:
        """Fit by cross-entropy."""
        _require_torch()
        self.classes_, codes = np.unique(np.asarray(y), return_inverse=True)
        count = len(self.classes_)
        if count == 1:
            raise ValueError(f"one class only, {self.classes_[0]!r}; at least two are due")
        weights = compute_class_weight(self.class_weight, classes=np.arange(count), y=codes).astype(np.float32)
        learner = Learner(count, "cross_entropy", weights, self.random_state)
        first, (last, bias) = self._layers(X, codes.astype(np.int64), learner, stopwatch, progress)
        if count == 2:  # softmax of two outputs is the logistic function of their difference
            last, bias = last[:, 1:] - last[:, :1], bias[1:] - bias[:1]
        self.model_ = _perceptron(MLPClassifier, [first, (last, bias)], "logistic" if count == 2 else "softmax")
        self.model_.classes_ = self.classes_
        self.model_._label_binarizer = LabelBinarizer().fit(self.classes_)
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Shape (n_samples, n_classes), columns in the order of `classes_`."""
        return np.asarray(self.model_.predict_proba(X), dtype=np.float64)

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable label of each row."""
        return np.asarray(self.classes_[np.argmax(self.predict_proba(X), axis=1)])


class NetworkRegressor(RegressorMixin, _Network):  # type: ignore[misc]
    """A network that answers numbers; `metric` 'mae' fits absolute errors, another one squared errors."""

    def __init__(self, order: str, metric: str, seconds_max: float, random_state: int) -> None:
        self.order = order
        self.metric = metric
        self.seconds_max = seconds_max
        self.random_state = random_state

    def fit(
        self, X: Any, y: Any, progress: Callable[[str], None] = silent, stopwatch: Stopwatch = perf_counter
    ) -> Self:
        """Fit the standardised target; the last layer then answers in the target's unit."""
        _require_torch()
        y = np.asarray(y, dtype=np.float64)
        mean, deviation = float(np.mean(y)), float(np.std(y)) or 1.0
        learner = Learner(1, "absolute" if self.metric == "mae" else "squared", None, self.random_state)
        target = ((y - mean) / deviation).astype(np.float32)
        first, (last, bias) = self._layers(X, target, learner, stopwatch, progress)
        unit = (last * np.float32(deviation), bias * np.float32(deviation) + np.float32(mean))
        self.model_ = _perceptron(MLPRegressor, [first, unit], "identity")
        return self

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Numbers in the target's unit, shape (n_samples,)."""
        return np.asarray(self.model_.predict(X), dtype=np.float64)


def _perceptron(kind: Any, layers: list[Layer], answer: str) -> Any:
    """The layers as a fitted multi-layer perceptron of scikit-learn."""
    model = kind(hidden_layer_sizes=(HIDDEN,), activation="relu")
    model.coefs_, model.intercepts_ = [weights for weights, _ in layers], [bias for _, bias in layers]
    model.n_features_in_, model.n_outputs_ = len(layers[0][0]), layers[-1][0].shape[1]
    model.n_layers_, model.out_activation_ = 1 + len(layers), answer
    return model


def _require_torch() -> None:
    try:
        import torch  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"{error.name} is not installed; a network needs it: pip install 'mlops-assets[torch]', "
            "or take tfidf_network out of training.families"
        ) from error


def _torch_version() -> str:
    from importlib.metadata import version

    return version("torch")
