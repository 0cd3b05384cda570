from mlops_assets.drift.findings import Finding
from mlops_assets.drift.groups import GROUP_OF_KIND
from mlops_assets.drift.wording import WORDS, reason


def test_every_kind_of_score_has_its_words():
    assert set(WORDS) == set(GROUP_OF_KIND)


def test_a_reason_tells_effect_and_score():
    finding = Finding("colour", "label", 4.24, -0.125, "red")
    assert reason(finding) == "share of red changed by -0.125 (score 4.2)"
