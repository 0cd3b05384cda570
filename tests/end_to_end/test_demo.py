"""The demo as it is typed, on drawn rows."""

import json

import pytest

pytestmark = pytest.mark.slow


def test_the_story_ends_in_a_promotion(home) -> None:
    told = json.loads(home.mlops("demo", "--engine", "lean", "--json").splitlines()[-1])
    drifted = [alarm["drifted"] for alarm in told["alarms"]]
    assert drifted[:2] == [False, False]
    assert drifted[2:] and all(drifted[2:])
    assert told["verdict"] == "promote"
    assert told["champion"]["version"] > told["first_champion"]["version"]
    assert told["champion"]["value"] > told["first_champion"]["value"]
    assert told["difference"]["low"] > 0
    assert told["labels_used"] >= 50
