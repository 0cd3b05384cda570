import pytest

from mlops_assets.training.board import Leaderboard, Row
from mlops_assets.training.candidates import build_candidates, describe_problem
from mlops_assets.training.features import feature_frame
from mlops_assets.training.tune import tuning_rounds

TEXT = {"words": {"kind": "text"}}


@pytest.mark.parametrize(
    ("task", "family", "tuned"),
    [
        ("regression", "tfidf_linear", {"alpha"}),
        ("classification", "tfidf_linear", {"C"}),
        ("regression", "tfidf_svm", {"model__C"}),
        ("classification", "tfidf_svm", {"estimator__C"}),
        ("regression", "tfidf_forest", {"max_features", "min_samples_split"}),
    ],
)
def test_what_the_estimator_of_the_task_has_is_tuned(build, frame, task, family, tuned):
    use_case = build(task, families=[family], columns=TEXT)
    problem = describe_problem(feature_frame(frame.assign(words="a film"), use_case), use_case)
    candidates = build_candidates(problem, use_case)
    rows = [Row(each.name, each.family, "words", "ok", {"mae": (1.0,)}, 0.1) for each in candidates]
    rounds = tuning_rounds(candidates, Leaderboard.of(rows, "mae"), best=1, random_state=0)
    assert {name for turn in rounds for each in turn for name in each.params} == tuned


def test_a_grid_is_searched_whole_and_nothing_twice(build, frame):
    use_case = build("regression", families=["tfidf_forest"], columns=TEXT)
    problem = describe_problem(feature_frame(frame.assign(words="a film"), use_case), use_case)
    candidates = build_candidates(problem, use_case)
    rows = [Row(each.name, each.family, "words", "ok", {"mae": (1.0,)}, 0.1) for each in candidates]
    found = [each.params for turn in tuning_rounds(candidates, Leaderboard.of(rows, "mae"), 1, 0) for each in turn]
    assert len({tuple(sorted(params.items(), key=str)) for params in found}) == len(found) == 6  # 3 times 2
