"""The demo as it is typed, on rows made for it."""

import json

import pytest

pytestmark = pytest.mark.slow

LARGER_IS_BETTER = {"wine_quality": True, "review_rating": False}  # accuracy; mean absolute error


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
