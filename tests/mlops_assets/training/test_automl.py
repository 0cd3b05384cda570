import itertools

import numpy as np
import pytest
from sklearn.pipeline import Pipeline

from mlops_assets.training.automl import TrainingError, train
from mlops_assets.training.engines import ENGINES, lean
from mlops_assets.training.features import feature_frame, target_values
from mlops_assets.training.preference import preferred

pytestmark = pytest.mark.slow


def run(use_case, frame, progress=lambda _: None, **more):
    return train(feature_frame(frame, use_case), target_values(frame, use_case), use_case, progress, **more)


@pytest.fixture()
def frozen():
    """A stopwatch that stands still: every candidate fits the budget."""
    return lambda: 0.0


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_the_winner_answers_with_original_labels_and_learns(build, frame, task):
    use_case = build(task, families=["linear", "tree"], tune_best=0)
    trained = run(use_case, frame)
    assert isinstance(trained.pipeline, Pipeline)
    answers = trained.pipeline.predict(feature_frame(frame, use_case))
    truth = target_values(frame, use_case)
    assert trained.board.best.candidate == trained.name
    if task == "classification":
        assert (answers == truth).mean() > 0.85
        assert trained.pipeline.classes_.tolist() == ["high", "low", "middle"]
    else:
        assert np.abs(answers - truth).mean() < 5  # the baseline errs by about 16


def test_the_same_seed_gives_the_same_model(build, frame):
    use_case = build(families=["tree"], tune_best=1)
    first, second = (run(use_case, frame, stopwatch=lambda: 0.0) for _ in range(2))
    assert first.name == second.name
    assert [row.scores for row in first.board.rows] == [row.scores for row in second.board.rows]


def test_the_best_families_are_tuned_and_blended(build, frame, frozen):
    trained = run(build(families=["linear", "tree"], tune_best=1, folds=2), frame, stopwatch=frozen)
    names = [row.candidate for row in trained.board.rows]
    assert sum(name.startswith("tree tuned") for name in names) == 30
    assert any(name.startswith("blend of ") for name in names)
    best = next(row for row in trained.board.rows if row.candidate.startswith("tree tuned"))
    assert set(best.params) == {"max_depth", "min_samples_leaf"}


def test_nothing_is_tuned_that_was_not_asked_for(build, frame, frozen):
    trained = run(build(families=["tree"], tune_best=0), frame, stopwatch=frozen)
    assert {row.candidate for row in trained.board.rows} == {"dummy", "tree"}


def test_the_baseline_is_on_the_board(build, frame):
    trained = run(build(families=["tree"], tune_best=0), frame)
    assert "dummy" in [row.candidate for row in trained.board.rows]


def test_the_winner_is_the_preferred_row_of_the_board(build, frame):
    for preference in ("best", "cheaper_if_equivalent"):
        use_case = build(families=["tree", "forest"], tune_best=0, prefer=preference)
        trained = run(use_case, frame)
        assert trained.name == preferred(trained.board, preference).candidate


def test_a_class_of_two_rows_is_named_and_trained(build, frame):
    said = []
    rare = frame.assign(label=np.where(np.arange(300) < 2, "rare", frame["label"]))
    trained = run(build(families=["linear", "tree"], tune_best=0, metric="f1_macro"), rare, said.append)
    assert said[0] == "fewer rows than the 3 folds, so that some folds do not score them: rare 2"
    assert "rare" in trained.pipeline.classes_
    assert {row.status for row in trained.board.rows} == {"ok"}


def test_one_label_is_refused(build, frame):
    with pytest.raises(TrainingError, match="every row has the label 'low'"):
        run(build(), frame.assign(label="low"))


def test_no_survivor_is_an_error_that_names_the_budget(build, frame):
    seconds = iter(np.arange(0.0, 1000.0, 5.0))
    with pytest.raises(TrainingError, match=r"no candidate got a score within 1 s; raise training.budget_s"):
        run(build(families=["tree"], budget_s=1), frame, stopwatch=lambda: float(next(seconds)))


def test_opening_an_engine_costs_the_budget_nothing(build, frame, monkeypatch):
    now = [0.0]

    def slow_to_open(comparison):
        now[0] += 100.0
        return lean.open_comparison(comparison)

    monkeypatch.setitem(ENGINES, "lean", slow_to_open)
    trained = run(build(families=["tree"], engine="lean", tune_best=0, budget_s=1), frame, stopwatch=lambda: now[0])
    assert {row.status for row in trained.board.rows} == {"ok"}


def test_progress_ends_with_the_winner(build, frame):
    told = []
    trained = run(build(families=["tree"], tune_best=0), frame, told.append)
    assert told[-1] == f"fitting {trained.name} on all 300 rows"


def test_the_budget_is_kept(build, frame):
    looks = itertools.count()
    trained = run(build(budget_s=3), frame, stopwatch=lambda: 0.01 * next(looks))
    assert trained.seconds < 3.5  # the last fold of a candidate may overrun it
    assert "skipped" in {row.status for row in trained.board.rows}
