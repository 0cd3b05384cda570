"""The manifest of a bundle: what it is, and the hash of each of its files."""

import hashlib
import json
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from mlops_assets.bundle.errors import BundleError
from mlops_assets.spec import Label, Task, Value

MANIFEST = "manifest.json"
PIPELINE = "pipeline.skops"
GRAPH = "model.onnx"
SCHEMA = "schema.json"
REFERENCE = "reference.npz"
GOLDEN = "golden.json"
LOSS = "loss.npz"
ABSTENTION = "abstention.json"
SPANS = "spans.npz"
TOKENIZER = "tokenizer.json"
READING = "reading.json"
CHEAP = "cheap.onnx"
GATE = "gate.json"

LIBRARIES = ("scikit-learn", "numpy", "pandas", "skops", "onnxruntime", "tokenizers", "lightgbm", "xgboost-cpu")
CHUNK_BYTES = 2**20


class FileEntry(Value):
    """One file's hash (hex) and size."""

    sha256: str
    bytes: int


class LossStats(Value):
    """The loss on held-out rows, in units of the use case's decision."""

    mean: float
    std: float
    rows: int


class Manifest(Value):
    """What a bundle is.

    Attributes
    ----------
    classes : tuple or None
        Labels in the order of the probabilities; None for a regression.
    engine : {'onnx', 'skops'}
        What answers: the graph, or the pipeline where the graph does not reproduce it. A fine-tuned text model is its
        graph; it has a tokenizer and a reading beside it, and no pipeline.
    onnx_refused : str or None
        Why the graph does not serve.
    tolerance : float
        Largest difference between graph and pipeline, and between golden rows asked on two machines, that is allowed:
        absolute for probabilities, relative to max(1, |number|) for numbers. More than 1e-4 where the graph computes in
        whole numbers, which another order of sums may round otherwise.
    loss : LossStats or None
        None when no held-out losses were given.
    metrics : dict[str, float]
        On held-out rows.
    data_hash : str
        Of the training set.
    created : str
        As passed in; the bundle reads no clock.
    """

    use_case: str
    task: Task
    target: str
    candidate: str
    classes: tuple[Label, ...] | None
    engine: Literal["onnx", "skops"]
    onnx_refused: str | None
    tolerance: float
    loss: LossStats | None
    metrics: dict[str, float]
    data_hash: str
    created: str
    libraries: dict[str, str]
    files: dict[str, FileEntry]


def seal(manifest: Manifest) -> bytes:
    """The manifest's only valid bytes: canonical JSON that ends in its own hash."""
    body = manifest.model_dump(mode="json")
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return (json.dumps({"manifest": body, "sha256": digest}, sort_keys=True, indent=1) + "\n").encode()


def entry(path: Path) -> FileEntry:
    """Hash and size of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return FileEntry(sha256=digest.hexdigest(), bytes=path.stat().st_size)


def verify(folder: Path) -> Manifest:
    """The manifest, after every file proved to be the one it names; nothing else is parsed.

    Raises
    ------
    BundleError
        If the manifest or a file is missing, changed, a link, or not named by the manifest.
    """
    manifest = _read(folder / MANIFEST)
    present = {path.name for path in folder.iterdir()} - {MANIFEST}
    if missing := sorted(set(manifest.files) - present):
        raise BundleError(f"{folder / missing[0]}: named by the manifest, but missing; fetch the version again")
    if unknown := sorted(present - set(manifest.files)):
        raise BundleError(f"{folder / unknown[0]}: not named by the manifest; fetch the version again")
    for name, expected in manifest.files.items():
        path = folder / name
        if path.is_symlink() or not path.is_file():
            raise BundleError(f"{path}: a plain file is due; fetch the version again")
        if (found := entry(path)) != expected:
            raise BundleError(
                f"{path}: {found.bytes} bytes with SHA-256 {found.sha256[:12]}..., registered were {expected.bytes} "
                f"bytes with {expected.sha256[:12]}...; fetch the version again"
            )
    return manifest


def _read(path: Path) -> Manifest:
    try:
        data = path.read_bytes()
        manifest = Manifest.model_validate_json(json.dumps(json.loads(data)["manifest"]))
    except FileNotFoundError as error:
        raise BundleError(f"{path}: missing; fetch the version again") from error
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise BundleError(f"{path}: not a manifest ({type(error).__name__}); fetch the version again") from error
    if seal(manifest) != data:
        raise BundleError(f"{path}: its bytes do not match the hash it ends in; fetch the version again")
    return manifest
