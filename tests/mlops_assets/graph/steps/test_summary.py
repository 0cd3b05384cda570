import json

import pytest
from tiny_stream import arrive, open_light, rows, tiny_stream

from mlops_assets.graph.steps.eda import explore_all
from mlops_assets.graph.steps.placing import place_batches
from mlops_assets.graph.steps.race import RECORD
from mlops_assets.graph.steps.summary import summary_facts
from mlops_assets.report.summary import summary_html
from mlops_assets.training.race.explained import Explained
from mlops_assets.training.race.standing import even
from mlops_assets.training.race.turn import Turn

pytestmark = pytest.mark.slow


@pytest.fixture
def stream(tmp_path):
    installation = open_light(tmp_path / "home", tiny_stream())
    yield installation
    installation.state.close()


def race_record() -> bytes:
    """Two windows, of which the first had no model yet."""
    turns = [
        Turn("w1", 0, 0, "", "", {}, {}, {}),
        Turn("w2", 20, 40, "keep", "no label yet", {"keep": 0.5, "refit_all": 0.25}, {"keep": "as it was"}, {}),
    ]
    explained = [Explained("w2", "keep", {"x": 0.75, "y": 0.25}, 1e-9, None, "")]
    standing = even(["keep", "refit_all"]).to_dict()
    record = {"recipe": "linear plain", "standing": standing, "turns": [turn.to_dict() for turn in turns]}
    return json.dumps(record | {"explained": [one.to_dict() for one in explained]}).encode()


def test_before_anything_there_is_a_page_all_the_same(stream):
    use_case = stream.use_cases["tiny"]
    facts = summary_facts(stream, use_case, None)
    assert (facts["data"], facts["race"], facts["explained"], facts["windows"]) == (None, None, {}, [])
    assert "no row was accepted yet" in summary_html(use_case, facts | {"links": {}})


def test_the_page_of_a_stream_shows_its_data_windows_and_race(stream):
    use_case = stream.use_cases["tiny"]
    arrive(stream, "a", rows("1", "1.5", "2"))
    place_batches(stream, use_case)
    stream.lake.write_bytes(race_record(), "tiny", "race", RECORD)
    facts = summary_facts(stream, use_case, explore_all(stream, use_case))
    text = summary_html(use_case, facts | {"links": {}})
    assert facts["data"].rows == 3
    assert [line.key for line in facts["windows"]] == ["20260102T000000-1d", "20260101T000000-1d"]
    assert list(facts["race"][1]) == ["Mean loss so far", "What the used models listened to"]
    assert text.count("<img") == 2
    assert "linear plain is raced; refit_all is used next" in text
    assert "<td>x (75%)</td>" in text
