import json
import zipfile

import numpy as np
import pytest
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from mlops_assets.bundle.errors import BundleError
from mlops_assets.bundle.export import write_bundle
from mlops_assets.bundle.load import load_bundle
from mlops_assets.bundle.manifest import verify
from mlops_assets.training.candidates import build_candidates, describe_problem
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


TEXT_MODELS = [
    *(f"tfidf_linear {reading}" for reading in ("words", "pieces")),
    *(f"tfidf_svm {reading}" for reading in ("words", "pieces")),
    "tfidf_forest words",
]


@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.parametrize("name", TEXT_MODELS)
def test_texts_are_served_by_a_graph(write, fitted, use_case, frame, task, name):
    bundle = load_bundle(write(name, task))
    assert bundle.engine == "onnx", bundle.manifest.onnx_refused
    X = feature_frame(frame, use_case(task))
    expected = fitted(task, name).predict(X)
    found = bundle.answer_rows(frame.head(50).drop(columns=["weekday"]).assign(day="2026-01-01").to_dict("records"))
    assert len(found.values) == 50
    if task == "regression":
        np.testing.assert_allclose(bundle.predict(X).values, expected, rtol=1e-4, atol=1e-4)
    else:
        assert bundle.predict(X).values.tolist() == expected.tolist()


def planted(use_case, frame, family, variant, folder):
    """The files of a bundle whose training rows held a token once, unpacked."""
    case = use_case("classification")
    training = case.training.model_copy(update={"families": (family,), "tune_best": 0})
    case = case.model_copy(update={"training": training})
    # more words than trees read, and one that only one row has
    words = [f"{text} word{row} word{row} word{row}" for row, text in enumerate(frame["words"])]
    words[5] += " SECRETTOKEN"
    table = frame.assign(words=words)
    X, y = feature_frame(table, case), target_values(table, case)
    candidates = build_candidates(describe_problem(X, case), case)
    pipeline = next(each for each in candidates if each.name == variant).pipeline.fit(X, y)
    assert "secrettoken" in pipeline["prepare"].named_transformers_["text words"].stop_words_
    write_bundle(folder, pipeline, case, b"", X.tail(50), y[-50:])
    return unpacked(folder)


def unpacked(folder):
    contents = {path.name: path.read_bytes() for path in folder.iterdir()}
    with zipfile.ZipFile(folder / "pipeline.skops") as archive:
        return contents | {name: archive.read(name) for name in archive.namelist()}


VARIANTS = [("tree", "tree"), ("tfidf_linear", "tfidf_linear words"), ("tfidf_linear", "tfidf_linear pieces")]


@pytest.mark.parametrize(("family", "variant"), VARIANTS)
def test_words_that_the_model_does_not_use_are_in_no_file(use_case, frame, tmp_path, family, variant):
    contents = planted(use_case, frame, family, variant, tmp_path / "b")
    assert [name for name, data in contents.items() if b"secrettoken" in data.lower()] == []


def test_without_forgetting_the_word_is_found_in_pipeline_and_graph(use_case, frame, tmp_path, monkeypatch):
    """The proof that the scan above finds what it looks for."""
    monkeypatch.setattr("mlops_assets.bundle.export.forget_rows", lambda pipeline: None)
    contents = planted(use_case, frame, "tree", "tree", tmp_path / "b")
    assert {name for name, data in contents.items() if b"secrettoken" in data.lower()} == {"schema.json", "model.onnx"}


def test_a_golden_row_keeps_no_word_of_one_text(write, use_case, fitted, frame, tmp_path):
    case = use_case("classification")
    table = frame.assign(words=[f"{text} Ann{row}" for row, text in enumerate(frame["words"])])
    X, y = feature_frame(table, case), target_values(table, case)
    write_bundle(tmp_path / "b", fitted("classification", "tree"), case, b"", X, y)
    golden = json.loads((tmp_path / "b" / "golden.json").read_bytes())
    assert set(golden["rows"]["words"]) == {"a bad plot", "a film good"}


@pytest.mark.parametrize("profile", [b"profile", None])
def test_what_the_loss_depends_on_is_kept_where_it_is_given(write, profile):
    assert load_bundle(write(loss_profile=profile)).loss_profile == profile
