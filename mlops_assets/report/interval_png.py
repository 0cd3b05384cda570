"""The interval of an experiment's difference as a picture, for Dagster's pages and for slides."""

import numpy as np
from numpy.typing import NDArray

from mlops_assets.decision.confidence import interval_path
from mlops_assets.report.figure import in_own_style, new_figure, to_png
from mlops_assets.spec import Decision

BLUE, GREY = "#2a6f97", "#777777"


@in_own_style
def interval_png(differences: NDArray[np.float64], decision: Decision, title: str) -> bytes:
    """The anytime-valid interval after each label.

    Parameters
    ----------
    differences : ndarray of shape (n_labels,)
        Champion loss minus challenger loss, in the order of the labels; positive = the challenger is better.
    """
    path = interval_path(differences, -decision.loss_max, decision.loss_max, decision.alpha)
    labels = np.arange(1, len(differences) + 1)
    figure, axes = new_figure(8, 4, title)
    axes.fill_between(labels, path.low, path.high, color=BLUE, alpha=0.2, label="anytime-valid interval", step="post")
    axes.plot(labels, path.estimate, color=BLUE, label="estimate")
    axes.axhline(0, color=GREY, linewidth=1)
    if decision.margin > 0:
        for edge in (-decision.margin, decision.margin):
            axes.axhline(edge, color=GREY, linewidth=1, linestyle=":")
    span = max(np.ptp(path.estimate[len(labels) // 10 :]), float(path.high[-1] - path.low[-1])) * 1.5
    axes.set_ylim(min(-span / 10, path.estimate[-1] - span), max(span / 10, path.estimate[-1] + span))
    axes.set_xlabel("labels")
    axes.set_ylabel(f"gain in mean {decision.loss} loss\n(positive: the challenger is better)")
    axes.legend(loc="lower right", frameon=False)
    return to_png(figure)
