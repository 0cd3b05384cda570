"""A candidate: one unfitted pipeline with a name, and what is known about the problem when it is built."""

import math
from dataclasses import dataclass, field
from typing import Any, Literal

from mlops_assets.spec import Bert, Task

CLASSES_ALIKE = ("f1_macro", "balanced_accuracy")  # metrics that are a mean over classes, whatever their size


@dataclass(frozen=True)
class Problem:
    """What a model family needs to know before it sees a row.

    Attributes
    ----------
    task, metric
        As in the spec.
    n_rows : int
        Rows to train on.
    numeric, category, text : tuple[str, ...]
        Names of the features of each kind; preprocessing hands them on in this order.
    ascii_text : bool
        True when words of the text columns consist of ASCII letters, digits and _ only.
    random_state : int
    order : {'random', 'time'}
        'time': rows come in time order, and no row may be judged by later ones.
    fit_s : float
        Seconds that one fit may take, for models that can end theirs.
    bert : Bert
        How text models are fine-tuned.
    """

    task: Task
    metric: str
    n_rows: int
    numeric: tuple[str, ...]
    category: tuple[str, ...]
    text: tuple[str, ...]
    ascii_text: bool
    random_state: int
    order: Literal["random", "time"] = "random"
    fit_s: float = math.inf
    bert: Bert = field(default_factory=Bert)

    @property
    def class_weight(self) -> Literal["balanced"] | None:
        """How models that can weigh classes do it: all alike, where the metric counts each class the same.

        'balanced' weighs a row by n_samples / (n_classes * rows of its class), as scikit-learn means it; a model of
        unweighted rows gives small classes away for large ones, which a macro average does not forgive.
        """
        return "balanced" if self.metric in CLASSES_ALIKE else None

    @property
    def category_positions(self) -> list[int]:
        """Where category codes stand among the columns that preprocessing hands on."""
        return list(range(len(self.numeric), len(self.numeric) + len(self.category)))


@dataclass(frozen=True)
class Candidate:
    """One unfitted pipeline on its way to the leaderboard.

    Attributes
    ----------
    expected_s : float
        Seconds that its comparison is likely to take, as far as its relatives tell; 0 = unknown.
    params : dict
        What tuning set.
    costly : bool
        As its family says: one fit takes minutes.
    """

    name: str
    family: str
    preprocessing: str
    pipeline: Any
    rank: int
    expected_s: float = 0.0
    params: dict[str, Any] = field(default_factory=dict)
    costly: bool = False
