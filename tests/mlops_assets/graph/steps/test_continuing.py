from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tiny_loop import points, tiny

from mlops_assets.graph.steps.continuing import SUFFIX, Learner, learn_on
from mlops_assets.training.candidates import build_candidates, describe_problem
from mlops_assets.training.features import BATCH, feature_frame, target_values
from mlops_assets.training.incremental.refusal import RefitNeededError

OLD, NEW = "000002-old", "000003-new"
CASE = tiny(training={"families": ["sgd", "linear"], "preprocessing": ["scaled"]})


@pytest.fixture(scope="module")
def rows():
    """A batch that the champion knows, and one with another line between yes and no."""
    frames = (points(1).assign(**{BATCH: OLD}), points(2, above=1.5).assign(**{BATCH: NEW}))
    return pd.concat(frames, ignore_index=True)


def learner(rows, family="sgd"):
    old = rows[rows[BATCH] == OLD]
    X, y = feature_frame(old, CASE), target_values(old, CASE)
    found = next(each for each in build_candidates(describe_problem(X, CASE), CASE) if each.family == family)
    return Learner(found.pipeline.fit(X, y), found.name, family, frozenset({OLD}))


def test_the_champion_learns_the_rows_that_it_does_not_know(rows):
    champion, said = learner(rows), []
    trained = learn_on(rows, CASE, champion, said.append)
    new = rows[rows[BATCH] == NEW]
    X, y = feature_frame(new, CASE), target_values(new, CASE)
    assert np.mean(trained.pipeline.predict(X) == y) > np.mean(champion.pipeline.predict(X) == y) + 0.1
    assert trained.name == champion.candidate + SUFFIX
    assert said == ["continuing sgd scaled on 300 new rows"]


def test_batches_older_than_all_that_it_knows_are_not_what_is_new(rows):
    """A champion of the recent windows goes on from there: what came before them is not learnt last."""
    earlier = points(3, above=-1.5).assign(**{BATCH: "000001-earlier"})
    said = []
    learn_on(pd.concat([earlier, rows], ignore_index=True), CASE, learner(rows), said.append)
    assert said == ["continuing sgd scaled on 300 new rows"]


def test_the_board_shows_what_was_scored_on_rows_that_were_not_learnt(rows):
    trained = learn_on(rows, CASE, learner(rows), lambda _: None)
    (row,) = trained.board.rows
    assert (row.status, row.preprocessing) == ("ok", "frozen")
    assert (row.scores["accuracy"][0] * 60) % 1 == pytest.approx(0)  # a fifth of 300 rows


def test_without_enough_new_rows_a_refit_is_due(rows):
    few = rows[: 300 + 49]
    with pytest.raises(RefitNeededError, match="49 rows are new to the champion, 50 are due"):
        learn_on(few, CASE, learner(rows), lambda _: None)


def test_a_champion_without_a_pipeline_asks_for_a_refit(rows):
    tuned = replace(learner(rows), pipeline=None, candidate="bert")
    with pytest.raises(RefitNeededError, match="bert has no pipeline that could learn on"):
        learn_on(rows, CASE, tuned, lambda _: None)


def test_a_family_that_cannot_asks_for_a_refit(rows):
    with pytest.raises(RefitNeededError, match="models of 'linear' cannot learn on"):
        learn_on(rows, CASE, learner(rows, "linear"), lambda _: None)
