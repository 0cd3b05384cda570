"""A fine-tuned model in a bundle: what it answers, what it needs, and what it keeps of its training rows."""

import copy
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.pipeline import Pipeline

from mlops_assets.bundle.errors import BundleError
from mlops_assets.bundle.export import write_bundle
from mlops_assets.bundle.load import load_bundle, load_pipeline
from mlops_assets.bundle.manifest import verify
from mlops_assets.training.bert.estimator import BertRegressor
from mlops_assets.training.candidates import build_candidates, describe_problem
from mlops_assets.training.features import feature_frame
from mlops_assets.use_cases.load import check_use_case

pytestmark = pytest.mark.slow

FILES = {"model.onnx", "tokenizer.json", "reading.json", "schema.json", "reference.npz", "golden.json"}


def problem(task, *names):
    """A use case of the table of reviews with these features."""
    kinds = {"text": "text", "colour": "category", "size": "numeric", "score": "numeric", "verdict": "category"}
    number = task == "regression"
    return check_use_case(
        {
            "name": "small",
            "description": "a small problem",
            "task": task,
            "target": "score" if number else "verdict",
            "format": {"kind": "parquet"},
            "columns": {name: {"kind": kind, "feature": name in names} for name, kind in kinds.items()},
            "training": {"metric": "mae" if number else "accuracy"},
            "decision": {"loss": "absolute" if number else "zero_one", "loss_max": 4 if number else 1},
        },
        source="test",
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory, regressor, classifier, reviews):
    """Task -> (bundle folder, fitted model, use case): the mixed table, and texts alone."""
    made = {}
    for task, model, names in (
        ("regression", regressor, ("text", "colour", "size")),
        ("classification", classifier, ("text",)),
    ):
        case, folder = problem(task, *names), tmp_path_factory.mktemp(task) / "bundle"
        pipeline = Pipeline([("model", model)])
        write_bundle(folder, pipeline, case, b"", feature_frame(reviews, case), reviews[case.target].to_numpy())
        made[task] = (folder, model, case)
    return made


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_plain_rows_get_the_answers_of_the_fitted_model(written, reviews, task):
    folder, model, case = written[task]
    bundle = load_bundle(folder)
    rows = reviews[list(case.features)].head(40).astype(object)
    found = bundle.answer_rows(rows.where(rows.notna(), None).to_dict("records"))
    X = feature_frame(reviews.head(40), case)
    assert bundle.engine == "onnx"
    if task == "regression":
        np.testing.assert_allclose(found.values, model.predict(X), atol=1e-4)
    else:
        assert found.values.tolist() == model.predict(X).tolist()
        np.testing.assert_allclose(found.probabilities, model.predict_proba(X), atol=1e-4)


def test_the_manifest_names_every_file_and_a_changed_one_is_refused(written):
    folder = written["regression"][0]
    assert set(verify(folder).files) == FILES
    for name in ("tokenizer.json", "reading.json"):
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content.replace(b'"', b"'", 1))
        with pytest.raises(BundleError, match=f"{name}: .* registered were"):
            load_bundle(folder)
        (folder / name).write_bytes(content)


def test_there_is_no_pipeline_to_ask_for(written):
    with pytest.raises(BundleError, match=r"holds no pipeline\.skops; a fine-tuned text model is its graph"):
        load_pipeline(written["regression"][0])


def test_the_files_must_say_what_the_fitted_model_says(regressor, reviews, tmp_path):
    class Other(BertRegressor):
        def predict(self, X):
            return super().predict(X) + 0.01

    case, other = problem("regression", "text", "colour", "size"), Other(**regressor.get_params())
    other.served_ = regressor.served_
    with pytest.raises(BundleError, match=r"the files and the fitted model disagree: numbers differ by up to 0\.01"):
        write_bundle(
            tmp_path / "b", Pipeline([("m", other)]), case, b"", feature_frame(reviews, case), reviews["score"]
        )


