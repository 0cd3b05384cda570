"""Fine-tuning: a learning rate that falls with steps or time, looks at held-out rows, an early stop, a budget."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mlops_assets.spec.bert import Bert
from mlops_assets.training.bert.tokens import batches_of_like_length, padded, shuffled_batches
from mlops_assets.training.budget import Budget

Loss = Literal["absolute", "squared", "cross_entropy"]

WARM_UP = 0.06  # of the way; Liu et al., RoBERTa (arXiv 1907.11692), table 10
WEIGHT_DECAY = 0.01  # as BERT was pretrained with (arXiv 1810.04805, A.2)
GRADIENT_MAX = 1.0  # the norm that a step's gradient is cut to, as in BERT's own code
LOOKS_AN_EPOCH = 2
SCORED_AT_ONCE = 64


@dataclass(frozen=True)
class Sample:
    """Tokens of each row, its scaled numbers of shape (n_samples, k), and its target as the loss takes it.

    `vectors`, of shape (n_samples, width), are those that a teacher has for the rows; None: there is no teacher.
    """

    tokens: list[list[int]]
    numbers: NDArray[np.float32]
    target: NDArray[Any]
    vectors: NDArray[np.float32] | None = None

    def rows(self, positions: NDArray[np.int64]) -> "Sample":
        """Some of the rows."""
        tokens = [self.tokens[at] for at in positions]
        vectors = None if self.vectors is None else self.vectors[positions]
        return Sample(tokens, self.numbers[positions], self.target[positions], vectors)

    @property
    def lengths(self) -> list[int]:
        """Tokens of each row."""
        return [len(each) for each in self.tokens]


@dataclass(frozen=True)
class Look:
    """One look at the rows held out inside: where training stood, and both losses (mean a row)."""

    step: int
    epoch: float
    seconds: float
    train_loss: float
    held_out_loss: float


@dataclass(frozen=True)
class Tuned:
    """How it went; `stopped` says in words what ended it. The network itself holds the best state."""

    curve: tuple[Look, ...]
    best: Look
    stopped: str
    seconds: float
    device: str


def fine_tune(
    network: Any,
    train: Sample,
    held_out: Sample,
    loss: Loss,
    settings: Bert,
    budget: Budget,
    progress: Callable[[str], None],
    random_state: int,
) -> Tuned:
    """Train in place; what stays is the state with the smallest loss on `held_out`.

    Notes
    -----
    The learning rate rises over the first steps and then falls in a line to 0, by the share of steps done or of the
    budget spent, whichever is larger: a fit that the budget will end has come to rest by then.
    """

    device = device_name()
    looks: list[Look] = []
    losses: list[float] = []
    best_state: dict[str, Any] = {}
    stopped = ""
    with _seed_and_threads(random_state, settings.threads):
        stepper = _Stepper(network.to(device), device, loss, settings, budget, len(train.tokens))
        for rows in shuffled_batches(train.lengths, settings.batch, random_state):
            losses.append(stepper.step(train.rows(rows)))
            stopped = stepper.why_over()
            if not stopped and stepper.steps % stepper.look_every:
                continue
            looks.append(stepper.look(float(np.mean(losses)), held_out))
            losses.clear()
            best = min(looks, key=lambda look: look.held_out_loss)
            if looks[-1] is best:
                best_state = {name: value.detach().clone() for name, value in network.state_dict().items()}
            progress(_told(looks[-1], stepper, settings))
            stopped = stopped or stepper.why_over() or _why_enough(looks, best, settings.patience)
            if stopped:
                break
        network.load_state_dict(best_state)
    network.to("cpu").eval()
    return Tuned(tuple(looks), best, stopped, budget.spent, device)


def device_name() -> str:
    """Where networks compute in training."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def outputs(network: Any, sample: Sample, device: str = "cpu") -> NDArray[np.float32]:
    """What the network says, shape (n_samples, outputs), without a gradient."""
    import torch

    network.eval()
    found: dict[int, Any] = {}
    with torch.no_grad():
        for rows in batches_of_like_length(sample.lengths, SCORED_AT_ONCE):
            said = _forward(network, sample.rows(rows), device).cpu().numpy()
            found |= zip(rows.tolist(), said, strict=True)
    return np.stack([found[row] for row in range(len(found))])


