import pytest

from mlops_assets.report.race import explanations_png, race_png
from mlops_assets.training.race.explained import Explained
from mlops_assets.training.race.turn import Turn

pytestmark = pytest.mark.slow
LOSS = {"keep": 3.0, "continue": 2.0, "refit_recent": 2.5, "refit_all": 2.1}


def turn(number: int, chosen: str = "continue") -> Turn:
    loss = LOSS if chosen else {}
    return Turn(f"2026010{number}T000000-1d", 10 if chosen else 0, 10, chosen, "because", loss, {}, {})


def test_windows_before_the_first_model_are_left_out():
    shown = [turn(2), turn(3, "keep")]
    assert race_png([turn(1, ""), *shown]) == race_png(shown)
    assert race_png(shown) != race_png(shown[:1])


def test_windows_without_an_explanation_are_left_out():
    told = [Explained(f"day {n}", "keep", {"x": n / 10, "y": 1 - n / 10}, 0.0, None, "") for n in range(3)]
    silent = Explained("day 9", "keep", {}, None, None, "no")
    assert explanations_png([*told, silent]) == explanations_png(told)
