"""Half of the layers of a fine-tuned network, taught by it: on its rows, and on as many made of pieces of them."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_assets.training.bert.fine_tune import (
    SCORED_AT_ONCE,
    Sample,
    device_name,
    has_bfloat16,
    vectors_and_answers,
)
from mlops_assets.training.bert.tokens import batches_of_like_length
from mlops_assets.training.budget import Budget

PIECE_MIN, PIECE_MAX = 1 / 3, 0.8  # of a text, in a made one
JOINED = 0.7  # share of the made texts that go on with a piece of another text
FASTER = 2  # times the learning rate: layers have to grow together first
HEAD_FASTER = 5  # times that, for the head, which the teacher had already learnt
ASKING = 0.3  # of the budget at most, for the teacher's answers


def layers_kept(n_layers: int) -> list[int]:
    """Every second layer, with the first and the last.

    Examples
    --------
    >>> layers_kept(6), layers_kept(12), layers_kept(2), layers_kept(1)
    ([0, 2, 5], [0, 2, 4, 7, 9, 11], [1], [0])
    """
    half = max(1, n_layers // 2)
    return [n_layers - 1] if half == 1 else [int(at) for at in np.round(np.linspace(0, n_layers - 1, half))]


def half_of(network: Any) -> Any | None:
    """A copy with half of the layers; None where the encoder does not keep its layers where a BERT does."""
    import torch

    half = deepcopy(network)
    layers = getattr(getattr(half.encoder, "encoder", None), "layer", None)
    if layers is None:
        return None
    kept = layers_kept(len(layers))
    half.encoder.encoder.layer = torch.nn.ModuleList([layers[at] for at in kept])
    half.encoder.config.num_hidden_layers = len(kept)
    half.head_faster = HEAD_FASTER
    return half


def lessons(network: Any, train: Sample, classify: bool, budget: Budget, random_state: int) -> Sample:
    """Rows for the half: those of the training, whose target is the mean of truth and teacher, and as many made ones.

    Parameters
    ----------
    network : torch module
        The teacher.
    train : Sample
        Its training rows.
    classify : bool
        Outputs are logits, and targets become probabilities, shape (n_samples, n_classes).
    budget : Budget
        Of the whole of the half's training. Rows that the teacher has not answered after ASKING of it are left out.

    Notes
    -----
    A made text has no truth: there the teacher is believed alone. It begins and ends with the tokens that the first of
    its texts begins and ends with, and keeps the numbers of that.
    """
    random, own = np.random.default_rng(random_state), len(train.tokens)
    tokens = train.tokens + _made(train.tokens, random)
    both = Sample(tokens, np.concatenate([train.numbers] * 2), np.concatenate([train.target] * 2))
    rows, said, vectors = _answered(network, both, classify, budget, random)
    taught = both.rows(rows)
    truth = np.eye(said.shape[1], dtype=np.float32)[taught.target] if classify else taught.target[:, None]
    target = np.where((rows < own)[:, None], (truth + said) / 2, said)
    return replace(taught, target=target if classify else target[:, 0], vectors=vectors)


def _made(tokens: list[list[int]], random: np.random.Generator) -> list[list[int]]:
    longest, found = max(len(each) for each in tokens), []
    for each in tokens:
        piece = _piece(each[1:-1], random)
        if random.random() < JOINED:
            piece = piece + _piece(tokens[random.integers(len(tokens))][1:-1], random)
        found.append([*each[:1], *piece[: max(0, longest - 2)], *each[-1:]])
    return found


def _piece(tokens: list[int], random: np.random.Generator) -> list[int]:
    """A third to four fifths of the tokens, one after the other; all of a single one."""
    length = len(tokens)
    size = int(random.integers(max(1, int(length * PIECE_MIN)), max(2, int(length * PIECE_MAX))))
    start = int(random.integers(max(1, length - size + 1)))
    return tokens[start : start + size]


def _answered(
    network: Any, sample: Sample, classify: bool, budget: Budget, random: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
    """Positions in rising order, and what the network says there: outputs or probabilities, and vectors."""
    import torch

    device = device_name()
    network.to(device).eval()
    parts = batches_of_like_length(sample.lengths, SCORED_AT_ONCE)
    answers = []
    with torch.no_grad(), torch.autocast(device, torch.bfloat16, enabled=has_bfloat16(device)):
        for part in random.permutation(len(parts)):
            said, vectors = vectors_and_answers(network, sample.rows(parts[part]), device)
            said = said.float().softmax(1) if classify else said.float()
            answers.append((parts[part], said.cpu().numpy(), vectors.float().cpu().numpy()))
            if budget.spent > ASKING * budget.seconds:
                break
    network.to("cpu")
    rows, outputs, of_rows = (np.concatenate(each) for each in zip(*answers, strict=True))
    order = np.argsort(rows)
    return rows[order], outputs[order], of_rows[order]
