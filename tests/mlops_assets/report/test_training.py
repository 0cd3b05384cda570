import struct

import numpy as np
import pytest

from mlops_assets.report.training import (
    fit_curve_png,
    fit_pngs,
    importance_png,
    leaderboard_markdown,
    leaderboard_png,
)
from mlops_assets.training.board import Leaderboard, Row
from mlops_assets.training.explain import Importance

CLASSES = np.array(["high", "low", "middle"])


@pytest.fixture()
def board():
    rows = [
        Row("linear", "linear", "scaled", "ok", {"accuracy": (0.5, 0.7), "log_loss": (1.0, 1.0)}, 1.0, request_ms=0.25),
        Row("tree", "tree", "plain", "failed", {}, 0.2, "ValueError: a | b"),
    ]
    return Leaderboard.of(rows, "accuracy")


def size(png):
    """Width and height in pixels, from the picture's header."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", png[16:24])


def answers(n_rows, classes=CLASSES):
    probabilities = np.random.default_rng(0).dirichlet(np.ones(len(classes)), n_rows)
    return classes[probabilities.argmax(axis=1)], probabilities


def test_the_table_shows_scores_and_reasons(board):
    assert leaderboard_markdown(board).splitlines() == [
        "| candidate | accuracy | balanced_accuracy | f1_macro | log_loss | ms a request | seconds | |",
        "|---|---:|---:|---:|---:|---:|---:|---|",
        "| linear | 0.6000 ± 0.1000 |  |  | 1.0000 ± 0.0000 | 0.25 | 1.0 |  |",
        "| tree |  |  |  |  |  | 0.2 | failed: ValueError: a \\| b |",
    ]


@pytest.mark.slow
def test_a_board_is_as_high_as_it_has_rows(board):
    more = Leaderboard.of([*board.rows, *(board.rows[0],) * 5], "accuracy")
    assert size(leaderboard_png(more, "linear"))[1] > size(leaderboard_png(board, "linear"))[1]


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["accuracy lost", "mean |SHAP|"])
def test_importance_is_drawn(unit):
    names = tuple(f"a rather long name of a column, number {number}" for number in range(30))
    drawn = importance_png(Importance(names, (1.0,) * 30, (0.1,) * 30, unit, rows=100))
    assert min(size(drawn)) > 200


@pytest.mark.slow
def test_a_classification_gets_its_pictures():
    labels, probabilities = answers(60)
    pictures = fit_pngs(labels, np.roll(labels, 1), probabilities, CLASSES)
    assert list(pictures) == ["confusion", "calibration", "roc"]
    assert all(min(size(each)) > 200 for each in pictures.values())


@pytest.mark.slow
@pytest.mark.parametrize("n_classes", [2, 20])
def test_few_rows_and_many_classes_are_drawn(n_classes):
    classes = np.arange(n_classes)
    labels, probabilities = answers(5, classes)
    assert len(fit_pngs(labels, labels[::-1], probabilities, classes)) == 3


@pytest.mark.slow
def test_a_true_class_that_the_model_never_saw_has_its_row():
    labels, probabilities = answers(30)
    truth = np.where(np.arange(30) < 2, "unknown", labels)
    assert size(fit_pngs(labels, truth, probabilities, CLASSES)["confusion"])[0] > 200


@pytest.mark.slow
def test_a_regression_gets_its_pictures():
    truth = np.random.default_rng(0).normal(size=50)
    pictures = fit_pngs(truth + 0.1, truth)
    assert list(pictures) == ["predicted_vs_true", "residuals"]
    assert all(min(size(each)) > 200 for each in pictures.values())


def test_a_row_of_one_fold_has_no_spread_and_shows_its_note():
    row = Row("bert", "bert", "own", "ok", {"mae": (0.9,)}, 300.0, "scored on the last of 5 folds", request_ms=11.0)
    line = leaderboard_markdown(Leaderboard.of([row], "mae")).splitlines()[2]
    assert line == "| bert | 0.9000 |  |  | 11.00 | 300.0 | scored on the last of 5 folds |"


@pytest.mark.slow
def test_the_curve_of_a_fit_is_drawn():
    curve = [
        {"epoch": at / 2, "train_loss": 1 / (at + 1), "held_out_loss": 0.5 + abs(at - 3) / 9} for at in range(1, 7)
    ]
    assert min(size(fit_curve_png(curve))) > 200
