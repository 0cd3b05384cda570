"""Every continuation through the same checks."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from mlops_assets.bundle.export import write_bundle
from mlops_assets.bundle.load import load_bundle, load_pipeline
from mlops_assets.training import incremental
from mlops_assets.training.candidates import build_candidates, describe_problem
from mlops_assets.training.families import FAMILIES
from mlops_assets.training.features import feature_frame, target_values
from mlops_assets.training.incremental import CONTINUATIONS, forest, rounds
from mlops_assets.training.incremental.continued import continued
from mlops_assets.training.incremental.refusal import RefitNeededError

TASKS = ["classification", "regression"]


def test_the_table_lists_every_file():
    folder = Path(incremental.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__", "continued", "known", "refusal", "rounds"}
    assert {function.__module__.rpartition(".")[2] for function in CONTINUATIONS.values()} == files
    assert set(CONTINUATIONS) <= set(FAMILIES)


@pytest.fixture()
def case(build, frame):
    """Use case, fitted pipeline, X and y of a family and task."""

    def of(family, task, rows=frame):
        use_case = build(task, families=[family])
        X, y = feature_frame(rows, use_case), target_values(rows, use_case)
        chosen = [each for each in build_candidates(describe_problem(X, use_case), use_case) if each.family == family]
        scaled = next((each for each in chosen if each.name.endswith("scaled")), chosen[0])
        return use_case, scaled.pipeline.fit(X, y), X, y

    return of


def answers(pipeline, X):
    return pipeline.predict_proba(X) if hasattr(pipeline, "predict_proba") else pipeline.predict(X)


def shifted(X, y, task):
    """The same rows under another truth: ten minutes more, or two labels that changed places."""
    if task == "regression":
        return y + 10.0
    names = {"low": "high", "high": "low", "middle": "middle"}
    return np.array([names[each] for each in y])


@pytest.mark.slow
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("family", CONTINUATIONS)
def test_a_continuation_learns_the_new_and_leaves_the_old_model_alone(case, family, task):
    _, pipeline, X, y = case(family, task)
    new, before = shifted(X, y, task), answers(pipeline, X)
    grown = pipeline
    for _ in range(3):
        grown = continued(grown, family, X, new, unseen_max=0.0)
    np.testing.assert_array_equal(answers(pipeline, X), before)
    assert type(grown) is Pipeline
    assert grown.steps[0][1] is pipeline.steps[0][1]  # frozen
    wrong = [np.mean(each.predict(X) != new) for each in (pipeline, grown)]
    missed = [np.mean(np.abs(each.predict(X) - new)) for each in (pipeline, grown)] if task == "regression" else wrong
    assert missed[1] < 0.6 * missed[0]


@pytest.mark.slow
@pytest.mark.parametrize("family", CONTINUATIONS)
def test_its_clone_is_the_recipe_of_the_first_fit(case, family):
    _, pipeline, X, y = case(family, "regression")
    grown = continued(pipeline, family, X, y, unseen_max=0.0)
    np.testing.assert_allclose(clone(grown).fit(X, y).predict(X), pipeline.predict(X))


@pytest.mark.slow
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("family", CONTINUATIONS)
def test_it_is_written_as_a_bundle_and_continued_from_there(case, family, task, tmp_path):
    use_case, pipeline, X, y = case(family, task)
    grown = continued(pipeline, family, X, y, unseen_max=0.0)
    write_bundle(tmp_path / "bundle", grown, use_case, b"reference", X, y)
    found = load_bundle(tmp_path / "bundle").predict(X)
    np.testing.assert_allclose(
        found.values if found.probabilities is None else found.probabilities, answers(grown, X), rtol=1e-3, atol=1e-4
    )
    again = continued(load_pipeline(tmp_path / "bundle"), family, X, y, unseen_max=0.0)
    np.testing.assert_allclose(
        answers(again, X), answers(continued(grown, family, X, y, unseen_max=0.0), X), rtol=1e-5, atol=1e-6
    )


@pytest.mark.slow
@pytest.mark.parametrize("family", sorted(set(CONTINUATIONS) - {"forest"}))
def test_a_window_without_a_class_still_teaches(case, family):
    _, pipeline, X, y = case(family, "classification")
    rows = y != "high"
    grown = continued(pipeline, family, X[rows], y[rows], unseen_max=0.0)
    assert list(grown.classes_) == list(pipeline.classes_)
    assert grown.predict_proba(X).shape == (len(X), 3)


@pytest.mark.slow
def test_a_forest_needs_every_class(case):
    _, pipeline, X, y = case("forest", "classification")
    rows = y != "high"
    with pytest.raises(RefitNeededError, match=r"no row of class 'high'.*a refit is due"):
        continued(pipeline, "forest", X[rows], y[rows], unseen_max=0.0)


@pytest.mark.slow
def test_a_forest_of_balanced_classes_grows_by_the_weights_of_the_new_rows(case):
    _, pipeline, X, y = case("forest", "classification")
    model = pipeline["model"].set_params(class_weight="balanced")
    inputs, labels = pipeline["prepare"].transform(X), np.array(["low", "high", "middle", "low"] * (len(y) // 4))
    grown = forest.continue_fit(model, inputs, labels, {})
    assert (grown.class_weight, grown.warm_start, len(grown.estimators_)) == ("balanced", False, 100)
    # one half is 'low': it weighs n / (3 * n / 2) = 2/3, the quarters n / (3 * n / 4) = 4/3 each
    expected = {"high": 4 / 3, "low": 2 / 3, "middle": 4 / 3}
    assert forest._weights(model, labels)["class_weight"] == pytest.approx(expected)


@pytest.mark.slow
def test_a_forest_stays_as_large_as_it_was(case):
    _, pipeline, X, y = case("forest", "regression")
    grown = continued(pipeline, "forest", X, y, unseen_max=0.0)
    old, new = pipeline["model"].estimators_, grown["model"].estimators_
    assert len(new) == len(old) == 100
    assert sum(each is kept for each, kept in zip(old[20:], new, strict=False)) == 80  # a fifth is new
    assert forest.SHARE == 0.2


@pytest.mark.slow
@pytest.mark.parametrize("family", ["xgboost", "lightgbm"])
def test_a_booster_grows_no_further_than_it_may(case, family, monkeypatch):
    _, pipeline, X, y = case(family, "regression")
    monkeypatch.setattr(rounds, "ROUNDS_MAX", 130)
    grown = continued(pipeline, family, X, y, unseen_max=0.0)  # 100 rounds and 20
    with pytest.raises(RefitNeededError, match="has 120 rounds and may have 130"):
        continued(grown, family, X, y, unseen_max=0.0)


def test_a_family_that_cannot_learn_on_is_refused(case):
    _, pipeline, X, y = case("linear", "regression")
    with pytest.raises(
        RefitNeededError, match="models of 'linear' cannot learn on, those of xgboost, lightgbm, forest"
    ):
        continued(pipeline, "linear", X, y, unseen_max=0.0)


def test_new_categories_are_refused_before_anything_is_learnt(case):
    _, pipeline, X, y = case("sgd", "regression")
    with pytest.raises(RefitNeededError, match="colour: 300 of 300 rows have a category"):
        continued(pipeline, "sgd", X.assign(colour="violet"), y, unseen_max=0.5)


def test_missing_values_are_no_new_categories(case):
    _, pipeline, X, y = case("sgd", "regression")
    nothing = pd.Series(np.nan, index=X.index, dtype=object)
    continued(pipeline, "sgd", X.assign(colour=nothing), y, unseen_max=0.0)
