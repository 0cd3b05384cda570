import numpy as np
import pytest
from sklearn.base import clone

from mlops_assets.training.blend import blended
from mlops_assets.training.board import Leaderboard, Row
from mlops_assets.training.candidates import build_candidates, describe_problem
from mlops_assets.training.features import feature_frame, target_values


def board_of(candidates, use_case, metric):
    rows = [Row(each.name, each.family, "plain", "ok", {metric: (1.0,)}, seconds=2.0) for each in candidates]
    return Leaderboard.of(rows, metric)


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_a_blend_answers_with_the_mean_of_its_members(build, frame, task):
    use_case = build(task, families=["linear", "tree"], preprocessing=["scaled"])
    X, y = feature_frame(frame, use_case), target_values(frame, use_case)
    candidates = build_candidates(describe_problem(X, use_case), use_case)
    blend = blended(candidates, board_of(candidates, use_case, use_case.training.metric), task)
    ask = "predict_proba" if task == "classification" else "predict"
    members = [getattr(clone(each.pipeline).fit(X, y), ask)(X) for each in candidates if each.family != "dummy"]
    found = getattr(blend.pipeline.fit(X, y), ask)(X)
    np.testing.assert_allclose(found, np.mean(members, axis=0), atol=1e-9)
    assert blend.expected_s == 4.0


def test_one_family_is_not_blended(build, frame):
    use_case = build(families=["linear"])
    X = feature_frame(frame, use_case)
    candidates = build_candidates(describe_problem(X, use_case), use_case)
    assert blended(candidates, board_of(candidates, use_case, "accuracy"), "classification") is None
