"""Every family and every candidate of it through the same checks."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlops_assets.spec import Training
from mlops_assets.training import families
from mlops_assets.training.candidates import UnknownFamilyError, build_candidates, describe_problem
from mlops_assets.training.families import FAMILIES
from mlops_assets.training.features import feature_frame, target_values
from mlops_assets.use_cases.load import find_use_case

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def candidates(use_case, X):
    return build_candidates(describe_problem(X, use_case), use_case)


def test_the_table_lists_every_file():
    folder = Path(families.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__", "family"}
    named = {family.models.__module__.rpartition(".")[2] for family in FAMILIES.values()}
    assert named == files


def test_names_are_the_tables_keys():
    assert {name: family.name for name, family in FAMILIES.items()} == {name: name for name in FAMILIES}


def test_the_default_families_exist():
    assert set(Training(metric="mae").families) <= set(FAMILIES)


def test_an_unknown_family_is_refused_with_those_that_exist(build, frame):
    use_case = build(families=["linear", "neural"])
    with pytest.raises(UnknownFamilyError, match=r"training.families: 'neural' is unknown; available: dummy, linear"):
        candidates(use_case, feature_frame(frame, use_case))


def test_the_baseline_is_first_and_cheap_families_follow(build, frame):
    use_case = build(families=["boosting", "linear"])
    found = [each.name for each in candidates(use_case, feature_frame(frame, use_case))]
    assert found == ["dummy", "linear plain", "linear scaled", "linear power", "boosting"]


def test_families_that_are_proposed_come_right_after_the_baseline(build, frame):
    use_case = build(families=["linear", "tree", "forest"], preprocessing=["plain"])
    problem = describe_problem(feature_frame(frame, use_case), use_case)
    found = [each.family for each in build_candidates(problem, use_case, first=("forest", "boosting", "tree"))]
    assert found == ["dummy", "forest", "tree", "linear"]


def test_scaling_is_no_candidate_without_numbers(build, frame):
    columns = {"size": {"kind": "numeric", "feature": False}, "noise": {"kind": "numeric", "feature": False}}
    use_case = build(families=["linear"], columns=columns)
    assert [each.name for each in candidates(use_case, feature_frame(frame, use_case))] == ["dummy", "linear plain"]


TEXT = ["tfidf_linear", "tfidf_svm", "tfidf_forest"]


def test_families_of_text_read_words_and_where_it_helps_pieces(build, frame):
    use_case = build(families=TEXT, columns={"words": {"kind": "text"}})
    found = [each.name for each in candidates(use_case, feature_frame(frame, use_case))]
    linear = ["tfidf_linear words", "tfidf_linear pieces", "tfidf_svm words", "tfidf_svm pieces"]
    assert found == ["dummy", *linear, "tfidf_forest words"]


def test_the_reviews_train_every_family_or_the_one_that_is_asked_for():
    asked = {"all": [], "one": ["training.families=[tfidf_forest]"]}
    families = {}
    for name, overrides in asked.items():
        use_case = find_use_case("review_rating", None, overrides)
        X = feature_frame(pd.DataFrame({"text": ["a good film", "a bad plot"]}), use_case)
        families[name] = {each.family for each in candidates(use_case, X)}
    assert families == {"all": {"dummy", *TEXT}, "one": {"dummy", "tfidf_forest"}}


def test_without_a_text_their_candidates_are_left_out(build, frame):
    use_case = build(families=["tree", *TEXT])
    assert [each.name for each in candidates(use_case, feature_frame(frame, use_case))] == ["dummy", "tree"]


def test_nothing_but_families_of_text_without_a_text_is_refused(build, frame):
    use_case = build(families=TEXT)
    with pytest.raises(UnknownFamilyError, match="tfidf_linear, tfidf_svm, tfidf_forest read text, and no feature is"):
        candidates(use_case, feature_frame(frame, use_case))


def test_numbers_beside_words_are_scaled_for_linear_models_alone(build, frame):
    use_case = build("regression", families=TEXT, columns={"words": {"kind": "text"}})
    X = feature_frame(frame.assign(words="a film"), use_case)
    scaled = {
        each.name: hasattr(each.pipeline["prepare"].transformers[0][1], "steps") for each in candidates(use_case, X)[1:]
    }
    assert scaled == {name: "forest" not in name for name in scaled}


def test_absolute_loss_is_a_candidate_for_mae_only(build, frame):
    by_metric = {}
    for metric in ("mae", "rmse"):
        use_case = build("regression", metric=metric)
        found = candidates(use_case, feature_frame(frame, use_case))
        by_metric[metric] = {each.family for each in found if "absolute" in each.name}
    assert by_metric == {"mae": {"lightgbm", "xgboost", "boosting"}, "rmse": set()}


def test_large_tables_get_large_models(build, frame):
    use_case = build(families=["lightgbm"])
    many = pd.concat([feature_frame(frame, use_case)] * 70)
    assert [each.name for each in candidates(use_case, many)] == ["dummy", "lightgbm", "lightgbm large"]


@pytest.mark.slow
@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.parametrize("texts", [False, True])
def test_every_candidate_answers_rows_it_never_saw(build, frame, task, texts):
    """Unseen categories, missing values, words never met: each gets one of the labels, or a finite number."""
    use_case = build(task, columns={"words": {"kind": "text"}} if texts else {})
    frame = frame.assign(words=np.where(frame["size"] > 0, "good film", "bad plot"))
    X, y = feature_frame(frame, use_case), target_values(frame, use_case)
    strange = X.head(4).assign(colour=["violet", np.nan, "red", "red"], size=[np.nan, 1e6, -1e6, 0.0])
    strange = strange.assign(words=["", "unheard", "good", "bad"])[list(X)] if texts else strange
    for candidate in candidates(use_case, X):
        fitted = candidate.pipeline.fit(X, y)
        answers = fitted.predict(strange)
        if task == "classification":
            assert set(answers) <= {"low", "middle", "high"}, candidate.name
            np.testing.assert_allclose(fitted.predict_proba(strange).sum(axis=1), 1, rtol=1e-6)
        else:
            assert np.isfinite(answers).all(), candidate.name


@pytest.mark.slow
def test_many_categories_share_codes(build):
    random = np.random.default_rng(0)
    colours = np.concatenate([np.arange(400), random.integers(0, 400, 1600)]).astype(str)
    frame = pd.DataFrame({"size": 1.0, "noise": 1.0, "colour": colours, "minutes": colours.astype(float)})
    use_case = build("regression", families=["boosting", "lightgbm", "xgboost", "tree"])
    X, y = feature_frame(frame, use_case), target_values(frame, use_case)
    errors = {each.name: np.abs(each.pipeline.fit(X, y).predict(X) - y).mean() for each in candidates(use_case, X)}
    assert errors["dummy"] == pytest.approx(100, abs=10)  # mean distance of a uniform 0..399 from its middle
    assert all(error < errors["dummy"] for name, error in errors.items() if name != "dummy"), errors


@pytest.mark.slow
def test_words_of_another_alphabet_are_words(build):
    use_case = build(families=["linear"], columns={"words": {"kind": "text"}})
    frame = pd.DataFrame({"words": ["хороший фильм", "плохой сюжет"] * 30, "label": ["high", "low"] * 30})
    X, y = feature_frame(frame, use_case), target_values(frame, use_case)
    model = candidates(use_case, X)[1].pipeline.fit(X, y)
    assert (model.predict(X) == y).all()
