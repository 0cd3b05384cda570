"""A network answers rows like any estimator, and needs PyTorch for its fit alone."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from mlops_assets.bundle.export import write_bundle
from mlops_assets.bundle.load import load_bundle
from mlops_assets.training.automl import train
from mlops_assets.training.bert.network import MissingExtraError
from mlops_assets.training.candidates import build_candidates, describe_problem
from mlops_assets.training.features import feature_frame, target_values
from mlops_assets.training.network.estimator import NetworkClassifier, NetworkRegressor

pytestmark = pytest.mark.slow
TASKS = ["classification", "regression"]


def network(task, **changed):
    settings = {"order": "random", "seconds_max": 1e9, "random_state": 1} | changed
    if task == "classification":
        return NetworkClassifier(**{"class_weight": None} | settings)
    return NetworkRegressor(**{"metric": "mae"} | settings)


@pytest.fixture(scope="module")
def points():
    pytest.importorskip("torch", reason="the extra [torch] is not installed")
    random = np.random.default_rng(0)
    X = random.normal(size=(200, 4)).astype(np.float32)
    return X, X[:, 0] + np.abs(X[:, 1])


@pytest.mark.parametrize("labels", [["low", "high"], ["low", "middle", "high"]])
def test_shares_are_those_of_the_network_that_pytorch_fitted(points, labels):
    X, strength = points
    y = np.array(labels)[np.digitize(strength, np.quantile(strength, np.linspace(0, 1, len(labels) + 1)[1:-1]))]
    model = network("classification").fit(X, y)
    assert model.classes_.tolist() == sorted(labels)
    shares = model.predict_proba(X)
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-6)
    assert (model.predict(X) == y).mean() > 0.9
    assert (model.model_.predict(X) == model.predict(X)).all()


def test_two_classes_keep_the_shares_of_a_softmax():
    # outputs 1 and 3: e^3 / (e^1 + e^3) = 0.880797
    from sklearn.neural_network import MLPClassifier

    from mlops_assets.training.network.estimator import _perceptron

    last, bias = np.array([[1.0, 3.0]], np.float32), np.zeros(2, np.float32)
    first = (np.ones((1, 1), np.float32), np.zeros(1, np.float32))
    model = _perceptron(MLPClassifier, [first, (last[:, 1:] - last[:, :1], bias[1:] - bias[:1])], "logistic")
    assert model.predict_proba([[1.0]])[0].tolist() == pytest.approx([0.119203, 0.880797], abs=1e-6)


def test_numbers_are_in_the_targets_unit(points):
    X, strength = points
    model = network("regression").fit(X, 1000 + 100 * strength)
    assert np.abs(model.predict(X) - 1000 - 100 * strength).mean() < 25  # the deviation is about 115


def test_the_rows_held_out_inside_hold_every_class_in_proportion_or_are_the_last(points):
    y = np.repeat([0, 1], [150, 50])
    random = network("classification")._held_out(y, "cross_entropy")
    assert np.bincount(y[random]).tolist() == [30, 10]
    last = network("classification", order="time")._held_out(y, "cross_entropy")
    assert last.tolist() == list(range(160, 200))


def test_a_small_class_counts_where_classes_weigh_alike(points):
    X, strength = points
    y = np.where(strength > np.quantile(strength, 0.9), "rare", "usual")
    noisy = X + np.random.default_rng(1).normal(0, 1.5, X.shape).astype(np.float32)
    found = {
        weight: (network("classification", class_weight=weight).fit(noisy, y).predict(noisy) == "rare").mean()
        for weight in (None, "balanced")
    }
    assert found[None] < 0.1 < found["balanced"]


def test_one_class_is_refused(points):
    with pytest.raises(ValueError, match="one class only, 'a'"):
        network("classification").fit(points[0], ["a"] * 200)


def test_it_is_cloned_without_its_fit(points):
    X, strength = points
    model = network("regression").fit(X, strength)
    assert clone(model).get_params() == model.get_params()
    with pytest.raises((AttributeError, NotFittedError)):
        clone(model).predict(X)


def test_how_it_went_is_recorded_and_told(points):
    X, strength = points
    said = []
    record = network("regression").fit(X, strength, progress=said.append).record_
    assert {"epoch", "train_loss", "held_out_loss"} == set(record["curve"][0])
    assert said[-1] == f"network: {record['best_epoch']} epochs on all 200 rows; {record['stopped']}"
    assert set(record["libraries"]) == {"torch"}


def test_answering_needs_no_pytorch(points, tmp_path):
    X, strength = points
    (tmp_path / "model").write_bytes(pickle.dumps((network("regression").fit(X, strength), X)))
    code = (
        "import pickle, sys; from pathlib import Path; model, X = pickle.loads(Path(sys.argv[1]).read_bytes());"
        "model.predict(X); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "model")], check=True)


def test_without_the_extra_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"torch is not installed.*pip install 'mlops-assets\[torch\]'"):
        network("regression").fit(np.ones((10, 1)), np.arange(10.0))


@pytest.fixture()
def worded(build, frame):
    """X, y and the use case of a task, with a text that says something of the label."""

    def of(task):
        use_case = build(task, families=["tfidf_network"], columns={"words": {"kind": "text"}}, folds=2, tune_best=0)
        rows = frame.assign(words=np.where(frame["size"] > 0, "good film", "bad plot"))
        return feature_frame(rows, use_case), target_values(rows, use_case), use_case

    return of


@pytest.mark.parametrize("task", TASKS)
def test_every_candidate_answers_rows_it_never_saw(points, worded, task):
    X, y, use_case = worded(task)
    strange = X.head(4).assign(colour=["violet", np.nan, "red", "red"], size=[np.nan, 1e6, -1e6, 0.0])
    strange["words"] = ["", "unheard", "good", "bad"]
    candidates = build_candidates(describe_problem(X, use_case), use_case)[1:]
    assert [each.name for each in candidates] == ["tfidf_network words", "tfidf_network pieces"]
    for candidate in candidates:
        answers = candidate.pipeline.fit(X, y).predict(strange)
        assert np.isfinite(answers).all() if task == "regression" else set(answers) <= {"low", "middle", "high"}


@pytest.mark.parametrize("task", TASKS)
def test_it_wins_a_search_and_is_served_by_a_graph(points, worded, tmp_path, task):
    X, y, use_case = worded(task)
    said = []
    trained = train(X, y, use_case, said.append)
    assert trained.family == "tfidf_network"
    assert trained.record["best_epoch"] >= 1
    assert any("epochs on all 300 rows" in line for line in said)
    write_bundle(tmp_path / "b", trained.pipeline, use_case, b"", X.tail(50), y[-50:])
    bundle = load_bundle(tmp_path / "b")
    assert bundle.engine == "onnx", bundle.manifest.onnx_refused
    expected, found = trained.pipeline.predict(X), bundle.predict(X).values
    if task == "regression":
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
    else:
        assert found.tolist() == expected.tolist()


def test_a_fit_gets_its_share_of_the_budget(build, frame):
    use_case = build(budget_s=24, folds=3)
    assert describe_problem(feature_frame(frame, use_case), use_case).fit_s == 6.0
