import json
import subprocess
import sys

import numpy as np
import pytest

from mlops_assets.bundle import load
from mlops_assets.bundle.abstention import Abstention
from mlops_assets.bundle.errors import BundleError
from mlops_assets.bundle.feed import NUMBERS
from mlops_assets.bundle.load import load_bundle, load_pipeline
from mlops_assets.bundle.manifest import GOLDEN, GRAPH, MANIFEST, PIPELINE, Manifest, entry, seal
from mlops_assets.training.features import feature_frame

pytestmark = pytest.mark.slow


def reseal(folder, **change):
    """A manifest whose hashes fit, for what only a later check can find."""
    body = json.loads((folder / MANIFEST).read_bytes())["manifest"] | change
    body["files"] = {name: entry(folder / name).model_dump() for name in body["files"]}
    (folder / MANIFEST).write_bytes(seal(Manifest.model_validate_json(json.dumps(body))))


def test_one_row_is_answered_like_many(write, use_case, frame):
    bundle = load_bundle(write())
    X = feature_frame(frame, use_case("classification"))
    one, many = bundle.predict(X.iloc[[3]]), bundle.predict(X)
    np.testing.assert_allclose(one.probabilities[0], many.probabilities[3], atol=1e-6)


def test_raw_values_are_answered_from_the_bundle_alone(write):
    bundle = load_bundle(write())
    row = {"day": "2026-11-20", "weight": 1.5, "colour": "red", "words": "a good film", "size in cm": 3.0}
    assert bundle.predict(bundle.schema.to_frame([row])).values.tolist() == ["high"]
    assert bundle.classes == ("high", "low")
    assert bundle.reference == b"reference"


def test_a_regression_has_no_classes(write):
    bundle = load_bundle(write(task="regression"))
    assert bundle.classes is None
    row = {"day": "2026-11-20", "weight": 1.5}
    assert bundle.predict(bundle.schema.to_frame([row])).probabilities is None


def test_hashes_are_checked_before_anything_is_parsed(write, monkeypatch):
    folder = write()
    (folder / PIPELINE).write_bytes(b"not even an archive")
    monkeypatch.setattr(load, "open_answer", lambda *_: pytest.fail("a file was parsed"))
    with pytest.raises(BundleError, match=PIPELINE):
        load_bundle(folder)


def test_other_answers_to_the_golden_rows_are_found(write):
    folder = write(task="regression")
    golden = json.loads((folder / GOLDEN).read_bytes())
    golden["values"][0] += 1.0
    (folder / GOLDEN).write_text(json.dumps(golden), encoding="utf-8")
    reseal(folder)
    with pytest.raises(BundleError, match="golden rows: numbers differ by up to"):
        load_bundle(folder)
    reseal(folder, tolerance=1.5)  # what the manifest allows, as it does for graphs in whole numbers
    load_bundle(folder)


def test_a_graph_that_takes_what_requests_do_not_bring_is_refused(write):
    import onnx

    folder = write()
    model = onnx.load(folder / GRAPH)
    renamed = {NUMBERS: "size in cm"}
    for each in [*model.graph.input, *model.graph.node]:
        if hasattr(each, "op_type"):
            each.input[:] = [renamed.get(name, name) for name in each.input]
        else:
            each.name = renamed.get(each.name, each.name)
    onnx.save(model, folder / GRAPH)
    reseal(folder)
    with pytest.raises(BundleError, match="takes 'size in cm', which requests do not bring so; train again"):
        load_bundle(folder)


def test_a_pipeline_file_with_a_foreign_type_is_refused(write, tmp_path):
    from skops.io import dumps

    folder = write("dummy")
    (folder / PIPELINE).write_bytes(dumps({"run": print}))
    reseal(folder)
    with pytest.raises(BundleError, match=r"types that are not trusted: builtins\.print"):
        load_bundle(folder)


def test_a_pipeline_of_another_minor_version_is_refused(write):
    folder = write("dummy")
    libraries = json.loads((folder / MANIFEST).read_bytes())["manifest"]["libraries"]
    reseal(folder, libraries=libraries | {"scikit-learn": "9.9.1"})
    with pytest.raises(BundleError, match=r"written by scikit-learn 9.9.1, here is"):
        load_bundle(folder)


def test_the_pipeline_can_be_had_whatever_serves(write, use_case, frame):
    pipeline = load_pipeline(write())
    X = feature_frame(frame, use_case("classification"))
    assert set(pipeline.predict(X)) == {"high", "low"}


def test_a_graph_is_served_without_the_libraries_that_trained_it(write):
    folder = write("lightgbm")
    code = (
        "import sys; from pathlib import Path; from mlops_assets.bundle.load import load_bundle;"
        f"load_bundle(Path({str(folder)!r}));"
        "heavy = {'sklearn', 'lightgbm', 'xgboost', 'skops', 'pycaret', 'dagster', 'mlflow', 'shap', 'matplotlib'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=600)
    assert done.stdout.strip() == "[]"


def test_when_a_model_abstains_comes_with_its_bundle(write):
    abstention = Abstention(error=0.1, least=0.3, rows=48)
    assert load_bundle(write(abstention=abstention.to_json())).abstention == abstention


def test_a_bundle_without_abstention_never_abstains(write):
    assert load_bundle(write()).abstention is None
