"""The champion's loss on each window as a picture."""

from collections.abc import Sequence

from mlops_assets.loss.sketch import LossSketch
from mlops_assets.report.figure import in_own_style, new_figure, to_png

BLUE, GREY, RED = "#2a6f97", "#777777", "#b8321b"
WINDOWS_SHOWN = 40
ERRORS = 2  # standard errors, of one window alone


@in_own_style
def window_loss_png(
    windows: Sequence[str], losses: Sequence[LossSketch], at_training: float, limit_ratio: float
) -> bytes:
    """Mean loss of the last windows with two standard errors of each, the loss at training and the limit above it.

    Parameters
    ----------
    windows, losses : of the same length, at least one, in the order in which they were scored
    at_training : mean loss on rows that the champion was not fitted on
    limit_ratio : times that, from which on a loss counts
    """
    names, shown = windows[-WINDOWS_SHOWN:], losses[-WINDOWS_SHOWN:]
    figure, axes = new_figure(8.5, 3.6)
    places = range(len(shown))
    errors = [ERRORS * one.std / one.n**0.5 for one in shown]
    axes.errorbar(places, [one.mean for one in shown], yerr=errors, color=BLUE, marker="o", capsize=3, label="window")
    axes.axhline(at_training, color=GREY, label="at training")
    axes.axhline(at_training * limit_ratio, color=RED, linestyle=":", label="counts from here")
    axes.set(xlabel="window", ylabel="champion's mean loss", ylim=(0, None))
    axes.set_xticks(places, names, fontsize=8, rotation=30, ha="right")
    axes.legend(frameon=False, fontsize=9, ncols=3, loc="lower left", bbox_to_anchor=(0, 1))
    return to_png(figure)