class _Stepper:
    """The optimiser, and where it stands."""

    def __init__(self, network: Any, device: str, loss: Loss, settings: Bert, budget: Budget, n_rows: int) -> None:
        import torch

        self.network, self.device, self.loss, self.budget = network, device, loss, budget
        self.steps, self.look_s = 0, 0.0
        self.an_epoch = -(-n_rows // settings.batch)
        self.steps_max = max(1, round(self.an_epoch * settings.epochs_max))
        self.look_every = max(1, -(-self.an_epoch // LOOKS_AN_EPOCH))
        self.halved = has_bfloat16(device)
        self.trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
        self.optimiser = torch.optim.AdamW(_groups(network, settings.learning_rate), fused=True)
        self.rates = [group["lr"] for group in self.optimiser.param_groups]

    def step(self, batch: Sample) -> float:
        """The batch's loss before the step."""
        import torch

        self.network.train()
        share = rate_share(self.way)
        for group, rate in zip(self.optimiser.param_groups, self.rates, strict=True):
            group["lr"] = rate * share
        with torch.autocast(self.device, torch.bfloat16, enabled=self.halved):
            said, vectors = vectors_and_answers(self.network, batch, self.device)
        found = _loss(said.float(), batch, self.loss, self.device)
        if batch.vectors is not None:
            found = found + _gap(vectors.float(), torch.from_numpy(batch.vectors).to(self.device))
        self.optimiser.zero_grad(set_to_none=True)
        found.backward()
        torch.nn.utils.clip_grad_norm_(self.trained, GRADIENT_MAX)
        self.optimiser.step()
        self.steps += 1
        return float(found.detach())

    def look(self, train_loss: float, held_out: Sample) -> Look:
        """Losses now."""
        import torch

        begun = self.budget.spent
        said = torch.from_numpy(outputs(self.network, held_out, self.device))
        loss = float(_loss(said, held_out, self.loss, "cpu"))
        self.look_s = self.budget.spent - begun
        return Look(self.steps, round(self.steps / self.an_epoch, 3), round(begun, 1), train_loss, loss)

    @property
    def way(self) -> float:
        """How much of the way is done, 0 to 1."""
        by_time = self.budget.spent / max(self.budget.seconds, 1e-9)
        return min(1.0, max(self.steps / self.steps_max, by_time))

    def why_over(self) -> str:
        """Why this step was the last, or the empty string; time for one more look is kept back."""
        if self.steps >= self.steps_max:
            return f"all {self.steps_max} steps done"
        if self.budget.left <= self.look_s:
            return f"the budget of {self.budget.seconds:g} s ended it in epoch {self.steps / self.an_epoch:.2f}"
        return ""


def rate_share(way: float) -> float:
    """Share of the learning rate after a share `way` of the way: up to 1 at WARM_UP, down to 0 at the end.

    Examples
    --------
    >>> [round(rate_share(way), 2) for way in (0.03, 0.06, 0.53, 1.0)]
    [0.5, 1.0, 0.5, 0.0]
    """
    return way / WARM_UP if way < WARM_UP else (1 - way) / (1 - WARM_UP)


def has_bfloat16(device: str) -> bool:
    """Whether this processor multiplies bfloat16 itself; one that must imitate it is slower than with floats.

    Steps take half the time then. Weights, their gradients and every look stay in floats.
    """
    import torch

    capabilities: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()  # which older versions lack
    return device == "cpu" and any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16"))


def _forward(network: Any, sample: Sample, device: str) -> Any:
    import torch

    ids, mask = padded(sample.tokens)
    return network(*(torch.from_numpy(each).to(device) for each in (ids, mask, sample.numbers)))


def vectors_and_answers(network: Any, sample: Sample, device: str) -> tuple[Any, Any]:
    """What the network says, and the vectors from which it says it, as tensors."""
    import torch

    ids, mask, beside = (torch.from_numpy(each).to(device) for each in (*padded(sample.tokens), sample.numbers))
    vectors = network.vectors(ids, mask)
    return network.answers(vectors, beside), vectors


def _gap(vectors: Any, of_teacher: Any) -> Any:
    """Mean squared difference, in shares of the mean square of the teacher's."""
    return ((vectors - of_teacher) ** 2).mean() / (of_teacher**2).mean()


def _loss(said: Any, sample: Sample, loss: Loss, device: str) -> Any:
    import torch

    target = torch.from_numpy(sample.target).to(device)
    if loss == "cross_entropy":
        return torch.nn.functional.cross_entropy(said, target)
    gap = said.squeeze(1) - target
    return gap.abs().mean() if loss == "absolute" else (gap**2).mean()


def _groups(network: Any, rate: float) -> list[dict[str, Any]]:
    """What is trained, by learning rate and decay: none on biases and norms, and the head learns faster."""
    groups: dict[tuple[float, float], list[Any]] = {}
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
        decay = WEIGHT_DECAY if parameter.ndim > 1 else 0.0
        groups.setdefault((rate * (network.head_faster if name.startswith("head.") else 1), decay), []).append(
            parameter
        )
    return [{"params": some, "lr": of, "weight_decay": decay} for (of, decay), some in groups.items()]


def _why_enough(looks: list[Look], best: Look, patience: int) -> str:
    since = len(looks) - 1 - looks.index(best)
    return f"no better in {since} looks" if since >= patience else ""


def _told(look: Look, stepper: _Stepper, settings: Bert) -> str:
    return (
        f"{Path(settings.model).name}: epoch {look.epoch:.2f} of {settings.epochs_max:g}, loss {look.train_loss:.4f}, "
        f"on rows held out {look.held_out_loss:.4f} ({look.seconds:.0f} of {stepper.budget.seconds:.0f} s)"
    )


@contextmanager
def _seed_and_threads(random_state: int, threads: int) -> Iterator[None]:
    """PyTorch with this seed and so many threads (0: as it is), and afterwards as it was."""
    import torch

    before = torch.get_num_threads()
    with torch.random.fork_rng():
        torch.manual_seed(random_state)
        torch.set_num_threads(threads or before)
        try:
            yield
        finally:
            torch.set_num_threads(before)
