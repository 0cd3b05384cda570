import numpy as np
import pytest

from mlops_assets.training.blend import blended
from mlops_assets.training.board import Leaderboard, Row
from mlops_assets.training.candidates import build_candidates, describe_problem
from mlops_assets.training.explain import ExplainError, permutation, shap_values
from mlops_assets.training.features import feature_frame, target_values

pytestmark = pytest.mark.slow


def fitted(use_case, frame, name):
    X, y = feature_frame(frame, use_case), target_values(frame, use_case)
    candidates = build_candidates(describe_problem(X, use_case), use_case)
    pipeline = next(each for each in candidates if each.name == name).pipeline
    return pipeline.fit(X, y), X, y


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_permutation_finds_what_the_truth_is_made_of(build, frame, task):
    use_case = build(task, families=["tree"])
    found = permutation(*fitted(use_case, frame, "tree"), use_case)
    assert set(found.names[:2]) == {"size", "colour"}
    assert found.mean[2] == pytest.approx(0, abs=0.2 * found.mean[0])  # noise
    assert found.rows == 200


def test_permutation_is_the_same_each_time(build, frame):
    use_case = build(families=["tree"])
    model = fitted(use_case, frame, "tree")
    assert permutation(*model, use_case) == permutation(*model, use_case)


@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.parametrize("name", ["linear scaled", "tree", "forest", "lightgbm", "xgboost"])
def test_shap_sums_the_parts_of_a_column(build, frame, task, name):
    use_case = build(task, explain_rows=20)
    pipeline, X, _ = fitted(use_case, frame, name)
    found = shap_values(pipeline, X, use_case)
    assert sorted(found.names) == ["colour", "noise", "size"]
    assert found.names[2] == "noise"
    assert np.isfinite(found.mean).all()


def test_shap_sums_the_words_of_a_text(build, frame):
    use_case = build(families=["linear"], columns={"words": {"kind": "text"}}, explain_rows=20)
    texts = frame.assign(words=np.where(frame["size"] > 0, "good film", "bad plot"))
    pipeline, X, _ = fitted(use_case, texts, "linear scaled")
    assert "words" in shap_values(pipeline, X, use_case).names


def test_a_model_that_shap_does_not_know_is_refused(build, frame):
    use_case = build()
    pipeline, X, _ = fitted(use_case, frame, "dummy")
    with pytest.raises(ExplainError, match="SHAP cannot explain DummyClassifier here"):
        shap_values(pipeline, X, use_case)


def test_category_splits_that_shap_misreads_are_refused(build, frame):
    use_case = build()
    pipeline, X, _ = fitted(use_case, frame, "boosting")
    with pytest.raises(ExplainError, match="cannot read the category splits of HistGradientBoostingClassifier"):
        shap_values(pipeline, X, use_case)


def test_boosting_without_categories_is_explained(build, frame):
    use_case = build(columns={"colour": {"kind": "category", "feature": False}}, explain_rows=20)
    pipeline, X, _ = fitted(use_case, frame, "boosting")
    assert shap_values(pipeline, X, use_case).names == ("size", "noise")


@pytest.mark.parametrize(
    ("name", "limit"), [("tfidf_forest words", "TREE_COLUMNS_MAX"), ("tfidf_linear words", "COLUMNS_MAX")]
)
def test_more_columns_than_shap_gets_through_are_refused(build, frame, monkeypatch, name, limit):
    monkeypatch.setattr(f"mlops_assets.training.explain.{limit}", 3)
    use_case = build("regression", families=[name.split()[0]], columns={"words": {"kind": "text"}}, explain_rows=20)
    pipeline, X, _ = fitted(use_case, frame.assign(words="good film"), name)
    with pytest.raises(ExplainError, match="columns behind the preprocessing; SHAP is asked about 3 at most"):
        shap_values(pipeline, X, use_case)


def test_a_blend_is_refused(build, frame):
    use_case = build(families=["linear", "tree"])
    X, y = feature_frame(frame, use_case), target_values(frame, use_case)
    candidates = build_candidates(describe_problem(X, use_case), use_case)
    rows = [Row(each.name, each.family, "plain", "ok", {"accuracy": (1.0,)}) for each in candidates]
    blend = blended(candidates, Leaderboard.of(rows, "accuracy"), "classification")
    with pytest.raises(ExplainError, match="VotingClassifier joins several models"):
        shap_values(blend.pipeline.fit(X, y), X, use_case)


def test_no_rows_to_explain_is_refused(build, frame):
    use_case = build(families=["tree"], explain_rows=0)
    with pytest.raises(ExplainError, match="explain_rows: 0 rows"):
        permutation(*fitted(use_case, frame, "tree"), use_case)
