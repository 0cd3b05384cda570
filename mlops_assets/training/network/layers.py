"""Two layers fitted by PyTorch on sparse rows, given back as plain arrays."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mlops_assets.training.budget import Budget

Loss = Literal["absolute", "squared", "cross_entropy"]
Layer = tuple[NDArray[np.float32], NDArray[np.float32]]  # weights of shape (n_in, n_out), and biases

# Chosen with the rate by macro-F1 on folds of one half of 113 real scans: 0.71 to 0.76 from epoch 10 on.
HIDDEN = 64
DROPOUT = 0.3  # of the hidden units
RATE = 0.01
WEIGHT_DECAY = 0.01  # PyTorch's own for AdamW (Loshchilov, Hutter: Decoupled Weight Decay Regularization, ICLR 2019)
BATCH = 16
EPOCHS_MAX = 60
PATIENCE = 8  # epochs without a smaller loss on held-out rows that end a fit
TOLD_EVERY = 10  # epochs
SCORED_AT_ONCE = 256


@dataclass(frozen=True)
class Rows:
    """What is learned from: X of shape (n_samples, n_columns), sparse or dense, and its target as the loss takes it."""

    X: Any
    target: NDArray[Any]

    def part(self, positions: NDArray[np.int64]) -> "Rows":
        """Some of the rows."""
        return Rows(self.X[positions], self.target[positions])


@dataclass(frozen=True)
class Fit:
    """The course of the losses, and what ended it."""

    curve: tuple[dict[str, float], ...]
    stopped: str

    @property
    def best_epoch(self) -> int:
        """The epoch with the smallest loss on held-out rows."""
        return int(min(self.curve, key=lambda look: look["held_out_loss"])["epoch"])


class Learner:
    """Two layers with a rectifier between them, from a seed; the same rows and seed give the same weights.

    Parameters
    ----------
    n_outputs : int
        1 for a regression, otherwise one a class.
    weights : ndarray of shape (n_outputs,) or None
        Of the classes; None counts each row once.
    """

    def __init__(self, n_outputs: int, loss: Loss, weights: NDArray[np.float32] | None, random_state: int) -> None:
        self.n_outputs = n_outputs
        self.loss = loss
        self.weights = weights
        self.random_state = random_state

    def look(self, train: Rows, held_out: Rows, budget: Budget, progress: Callable[[str], None]) -> Fit:
        """How it goes until the loss on `held_out` falls no more, EPOCHS_MAX epochs are done or the budget is spent."""
        looks: list[dict[str, float]] = []
        with _seeded(self.random_state):
            for epoch, network, train_loss in self._epochs(train):
                held_out_loss = self._mean_loss(network, held_out)
                looks.append({"epoch": epoch, "train_loss": train_loss, "held_out_loss": held_out_loss})
                if epoch % TOLD_EVERY == 0:
                    progress(f"network: epoch {epoch}, loss {train_loss:.4f}, on rows held out {held_out_loss:.4f}")
                if stopped := _why_over(looks, budget):
                    break
        return Fit(tuple(looks), stopped)

    def fit_for(self, rows: Rows, epochs: int) -> tuple[Layer, Layer]:
        """The layers after so many epochs on these rows."""
        with _seeded(self.random_state):
            *_, (_, network, _) = islice(self._epochs(rows), epochs)
        return _arrays(network)

    def _epochs(self, rows: Rows) -> Iterator[tuple[int, Any, float]]:
        """Number, network and mean loss of one epoch after another, EPOCHS_MAX of them."""
        import torch

        network = self._network(rows.X.shape[1])
        optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=WEIGHT_DECAY)
        for epoch in range(1, EPOCHS_MAX + 1):
            network.train()
            losses = []
            for chosen in torch.randperm(len(rows.target)).split(BATCH):
                optimiser.zero_grad()
                loss = self._loss(network, rows.part(chosen.numpy()))
                loss.backward()
                optimiser.step()
                losses.append(loss.item())
            yield epoch, network.eval(), float(np.mean(losses))

    def _network(self, n_columns: int) -> Any:
        from torch.nn import Dropout, Linear, ReLU, Sequential

        return Sequential(Linear(n_columns, HIDDEN), ReLU(), Dropout(DROPOUT), Linear(HIDDEN, self.n_outputs))

    def _loss(self, network: Any, rows: Rows) -> Any:
        import torch

        said, target = network(_tensor(rows.X)), torch.from_numpy(rows.target)
        if self.loss == "cross_entropy":
            weights = None if self.weights is None else torch.from_numpy(self.weights)
            return torch.nn.functional.cross_entropy(said, target, weight=weights)
        gap = said.squeeze(1) - target
        return gap.abs().mean() if self.loss == "absolute" else (gap**2).mean()

    def _mean_loss(self, network: Any, rows: Rows) -> float:
        import torch

        blocks = np.split(np.arange(len(rows.target)), range(SCORED_AT_ONCE, len(rows.target), SCORED_AT_ONCE))
        with torch.no_grad():
            losses = [self._loss(network, rows.part(block)).item() for block in blocks]
        return float(np.average(losses, weights=[len(block) for block in blocks]))


def _why_over(looks: list[dict[str, float]], budget: Budget) -> str:
    """What ends a fit after these looks, or the empty string."""
    epoch, best = looks[-1]["epoch"], min(looks, key=lambda look: look["held_out_loss"])["epoch"]
    if epoch - best >= PATIENCE:
        return f"no better in {PATIENCE} epochs"
    if budget.left <= 0:
        return f"the budget of {budget.seconds:.3g} s ended it in epoch {epoch}"
    return f"all {EPOCHS_MAX} epochs done" if epoch == EPOCHS_MAX else ""


def _tensor(X: Any) -> Any:
    import torch

    dense = X.toarray() if hasattr(X, "toarray") else X
    return torch.from_numpy(np.ascontiguousarray(dense, dtype=np.float32))


def _arrays(network: Any) -> tuple[Layer, Layer]:
    first, second = (
        (layer.weight.detach().numpy().T.copy(), layer.bias.detach().numpy().copy())
        for layer in (network[0], network[3])
    )
    return first, second


@contextmanager
def _seeded(random_state: int) -> Iterator[None]:
    """PyTorch with this seed and one thread, and afterwards as it was."""
    import torch

    before = torch.get_num_threads()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(random_state)
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(before)
