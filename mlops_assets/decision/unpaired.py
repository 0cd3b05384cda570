"""The difference between two models where each label judges only the one that answered."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlops_assets.decision.verdict import Differences, clip_losses
from mlops_assets.spec import Decision


def unpaired_differences(
    losses: ArrayLike, challenger: ArrayLike, split_b: ArrayLike, decision: Decision
) -> Differences:
    """For each label a number whose mean, over the draw of the arm, is champion loss minus challenger loss.

    Parameters
    ----------
    losses : shape (n_labels,), at least 0, in the order of the answers; clipped at `decision.loss_max`
    challenger : shape (n_labels,), True where the challenger answered
    split_b : chance with which the challenger was to answer, strictly between 0 and 1; one number or shape (n_labels,)

    Notes
    -----
    x = (loss - c) (1[A] / (1 - split) - 1[B] / split), with c the mean of the losses before it: Horvitz & Thompson's
    weights (Journal of the American Statistical Association 47, 1952) around a centre known in advance, as in
    Waudby-Smith, Wu, Ramdas, Karampatziakis & Mineiro, Anytime-valid off-policy inference for contextual bandits, 2022.
    Its mean is right whatever the split was at that moment, so that phases of other splits, and hours of other traffic,
    are each compared with themselves. c only makes it vary less.

    Raises
    ------
    ValueError
        If a loss is missing or negative, the lengths differ, or a split is 0 or 1.

    Examples
    --------
    At an even split the first centre is half of loss_max: an error of A counts (1 - 1/2) / (1/2) for B, one of B then
    (1 - 3/4) / (1/2) against it.

    >>> unpaired_differences([1, 1], [False, True], 0.5, Decision(loss="zero_one")).values
    array([ 1. , -0.5])
    """
    clipped, of_b = clip_losses(losses, decision), np.asarray(challenger, dtype=bool)
    if len(clipped) != len(of_b):
        raise ValueError(f"{len(clipped)} losses beside {len(of_b)} arms; one arm a loss is due")
    share = np.broadcast_to(np.asarray(split_b, dtype=np.float64), clipped.shape)
    if not ((share > 0) & (share < 1)).all():
        raise ValueError("a split of 0 or 1 compares nothing: both arms must have been able to answer")
    centre = _means_before(clipped, decision.loss_max / 2)
    of_a_weighs, of_b_weighs = 1.0 / (1.0 - share), -1.0 / share
    least, most = 0.0 - centre, decision.loss_max - centre
    return Differences(
        values=(clipped - centre) * np.where(of_b, of_b_weighs, of_a_weighs),
        low=np.minimum(least * of_a_weighs, most * of_b_weighs),
        high=np.maximum(most * of_a_weighs, least * of_b_weighs),
    )


def _means_before(values: NDArray[np.float64], first: float) -> NDArray[np.float64]:
    """Mean of `first` and the values before each."""
    sums = np.concatenate([[first], first + np.cumsum(values)[:-1]]) if len(values) else np.empty(0)
    means: NDArray[np.float64] = sums / np.arange(1, len(values) + 1)
    return means
