"""The files of a fine-tuned text model or of a cascade: all there is of it, so they must say what it says."""

from pathlib import Path
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from mlops_assets.bundle.answers import difference
from mlops_assets.bundle.cascade_answer import CascadeAnswer
from mlops_assets.bundle.errors import BundleError
from mlops_assets.bundle.forget import forget_rows
from mlops_assets.bundle.manifest import CHEAP, GATE
from mlops_assets.bundle.onnx_graph import convert
from mlops_assets.bundle.parts import open_answer
from mlops_assets.bundle.session import Answer
from mlops_assets.bundle.text_answer import text_files
from mlops_assets.spec import Task
from mlops_assets.training.bert.cascade import CascadeModel
from mlops_assets.training.bert.text_model import TextModel

Served = TextModel | CascadeModel


def export_text(
    served: Served, by_model: Answer, probe: pd.DataFrame, task: Task, classes: NDArray[Any] | None, folder: Path
) -> tuple[dict[str, bytes], Answer]:
    """Name -> content of the files, and what answers from them.

    Parameters
    ----------
    by_model : callable
        What the fitted model says about X.
    probe : DataFrame of shape (n_samples, n_features)
        Rows on which the files must say the same.

    Raises
    ------
    BundleError
        If the cheap model of a cascade has no graph, or the files say something else.
    """
    files = text_files(served) if isinstance(served, TextModel) else _cascade_files(served, probe, task, folder)
    answer = open_answer(files, classes)
    if isinstance(answer, CascadeAnswer):
        probe = probe[~answer.at_the_edge(probe)]
    if problem := difference(by_model(probe), answer(probe)):
        raise BundleError(f"{folder}: on {len(probe)} rows the files and the fitted model disagree: {problem}")
    return files, answer


def rounding(served: Served) -> float:
    """How far whole numbers in its graph may move an answer; 0 where it computes in floats."""
    return served.reading.rounding if isinstance(served, TextModel) else served.costly.reading.rounding


def _cascade_files(served: CascadeModel, X: pd.DataFrame, task: Task, folder: Path) -> dict[str, bytes]:
    forget_rows(served.cheap)  # before the graph is made: its converter would write them down
    try:
        cheap = convert(served.cheap, X, task)
    except Exception as error:  # converters raise anything; the reason is in the sentence
        said = f"{type(error).__name__}: {' '.join(str(error).split())}"[:200]
        raise BundleError(
            f"{folder}: the cheap model of the cascade has no graph ({said}); take cascade out of training.families"
        ) from error
    gate = (served.gate.model_dump_json(indent=1) + "\n").encode()
    return text_files(served.costly) | {CHEAP: cheap, GATE: gate}
