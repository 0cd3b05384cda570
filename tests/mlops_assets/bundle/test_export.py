import zipfile

import numpy as np
import pytest
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from mlops_assets.bundle.errors import BundleError
from mlops_assets.bundle.export import write_bundle
from mlops_assets.bundle.load import load_bundle
from mlops_assets.bundle.manifest import verify
from mlops_assets.training.automl import train
from mlops_assets.training.features import feature_frame, target_values

pytestmark = pytest.mark.slow

GRAPHS = ["linear plain", "linear scaled", "linear power", "tree", "lightgbm", "forest"]


@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.parametrize("name", GRAPHS)
def test_the_graph_serves_where_it_says_what_the_pipeline_says(write, fitted, use_case, frame, task, name):
    bundle = load_bundle(write(name, task))
    assert bundle.engine == "onnx", bundle.manifest.onnx_refused
    X = feature_frame(frame, use_case(task))
    pipeline, found = fitted(task, name), bundle.predict(X)
    if task == "classification":
        assert found.values.tolist() == pipeline.predict(X).tolist()
        np.testing.assert_allclose(found.probabilities, pipeline.predict_proba(X), atol=1e-4)
    else:
        np.testing.assert_allclose(found.values, pipeline.predict(X), rtol=1e-4)


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_a_graph_that_differs_does_not_serve(write, fitted, use_case, frame, task):
    bundle = load_bundle(write("boosting", task))  # the converter drops its category splits
    assert bundle.engine == "skops"
    assert "differ" in bundle.manifest.onnx_refused
    X = feature_frame(frame, use_case(task))
    assert bundle.predict(X).values.tolist() == fitted(task, "boosting").predict(X).tolist()


def test_a_model_without_a_converter_is_served_by_the_pipeline(write):
    manifest = verify(write("dummy"))
    assert manifest.engine == "skops"
    assert "shape calculator" in manifest.onnx_refused
    assert "model.onnx" not in manifest.files


def test_losses_are_summed_up(write):
    loss = verify(write(losses=np.array([0.0, 0.0, 1.0, 1.0]))).loss
    assert (loss.mean, loss.std, loss.rows) == (0.5, 0.5, 4)


def test_a_folder_is_written_once(write, use_case, fitted, frame):
    folder, case = write(), use_case("classification")
    X, y = feature_frame(frame, case), target_values(frame, case)
    with pytest.raises(BundleError, match="not empty"):
        write_bundle(folder, fitted("classification", "tree"), case, b"", X, y)


def test_probe_rows_are_due(tmp_path, use_case, fitted, frame):
    case = use_case("classification")
    X = feature_frame(frame.head(0), case)
    with pytest.raises(BundleError, match="0 probe rows with 0 labels"):
        write_bundle(tmp_path, fitted("classification", "tree"), case, b"", X, np.array([]))


def test_a_type_that_is_not_trusted_is_not_written(tmp_path, use_case, fitted, frame):
    case = use_case("classification")
    X, y = feature_frame(frame, case), target_values(frame, case)
    foreign = Pipeline([("step", FunctionTransformer(np.array)), *fitted("classification", "tree").steps])
    foreign.set_params(step=FunctionTransformer(print))
    with pytest.raises(BundleError, match=r"types that are not trusted: .*print"):
        write_bundle(tmp_path / "b", foreign, case, b"", X, y)


def test_words_that_the_model_does_not_use_are_not_in_the_pipeline_file(tmp_path, use_case, frame):
    case = use_case("classification").model_copy(
        update={
            "training": use_case("classification").training.model_copy(update={"families": ("tree",), "tune_best": 0})
        }
    )
    # more words than trees read, and one that only one row has
    words = [f"{text} word{row} word{row} word{row}" for row, text in enumerate(frame["words"])]
    words[5] += " SECRETTOKEN"
    table = frame.assign(words=words)
    X, y = feature_frame(table, case), target_values(table, case)
    pipeline = train(X, y, case, lambda _: None).pipeline
    assert "secrettoken" in pipeline["prepare"].named_transformers_["text words"].stop_words_
    write_bundle(tmp_path / "b", pipeline, case, b"", X.tail(50), y[-50:])
    with zipfile.ZipFile(tmp_path / "b" / "pipeline.skops") as archive:
        assert not any(b"secrettoken" in archive.read(name).lower() for name in archive.namelist())
