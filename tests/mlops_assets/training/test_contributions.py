import numpy as np
import pytest

from mlops_assets.training import explain
from mlops_assets.training.candidates import build_candidates, describe_problem
from mlops_assets.training.contributions import Contributions, contributions
from mlops_assets.training.explain import ExplainError, shap_values
from mlops_assets.training.features import feature_frame, target_values


def test_the_gap_is_a_share_of_the_largest_answer():
    # row 1: 1 + 2 + 3 = 6 = answer; row 2: 1 + 0 - 3 = -2, answer -1: missed by 1 of 6
    found = Contributions(
        np.array([[[2.0], [3.0]], [[0.0], [-3.0]]]), base=np.array([1.0]), output=np.array([[6.0], [-1.0]])
    )
    assert found.gap == pytest.approx(1 / 6)


def test_a_linear_models_values_by_hand():
    from sklearn.linear_model import LinearRegression

    X = np.array([[0.0, 1.0], [2.0, 1.0], [4.0, 4.0]])  # means 2 and 2
    found = contributions(LinearRegression().fit(X, 10 + 3 * X[:, 0] - X[:, 1]), X)
    # base 10 + 6 - 2 = 14; row 1: 3 * (0 - 2) = -6 and -(1 - 2) = 1, in all 9 = 10 + 0 - 1
    assert found.base == pytest.approx([14.0])
    assert found.values[0, :, 0] == pytest.approx([-6.0, 1.0])
    assert found.output[0, 0] == pytest.approx(9.0)


@pytest.mark.slow
@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.parametrize("name", ["linear scaled", "sgd scaled", "tree", "forest", "lightgbm", "xgboost"])
def test_base_and_values_add_up_to_the_answer(build, frame, task, name):
    use_case = build(task, families=[name.split()[0]])
    X, y = feature_frame(frame, use_case), target_values(frame, use_case)
    candidates = build_candidates(describe_problem(X, use_case), use_case)
    pipeline = next(each for each in candidates if each.name == name).pipeline.fit(X, y)
    model = getattr(pipeline["model"], "model_", pipeline["model"])
    inputs = pipeline["prepare"].transform(X[:50])
    found = contributions(model, np.asarray(inputs.toarray() if hasattr(inputs, "toarray") else inputs))
    assert found.values.shape[2] == (1 if task == "regression" else 3)
    assert found.gap < 1e-5
    if task == "regression":
        np.testing.assert_allclose(found.output[:, 0], pipeline.predict(X[:50]), rtol=1e-5)


@pytest.mark.slow
def test_values_that_do_not_add_up_are_not_shown(build, frame, monkeypatch):
    use_case = build("regression", families=["tree"])
    X, y = feature_frame(frame, use_case), target_values(frame, use_case)
    pipeline = build_candidates(describe_problem(X, use_case), use_case)[1].pipeline.fit(X, y)
    assert shap_values(pipeline, X, use_case).gap < 1e-9

    def shifted(model, inputs):
        found = contributions(model, inputs)
        return Contributions(found.values, found.base + 0.01 * np.abs(found.output).max(), found.output)

    monkeypatch.setattr(explain, "contributions", shifted)
    with pytest.raises(ExplainError, match=r"miss its answers by up to 1.0% of the largest, 0.1% may be rounding"):
        shap_values(pipeline, X, use_case)
