import pytest
from chain import NOON, tell

from mlops_assets.certificate.certificate import Alarm, Candidate, Certificate, read_certificate
from mlops_assets.report.certificate import certificate_html, done

HASH = "ab" * 32
EXPECTED = {
    "a_row": 0.05, "low": 0.02, "high": 0.08, "gain": 500.0, "horizon_rows": 10_000, "cost": 0.0, "source": "labels",
    "mean": 0.3,
}  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> dict[str, Certificate]:
    folder = tell(tmp_path_factory.mktemp("chain")).folder
    certificates = [read_certificate(path.read_bytes()) for path in sorted(folder.glob("*.json"))]
    return {one.kind: one for one in certificates}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("first", "version 1 is the first champion"),
        ("promote", "version 2 is champion in place of version 1"),
        ("reject", "version 3 was rejected; version 2 stays champion"),
        ("rollback", "version 1 is champion again, in place of version 2"),
    ],
)
def test_the_lead_says_what_was_done(told, kind, words):
    assert done(told[kind]) == words
    assert words.capitalize() in certificate_html(told[kind], HASH)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("reject", "ended: it is worse; version 2 stays champion"),
        ("equivalent", "ended: it makes no difference that counts; version 2 stays champion"),
        ("inconclusive", "ended without an answer; version 2 stays champion"),
    ],
)
def test_the_end_of_a_watch_is_told_as_one(told, kind, words):
    former = told["reject"].versions[0].model_copy(update={"version": 1})
    certificate = told["reject"].model_copy(update={"kind": kind, "versions": (former, *told["reject"].versions[1:])})
    assert certificate.champion == 2
    assert done(certificate) == f"the watch of version 1, champion before, {words}"


def test_a_verdict_shows_its_evidence_and_rule(told):
    text = certificate_html(told["promote"], HASH)
    for words in (
        "Evidence",
        "Rule",
        "labels min",
        "both versions on the same requests",
        told["promote"].evidence[0].labels,
    ):
        assert words in text


def test_a_decision_of_a_person_says_that_nothing_was_judged(told):
    text = certificate_html(told["rollback"], HASH)
    assert "a person's decision: nothing was judged".replace("'", "&#x27;") in text
    assert "complaints since noon" in text
    assert "nobody to compare with" in certificate_html(told["first"], HASH)


def test_evidence_that_was_not_kept_is_told(told):
    text = certificate_html(told["rollback"].model_copy(update={"without_evidence": "it was not kept"}), HASH)
    assert "it was not kept" in text


def test_evidence_that_let_a_blocked_promotion_happen_has_its_own_part(told):
    twice = told["promote"].model_copy(update={"evidence": told["promote"].evidence * 2})
    assert "Evidence that let it happen, after it was blocked" in certificate_html(twice, HASH)


def test_refused_candidates_and_retrains_show_their_reasons(told):
    version = told["promote"].versions[1]
    candidate = Candidate(
        candidate="forest", status="failed", metric="mae", mean=None, std=None, reason="out of memory"
    )
    alarm = Alarm(
        number=3, batch="000002-abc", champion=1, status="drift", model_status="no_labels", sentence="pH moved",
        at=NOON, harm={"proven": True}, report=None,
    )  # fmt: skip
    retrain = version.retrain.model_copy(
        update={
            "candidates": (candidate,),
            "alarms": (alarm,),
            "status": "refused",
            "gate": "worse on old batches",
            "expected": EXPECTED,
        }
    )
    text = certificate_html(told["promote"].model_copy(update={"refused": (retrain,)}), HASH)
    for words in (
        "out of memory",
        "pH moved",
        "proven",
        "0.05 loss a row (0.02 to 0.08, by labels), 500 over 10,000 rows",
        "worse on old batches",
        "since the certificate before: refused",
    ):
        assert words in text


def test_what_came_from_data_is_escaped(told):
    text = certificate_html(told["rollback"].model_copy(update={"reason": "<script>", "by": "<b>"}), HASH)
    assert "<script" not in text
    assert "<b>&" not in text
