"""Pictures of a race: how far each policy's error is above the best one's, and what the used models listened to."""

from collections.abc import Sequence

import numpy as np

from mlops_assets.report.figure import in_own_style, new_figure, to_png
from mlops_assets.training.race.explained import Explained
from mlops_assets.training.race.turn import Turn

COLOURS = {"keep": "#a0aec0", "continue": "#2f855a", "refit_recent": "#dd6b20", "refit_all": "#2b6cb0"}
USED = "#1a202c"
LINES = 8  # columns that a reader can tell apart
TICKS = 8


@in_own_style
def race_png(turns: Sequence[Turn]) -> bytes:
    """Mean loss of each policy over all rows up to each window, and of the used one as a dashed line.

    Parameters
    ----------
    turns : sequence of Turn
        With at least one that was answered.
    """
    shown = [turn for turn in turns if turn.chosen]
    rows = np.array([turn.rows for turn in shown], dtype=np.float64)
    figure, axes = new_figure(8.5, 3.9)
    for name in shown[0].loss:
        axes.plot(_running([turn.loss[name] for turn in shown], rows), color=COLOURS.get(name), label=name)
    used = _running([turn.loss[turn.chosen] for turn in shown], rows)
    axes.plot(used, color=USED, linestyle="--", label="used")
    axes.set(xlabel="window", ylabel="mean loss so far")
    _name_windows(axes, [turn.window for turn in shown])
    axes.legend(frameon=False, fontsize=9, ncols=len(COLOURS) + 1, loc="lower left", bbox_to_anchor=(0, 1))
    return to_png(figure)


@in_own_style
def explanations_png(explained: Sequence[Explained]) -> bytes:
    """Share of each column in what moved the answers, window by window.

    Parameters
    ----------
    explained : sequence of Explained
        With at least one that has shares.
    """
    shown = [each for each in explained if each.shares]
    mean = {name: np.mean([each.shares.get(name, 0.0) for each in shown]) for name in shown[-1].shares}
    figure, axes = new_figure(8.5, 3.9)
    for name in sorted(mean, key=lambda name: -mean[name])[:LINES]:
        axes.plot([each.shares.get(name, 0.0) for each in shown], marker=".", label=name)
    axes.set(xlabel="window", ylabel="share of all mean |SHAP|", ylim=(0, None))
    _name_windows(axes, [each.window for each in shown])
    axes.legend(frameon=False, fontsize=9, loc="center left", bbox_to_anchor=(1, 0.5))
    return to_png(figure)


def _running(losses: list[float], rows: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> list[float]:
    """Mean over all rows up to each window.

    Examples
    --------
    >>> _running([1.0, 4.0], np.array([2.0, 1.0]))
    [1.0, 2.0]
    """
    means: list[float] = (np.cumsum(np.array(losses) * rows) / np.cumsum(rows)).tolist()
    return means


def _name_windows(axes: object, names: list[str]) -> None:
    step = -(-len(names) // TICKS)
    places = range(0, len(names), step)
    axes.set_xticks(places, [names[at] for at in places], fontsize=8, rotation=20 if len(names[0]) > 10 else 0)  # type: ignore[attr-defined]
