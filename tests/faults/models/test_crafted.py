"""A file that runs code when it is opened as such files usually are."""

import gzip
import json
import pickle
import warnings
from contextlib import suppress
from pathlib import Path

import pytest
from constant_models import reseal
from marking import Marking, MarkingState
from stages import NAME, make_champion, refusals

from mlops_assets.bundle.load import load_bundle
from mlops_assets.bundle.manifest import PIPELINE

pytestmark = pytest.mark.slow


def as_pickle(folder: Path, marker: Path) -> None:
    (folder / PIPELINE).write_bytes(pickle.dumps(Marking(str(marker))))


def as_gzip(folder: Path, marker: Path) -> None:
    (folder / PIPELINE).write_bytes(gzip.compress(pickle.dumps(Marking(str(marker)))))


def as_joblib(folder: Path, marker: Path) -> None:
    import joblib

    joblib.dump(Marking(str(marker)), folder / PIPELINE)


def as_skops(folder: Path, marker: Path) -> None:
    import skops.io

    skops.io.dump(MarkingState(str(marker)), folder / PIPELINE)


def as_module(folder: Path, marker: Path) -> None:
    (folder / "evil_loader.py").write_text(
        f"import pathlib\npathlib.Path({str(marker)!r}).mkdir()\ndef _load_pyfunc(path):\n    raise OSError\n",
        encoding="utf-8",
    )
    flavour = {"loader_module": "evil_loader", "code": ".", "python_version": "3.11.0"}
    (folder / "MLmodel").write_text(json.dumps({"flavors": {"python_function": flavour}}), encoding="utf-8")


def open_pickle(folder: Path) -> None:
    pickle.loads((folder / PIPELINE).read_bytes())


def open_gzip(folder: Path) -> None:
    pickle.loads(gzip.decompress((folder / PIPELINE).read_bytes()))


def open_joblib(folder: Path) -> None:
    import joblib

    joblib.load(folder / PIPELINE)


def open_skops(folder: Path) -> None:
    import skops.io

    file = folder / PIPELINE
    skops.io.load(file, trusted=skops.io.get_untrusted_types(file=file))


def open_module(folder: Path) -> None:
    with warnings.catch_warnings(action="ignore"), suppress(OSError):  # what it loads is no model
        import mlflow

        mlflow.pyfunc.load_model(str(folder))


CRAFTED = {
    "pickle": (as_pickle, open_pickle),
    "gzip": (as_gzip, open_gzip),
    "joblib": (as_joblib, open_joblib),
    "skops that names its own types": (as_skops, open_skops),
    "loader module": (as_module, open_module),
}


@pytest.mark.parametrize("kind", CRAFTED)
def test_code_in_a_file_runs_only_where_nothing_is_checked(stage, bundles, tmp_path, kind):
    craft, open_unchecked = CRAFTED[kind]
    marker = tmp_path / "marker"
    folder = stage.register(2, bundles[6])
    craft(folder, marker)
    models = stage.models(probe=load_bundle)
    make_champion(stage, 2, 1)
    models.refresh()  # another file than the manifest names
    reseal(folder, engine="skops")
    with suppress(Exception):  # its hash is right now; what the bundle does not read does no harm either
        load_bundle(folder)
    assert not marker.exists()
    assert models.of(NAME).champion is None
    assert len(refusals(stage)) == 1
    open_unchecked(folder)
    assert marker.exists()
