"""Write a bundle: the pipeline, its graph where that says the same, schema, references, golden rows, manifest."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Any
from zipfile import ZIP_DEFLATED

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops_assets.bundle.answers import TOLERANCE, difference
from mlops_assets.bundle.errors import BundleError
from mlops_assets.bundle.forget import forget_rows
from mlops_assets.bundle.golden import golden_bytes, made_anonymous
from mlops_assets.bundle.manifest import (
    ABSTENTION,
    GOLDEN,
    GRAPH,
    LIBRARIES,
    LOSS,
    MANIFEST,
    PIPELINE,
    REFERENCE,
    SCHEMA,
    SPANS,
    LossStats,
    Manifest,
    entry,
    seal,
)
from mlops_assets.bundle.onnx_graph import convert
from mlops_assets.bundle.schema import InputSchema
from mlops_assets.bundle.session import Answer, of_pipeline, open_graph
from mlops_assets.bundle.text_export import export_text, rounding
from mlops_assets.bundle.trusted import TRUSTED
from mlops_assets.spec import UseCase

PROBE_ROWS = 200  # in which a word must be twice to stand in a golden row
EDGE_ROWS = 5  # probe rows that are also asked with new categories, and with nothing but missing values


def write_bundle(
    folder: Path,
    pipeline: Any,
    use_case: UseCase,
    reference: bytes,
    X_probe: pd.DataFrame,
    y_probe: NDArray[Any],
    *,
    candidate: str = "",
    metrics: Mapping[str, float] | None = None,
    losses: NDArray[np.float64] | None = None,
    loss_profile: bytes | None = None,
    abstention: bytes | None = None,
    spans: bytes | None = None,
    data_hash: str = "",
    created: str = "",
) -> Manifest:
    """Write every file of a bundle into a new or empty folder; the manifest comes last.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted; takes X.
    reference : bytes
        The drift reference.
    X_probe, y_probe
        Held-out rows: the graph must say on them what the pipeline says, and the first are the golden rows.
    losses : ndarray or None
        Loss of each held-out row.
    loss_profile : bytes or None
        What the loss depends on; None leaves the file out.
    abstention : bytes or None
        When the model abstains; None leaves the file out.
    spans : bytes or None
        What the rows of each class span, where abstaining goes by that too; None leaves the file out.

    Raises
    ------
    BundleError
        If the folder is not empty, there are no probe rows, or the pipeline holds a type that is not trusted.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise BundleError(f"{folder}: not empty; a bundle is written once, into a folder of its own")
    if len(X_probe) == 0 or len(X_probe) != len(y_probe):
        raise BundleError(f"{folder}: {len(X_probe)} probe rows with {len(y_probe)} labels; at least one pair is due")
    forget_rows(pipeline)  # before the graph is made: its converter would write them down
    classes = np.asarray(pipeline.classes_) if use_case.task == "classification" else None
    model = _model(pipeline, use_case, X_probe, classes, folder)
    golden = made_anonymous(X_probe.head(PROBE_ROWS), use_case)
    contents = model.files | {
        SCHEMA: InputSchema.from_use_case(use_case).to_json(),
        REFERENCE: reference,
        GOLDEN: golden_bytes(golden, model.answer(golden)),
    }
    extra = {LOSS: loss_profile, ABSTENTION: abstention, SPANS: spans}
    contents |= {name: data for name, data in extra.items() if data is not None}
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    manifest = Manifest(
        use_case=use_case.name,
        task=use_case.task,
        target=use_case.target,
        candidate=candidate,
        classes=None if classes is None else tuple(classes.tolist()),
        engine="onnx" if GRAPH in contents else "skops",
        onnx_refused=model.refusal,
        tolerance=model.tolerance,
        loss=None if losses is None else _loss_stats(losses),
        metrics={name: float(value) for name, value in (metrics or {}).items()},
        data_hash=data_hash,
        created=created,
        libraries={"python": python_version()} | {name: version(name) for name in LIBRARIES},
        files={name: entry(folder / name) for name in sorted(contents)},
    )
    (folder / MANIFEST).write_bytes(seal(manifest))
    return manifest


@dataclass(frozen=True)
class _Model:
    """The files of what answers, its answers, and why no graph is among them."""

    files: dict[str, bytes]
    answer: Answer
    refusal: str | None = None
    tolerance: float = TOLERANCE


def _model(pipeline: Any, use_case: UseCase, X: pd.DataFrame, classes: NDArray[Any] | None, folder: Path) -> _Model:
    by_pipeline = of_pipeline(pipeline, classes)
    served = getattr(pipeline.steps[-1][1], "served_", None)
    if served is not None:
        files, answer = export_text(served, by_pipeline, _probe(X, use_case), use_case.task, classes, folder)
        return _Model(files, answer, tolerance=max(TOLERANCE, rounding(served)))
    graph, refusal = _graph(pipeline, use_case, X, classes, by_pipeline)
    files = {PIPELINE: _pipeline_bytes(pipeline, folder)} | ({} if graph is None else {GRAPH: graph})
    return _Model(files, by_pipeline, refusal)


def _graph(
    pipeline: Any, use_case: UseCase, X: pd.DataFrame, classes: NDArray[Any] | None, by_pipeline: Answer
) -> tuple[bytes | None, str | None]:
    """The graph, or None and the reason."""
    probe = _probe(X, use_case)
    try:
        graph = convert(pipeline, X, use_case.task)
        problem = difference(by_pipeline(probe), open_graph(graph, classes)(probe))
    except Exception as error:  # noqa: BLE001 - converters raise anything; the reason stands in the manifest
        return None, f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]
    return (None, f"on {len(probe)} rows: {problem}") if problem else (graph, None)


def _probe(X: pd.DataFrame, use_case: UseCase) -> pd.DataFrame:
    """X, and rows at the edges of what may come."""
    return pd.concat([X, *_edges(X, use_case)], ignore_index=True)


def _edges(X: pd.DataFrame, use_case: UseCase) -> list[pd.DataFrame]:
    """Rows that probe rows seldom are: categories never seen, and everything missing that may be."""
    unseen, empty = X.head(EDGE_ROWS).copy(), X.head(EDGE_ROWS).copy()
    for name, column in use_case.features.items():
        if column.kind == "category":
            unseen[name] = "a category that never was"
        if column.nullable:
            empty[name] = "" if column.kind == "text" else np.nan
    return [unseen, empty.astype(X.dtypes)]


def _pipeline_bytes(pipeline: Any, folder: Path) -> bytes:
    from skops.io import dumps, get_untrusted_types

    data = bytes(dumps(pipeline, compression=ZIP_DEFLATED))
    if unknown := sorted(set(get_untrusted_types(data=data)) - set(TRUSTED)):
        raise BundleError(f"{folder / PIPELINE}: holds types that are not trusted: {', '.join(unknown)}")
    return data


def _loss_stats(losses: NDArray[np.float64]) -> LossStats:
    return LossStats(mean=float(np.mean(losses)), std=float(np.std(losses)), rows=len(losses))
