"""How wrong a model is on short and on long texts."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_assets.report.figure import in_own_style, new_figure, to_png
from mlops_assets.report.training import BINS, BLUE, GREY, ORANGE


@in_own_style
def errors_by_length_png(lengths: NDArray[Any], predictions: NDArray[Any], y: NDArray[Any]) -> bytes:
    """Residuals of a regression over the text's length, or the share of wrong labels of a classification.

    The line is the mean over bins of equally many texts, with its standard error.

    Parameters
    ----------
    lengths : ndarray of shape (n_samples,)
        Characters of each text.
    predictions, y : ndarray of shape (n_samples,)
        Labels or numbers.
    """
    is_number = np.asarray(predictions).dtype.kind == "f"
    errors = np.asarray(predictions - y if is_number else predictions != y, dtype=np.float64)
    middles, means, spreads = error_by_length(lengths, np.abs(errors))
    figure, axes = new_figure(6, 3.8)
    if is_number:
        axes.scatter(lengths, errors, s=4, color=GREY, label="predicted - true")
        axes.axhline(0, color=GREY, linewidth=0.8)
    label = "mean absolute error" if is_number else "share of wrong labels"
    axes.errorbar(middles, means, yerr=spreads, color=BLUE, ecolor=ORANGE, marker="o", markersize=4, label=label)
    axes.set(xlabel="characters of the text", ylabel="error")
    axes.legend(frameon=False)
    return to_png(figure)


def error_by_length(
    lengths: NDArray[Any], errors: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Mean length, mean error and its standard error, in at most ten bins of equally many texts, shortest first.

    Examples
    --------
    >>> lengths, errors = np.array([9, 1, 3, 7] * 5), np.array([2.0, 0.0, 0.0, 2.0] * 5)
    >>> [round(float(mean), 1) for mean in error_by_length(lengths, errors)[1]][::3]
    [0.0, 0.0, 2.0, 2.0]
    """
    bins = np.array_split(np.argsort(lengths, kind="stable"), min(BINS, len(lengths)))
    return (
        np.array([float(np.mean(lengths[rows])) for rows in bins]),
        np.array([float(np.mean(errors[rows])) for rows in bins]),
        np.array([float(np.std(errors[rows])) / np.sqrt(len(rows)) for rows in bins]),
    )