def test_answering_needs_neither_pytorch_nor_transformers(written):
    code = (
        "import sys, serving.app; from pathlib import Path; from mlops_assets.bundle.load import load_bundle;"
        "bundle = load_bundle(Path(sys.argv[1])); bundle.answer_rows([{'text': 'a good film'}]);"
        "print([name for name in ('torch', 'transformers', 'skops') if name in sys.modules])"
    )
    folder = str(written["classification"][0])
    done = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True, timeout=600)
    assert done.stdout.strip() == "[]"


def test_no_text_of_the_training_rows_is_in_the_files(settings, reviews, tmp_path):
    rows = reviews.assign(text=[*reviews["text"][:-1], "a good film said SECRETTOKEN"])
    case = problem("regression", "text")
    model = BertRegressor(("text",), (), (), settings(epochs_max=0.5), "mae", "random", 7)
    pipeline = Pipeline([("model", model.fit(rows, rows["score"].to_numpy()))])
    write_bundle(tmp_path / "bundle", pipeline, case, b"", feature_frame(rows.tail(30), case), rows["score"].tail(30))
    contents = {path.name: path.read_bytes().lower() for path in (tmp_path / "bundle").iterdir()}
    assert not [name for name, content in contents.items() if b"secrettoken" in content or b"a good film" in content]
    assert b"good" in contents["golden.json"]  # the scan finds what is there
    assert json.loads(contents["golden.json"])["rows"]["text"]


@pytest.fixture(scope="module")
def cascade(tmp_path_factory, settings, reviews):
    """Folder, fitted model and use case of a cascade whose cheap model knows little, so that both of them answer."""
    case, folder = problem("regression", "text"), tmp_path_factory.mktemp("cascade") / "bundle"
    training = case.training.model_copy(update={"families": ("cascade",), "bert": settings(gain_kept=0.5)})
    case = case.model_copy(update={"training": training})
    X, y = feature_frame(reviews, case), reviews["score"].to_numpy()
    pipeline = build_candidates(describe_problem(X, case), case)[-1].pipeline.fit(X, y)
    write_bundle(folder, pipeline, case, b"", X, y)
    return folder, pipeline[-1], case


def test_a_cascade_answers_as_it_was_fitted(cascade, reviews):
    folder, model, case = cascade
    bundle = load_bundle(folder)
    assert set(verify(folder).files) == FILES | {"cheap.onnx", "gate.json"}
    X = feature_frame(reviews, case)
    found = bundle.answer_rows(reviews[["text"]].to_dict("records"))
    np.testing.assert_allclose(found.values, model.predict(X), atol=1e-3)
    alone = bundle.answer_rows([{"text": reviews["text"][0]}])
    assert alone.values[0] == pytest.approx(model.predict(X.head(1))[0], abs=1e-3)


def test_golden_rows_may_differ_by_what_rounding_moved(cascade, written):
    folder, model, _ = cascade
    assert verify(folder).tolerance == model.asked_.served_.reading.rounding > 1e-4
    assert verify(written["regression"][0]).tolerance == 1e-4


def test_a_cascade_without_a_costly_model_worth_asking_is_the_cheap_one(cascade, reviews, tmp_path):
    _, model, case = cascade
    never = copy.copy(model)
    never.gate_ = model.gate_.model_copy(update={"threshold": None})
    never.served_ = replace(model.served_, gate=never.gate_)
    X = feature_frame(reviews, case)
    write_bundle(tmp_path / "b", Pipeline([("model", never)]), case, b"", X, reviews["score"].to_numpy())
    np.testing.assert_allclose(load_bundle(tmp_path / "b").predict(X).values, model.cheap_.predict(X), atol=1e-4)


def test_a_cheap_model_without_a_graph_is_named(cascade, reviews, tmp_path):
    _, model, case = cascade
    broken = copy.copy(model)
    broken.served_ = replace(model.served_, cheap=Pipeline([("model", DummyRegressor())]))
    with pytest.raises(
        BundleError, match=r"the cheap model of the cascade has no graph .* take cascade out of training"
    ):
        write_bundle(
            tmp_path / "b", Pipeline([("m", broken)]), case, b"", feature_frame(reviews, case), reviews["score"]
        )
