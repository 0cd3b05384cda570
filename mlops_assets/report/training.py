"""Pictures and a table of one training: which candidate won, how good it is, and what it listens to."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_assets.report.figure import in_own_style, new_figure, to_png
from mlops_assets.spec.tables import METRICS
from mlops_assets.training.board import Leaderboard, Row
from mlops_assets.training.explain import Importance

SHOWN = 15  # bars of one picture
CLASSES_MAX = 12  # curves or ticks that a reader can still tell apart
BINS = 10
BLUE, ORANGE, GREY = "#2b6cb0", "#dd6b20", "#a0aec0"


@in_own_style
def leaderboard_png(board: Leaderboard, winner: str) -> bytes:
    """Mean of the metric over the folds with its standard deviation, best on top; the winner in colour."""
    rows = board.ok[:SHOWN][::-1]
    figure, axes = new_figure(7.5, 0.9 + 0.32 * len(rows))
    means, stds = [row.mean(board.metric) for row in rows], [row.std(board.metric) for row in rows]
    colours = [BLUE if row.candidate == winner else GREY for row in rows]
    axes.barh([_short(row.candidate) for row in rows], means, xerr=stds, color=colours, ecolor="#4a5568", height=0.7)
    direction = "larger is better" if METRICS[board.metric][1] else "smaller is better"
    axes.set_xlabel(f"{board.metric} over the folds ({direction})")
    return to_png(figure)


@in_own_style
def importance_png(importance: Importance) -> bytes:
    """How much the model listens to each column, the most important on top."""
    names = importance.names[:SHOWN][::-1]
    figure, axes = new_figure(7, 0.9 + 0.3 * len(names))
    spread = importance.std[:SHOWN][::-1] if "SHAP" not in importance.unit else None
    axes.barh([_short(name) for name in names], importance.mean[:SHOWN][::-1], xerr=spread, color=BLUE, height=0.7)
    axes.set_xlabel(f"{importance.unit} on {importance.rows} rows")
    return to_png(figure)


@in_own_style
def fit_pngs(
    predictions: NDArray[Any],
    y: NDArray[Any],
    probabilities: NDArray[np.float64] | None = None,
    classes: NDArray[Any] | None = None,
) -> dict[str, bytes]:
    """Name -> picture of the answers to held-out rows: those that fit the task.

    Parameters
    ----------
    predictions, y : ndarray of shape (n_samples,)
        Labels or numbers.
    probabilities, classes
        Of a classification; None for a regression.
    """
    if probabilities is None or classes is None:
        return {"predicted_vs_true": _predicted_vs_true(predictions, y), "residuals": _residuals(predictions, y)}
    return {
        "confusion": _confusion(predictions, y, classes),
        "calibration": _calibration(predictions, y, probabilities),
        "roc": _roc(y, probabilities, classes),
    }


@in_own_style
def fit_curve_png(curve: list[dict[str, Any]]) -> bytes:
    """Loss of a fine-tuning over its epochs, on rows it trains on and on rows held out inside.

    Parameters
    ----------
    curve : list of dict
        With `epoch`, `train_loss` and `held_out_loss`.
    """
    figure, axes = new_figure(6, 3.6)
    epochs = [look["epoch"] for look in curve]
    for name, colour, label in (("train_loss", GREY, "training rows"), ("held_out_loss", BLUE, "rows held out inside")):
        axes.plot(epochs, [look[name] for look in curve], marker="o", markersize=4, color=colour, label=label)
    best = min(curve, key=lambda look: float(look["held_out_loss"]))
    axes.axvline(best["epoch"], color=ORANGE, linestyle="--", linewidth=1, label="kept")
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss")
    axes.set_ylim(bottom=0)
    axes.legend(fontsize=8)
    return to_png(figure)


def leaderboard_markdown(board: Leaderboard) -> str:
    """The whole board as a table; what failed or was skipped shows its reason, what was scored otherwise its note."""
    metrics = [name for name, (task, _) in METRICS.items() if task == METRICS[board.metric][0]]
    ordered = [board.metric, *(name for name in metrics if name != board.metric)]
    lines = [
        f"| candidate | {' | '.join(ordered)} | ms a request | seconds | |",
        f"|---|{'---:|' * len(ordered)}---:|---:|---|",
        *(
            f"| {row.candidate} | {_cells(row, ordered)} | {_milliseconds(row)} | {row.seconds:.1f} | {_remark(row)} |"
            for row in board.rows
        ),
    ]
    return "\n".join(lines) + "\n"


def _cells(row: Row, metrics: list[str]) -> str:
    return " | ".join(_cell(row, name) for name in metrics)


def _cell(row: Row, metric: str) -> str:
    if not np.isfinite(row.mean(metric)):
        return ""
    spread = f" ± {row.std(metric):.4f}" if len(row.scores[metric]) > 1 else ""
    return f"{row.mean(metric):.4f}{spread}"


def _milliseconds(row: Row) -> str:
    return f"{row.request_ms:.2f}" if np.isfinite(row.request_ms) else ""


def _remark(row: Row) -> str:
    reason = row.reason.replace("|", "\\|")
    return f"{row.status}: {reason}" if row.status != "ok" else reason


def _confusion(predictions: NDArray[Any], y: NDArray[Any], classes: NDArray[Any]) -> bytes:
    shown = np.unique(np.concatenate([classes, y]))
    counts = np.zeros((len(shown), len(shown)), dtype=int)
    np.add.at(counts, (np.searchsorted(shown, y), np.searchsorted(shown, predictions)), 1)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = 2.2 + 0.55 * min(len(shown), 3 * CLASSES_MAX)
    figure, axes = new_figure(side + 0.6, side)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    if len(shown) <= CLASSES_MAX:
        for row, column in np.ndindex(*counts.shape):
            colour = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, str(counts[row, column]), ha="center", va="center", color=colour, fontsize=8)
    axes.set_xticks(range(len(shown)), [str(each) for each in shown], rotation=45 if len(str(shown[0])) > 3 else 0)
    axes.set_yticks(range(len(shown)), [str(each) for each in shown])
    axes.set_xlabel("predicted")
    axes.set_ylabel("true (rows add up to 1)")
    return to_png(figure)


def _calibration(predictions: NDArray[Any], y: NDArray[Any], probabilities: NDArray[np.float64]) -> bytes:
    """Confidence in the answer against how often it is right, in bins of equal size."""
    confidence, right = probabilities.max(axis=1), predictions == y
    bins = np.array_split(np.argsort(confidence, kind="stable"), min(BINS, len(y)))
    figure, axes = new_figure(5, 4.6)
    axes.plot([0, 1], [0, 1], color=GREY, linestyle="--", label="perfect")
    stated, found = [confidence[rows].mean() for rows in bins], [right[rows].mean() for rows in bins]
    axes.plot(stated, found, color=BLUE, marker="o", label="model")
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="stated confidence", ylabel="share that is right")
    axes.legend(frameon=False)
    return to_png(figure)


def _roc(y: NDArray[Any], probabilities: NDArray[np.float64], classes: NDArray[Any]) -> bytes:
    """One curve a class against the rest; two classes have one curve."""
    from sklearn.metrics import auc, roc_curve

    figure, axes = new_figure(5, 4.6)
    axes.plot([0, 1], [0, 1], color=GREY, linestyle="--")
    counts = {label: int((y == label).sum()) for label in classes.tolist()}
    drawn = [label for label in classes.tolist() if 0 < counts[label] < len(y)]
    drawn = drawn[-1:] if len(classes) == 2 else sorted(drawn, key=lambda label: -counts[label])[:CLASSES_MAX]
    for label in drawn:
        false, true, _ = roc_curve(y == label, probabilities[:, classes.tolist().index(label)])
        axes.plot(false, true, linewidth=1.4, label=f"{label}: {auc(false, true):.3f} ({counts[label]})")
    axes.set(xlabel="false alarms", ylabel="hits")
    axes.legend(frameon=False, fontsize=8, title="class: area (rows)", title_fontsize=8, loc="lower right")
    return to_png(figure)


def _predicted_vs_true(predictions: NDArray[Any], y: NDArray[Any]) -> bytes:
    figure, axes = new_figure(5.4, 4.6)
    drawn = axes.hexbin(y, predictions, gridsize=40, mincnt=1, bins="log", cmap="Blues")
    low, high = float(min(y.min(), predictions.min())), float(max(y.max(), predictions.max()))
    axes.plot([low, high], [low, high], color=ORANGE, linewidth=1)
    axes.set(xlabel="true", ylabel="predicted")
    figure.colorbar(drawn, ax=axes, label="rows")
    return to_png(figure)


def _residuals(predictions: NDArray[Any], y: NDArray[Any]) -> bytes:
    errors = predictions - y
    figure, axes = new_figure(5.6, 3.6)
    low, high = np.quantile(errors, [0.005, 0.995])
    axes.hist(np.clip(errors, low, high), bins=50, color=BLUE)
    axes.axvline(float(np.median(errors)), color=ORANGE, label=f"median {np.median(errors):+.3g}")
    axes.set(xlabel="predicted - true (outermost 1 % at the edges)", ylabel="rows")
    axes.legend(frameon=False)
    return to_png(figure)


def _short(name: str) -> str:
    return name if len(name) <= 42 else f"{name[:41]}…"
