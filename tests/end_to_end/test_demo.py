"""The demo on rows made for it; only the tuning is left out, which fills whatever time there is."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mlops_assets.demo import STAGES
from mlops_assets.demo.stage import Stage
from tests.end_to_end.conftest import QUICK, free_port

pytestmark = pytest.mark.slow

LARGER_IS_BETTER = {"wine_quality": True, "review_rating": False}  # accuracy; mean absolute error
KEPT = ("training.budget_s", "training.tune_best", "decision.uneven_labels")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stages whose outcome does not depend on how busy the machine is, or on which arm is drawn for a request."""
    changes = tuple(change for change in QUICK if change.startswith(KEPT))

    def without_tuning(build: Callable[[Path | None], Stage]) -> Callable[[Path | None], Stage]:
        return lambda data: replace(built := build(data), settings=(*built.settings, *changes))

    for name in LARGER_IS_BETTER:
        monkeypatch.setitem(STAGES, name, without_tuning(STAGES[name]))
    monkeypatch.setattr("mlops_assets.cli.demo.free_port", free_port)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("use_case", LARGER_IS_BETTER)
def test_the_story_ends_in_a_promotion(home, use_case: str) -> None:
    told = json.loads(home.mlops("demo", "--use-case", use_case, "--engine", "lean", "--json").splitlines()[-1])
    assert told["use_case"] == use_case
    drifted = [alarm["drifted"] for alarm in told["alarms"]]
    assert drifted[:2] == [False, False]
    assert drifted[2:] and all(drifted[2:])
    assert told["verdict"] == "promote"
    first, last = told["first_champion"], told["champion"]
    assert last["version"] > first["version"]
    assert (last["value"] > first["value"]) == LARGER_IS_BETTER[use_case]
    assert told["difference"]["low"] > 0
    assert told["labels_used"] >= 50
