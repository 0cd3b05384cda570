"""Every decision has one certificate, whoever made it and whatever died, and it verifies."""

import shutil

import dagster as dg
import pytest
from tiny_loop import answer, opened_loop

from mlops_assets.certificate.verification import check_folder
from mlops_assets.graph.steps.certify import certify, due, open_certificates
from resources.promotion import change_champion
from resources.state import verdicts
from resources.state.promotions import promote

pytestmark = pytest.mark.slow


def run(installation) -> list[tuple[str, bool]]:
    with opened_loop(installation) as loop:
        return [(ran.job, ran.success) for ran in loop.run_once()]


def chain(installation):
    return [one.certificate for one in open_certificates(installation, installation.use_cases["tiny"]).readable()]


def verified(installation) -> list[str]:
    """Kinds of the certificates, all of which verify."""
    found = check_folder(installation.settings.root / "certificates" / "tiny")
    assert found.failures == ()
    assert (found.absent, found.unjudged) == (0, 0)
    return [one.kind for one in chain(installation)]


def test_the_first_champion_has_a_certificate_of_its_data_and_candidates(trained):
    assert verified(trained) == ["first"]
    (first,) = chain(trained)
    assert (first.by, first.champion, first.previous, first.evidence) == ("registered_version", 1, None, ())
    (version,) = first.versions
    (batch,) = version.retrain.batches
    assert (batch.name, batch.rows_accepted, batch.rows_quarantined) == ("calm.csv", 300, 0)
    assert {one.candidate for one in version.retrain.candidates} >= {"linear plain", "tree", "dummy"}
    staged = f"lake/tiny/staged/{batch.sha256}"
    assert {staged, "lake/tiny/training/000001.parquet"} < {one.path for one in first.data}


def test_a_promotion_tells_the_drift_the_labels_the_rule_and_the_verdict(tested):
    answer(tested, 100, right="B")
    assert run(tested) == [("tiny_decide", True)]
    assert verified(tested) == ["first", "promote"]
    _, promoted = chain(tested)
    (judged,) = promoted.evidence
    assert (judged.champion, judged.challenger, judged.paired) == (1, 2, True)
    assert judged.judgement["verdict"]["outcome"] == "promote"
    assert judged.rule == tested.use_cases["tiny"].decision.model_dump(mode="json")
    assert [version.version for version in promoted.versions] == [1, 2]
    (alarm,) = promoted.versions[1].retrain.alarms
    assert (alarm.status, alarm.champion) == ("drift", 1)
    assert alarm.report in {one.path for one in promoted.files}
    assert run(tested) == []


def test_a_copy_of_the_files_verifies_without_database_and_registry(tested, tmp_path):
    answer(tested, 100, right="B")
    run(tested)
    for part in ("certificates", "lake"):
        shutil.copytree(tested.settings.root / part, tmp_path / "elsewhere" / part)
    found = check_folder(tmp_path / "elsewhere" / "certificates" / "tiny")
    assert (found.certificates, found.judged, found.absent, found.failures) == (2, 1, 0, ())
    staged = next((tmp_path / "elsewhere" / "lake" / "tiny" / "staged").iterdir())
    staged.write_bytes(staged.read_bytes() + b"0,0,yes\n")
    (failure,) = check_folder(tmp_path / "elsewhere" / "certificates" / "tiny").failures
    assert f"lake/tiny/staged/{staged.name}: SHA-256 {staged.name} is due" in failure


def test_the_asset_champion_shows_the_line_with_file_and_hash(tested):
    answer(tested, 100, right="B")
    run(tested)
    with opened_loop(tested) as loop:
        event = loop.instance.get_latest_materialization_event(dg.AssetKey(["tiny", "champion"]))
    metadata = event.asset_materialization.metadata
    *_, newest = open_certificates(tested, tested.use_cases["tiny"]).readable()
    assert metadata["certificate"].value == newest.name == "000002-promote.json"
    assert metadata["certificate_sha256"].value == newest.sha256
    now, first = (record.data for record in metadata["champions"].records)
    assert (now["version"], now["until"], now["SHA-256"]) == (2, "now", newest.sha256)
    assert now["evidence"].startswith("20 labels: better by 1 (")
    assert (first["version"], first["how"], first["until"]) == (1, "first", now["since"])


def test_a_rejection_has_one_too_and_the_champion_stays(tested):
    answer(tested, 100, right="A")
    assert run(tested) == [("tiny_decide", True)]
    assert verified(tested) == ["first", "reject"]
    assert (chain(tested)[1].champion, chain(tested)[1].by) == (1, "verdict")


def test_a_change_that_a_router_made_gets_its_certificate_from_the_next_look(tested):
    change_champion(
        tested, tested.use_cases["tiny"], 2, expected=1, kind="promote", reason="better in October", by="key ann"
    )
    assert run(tested) == [("tiny_decide", True)]
    assert verified(tested) == ["first", "promote"]
    _, promoted = chain(tested)
    assert (promoted.by, promoted.reason, promoted.evidence) == ("key ann", "better in October", ())
    assert promoted.without_evidence is None
    assert run(tested) == []


def test_several_that_waited_are_written_in_the_order_of_time(tested):
    use_case = tested.use_cases["tiny"]
    with tested.state.write() as connection:
        for before, after, kind in ((1, 2, "promote"), (2, 1, "rollback"), (1, 2, "rollback")):
            promote(
                connection, "tiny", after, expected=before, kind=kind, reason="", at=tested.clock(), by="tests"
            )  # fmt: skip
    assert due(tested, use_case) is not None
    assert [one.certificate.number for one in certify(tested, use_case)] == [2, 3, 4]
    assert verified(tested) == ["first", "promote", "rollback", "rollback"]
    assert due(tested, use_case) is None
    assert certify(tested, use_case) == []


def test_a_promotion_that_was_blocked_first_keeps_what_let_it_happen(tested):
    answer(tested, 200, b_every=1)  # B answers all of them, where one in five was planned
    run(tested)
    assert verified(tested) == ["first"]
    answer(tested, 800, b_every=10**9)  # 200 of 1,000
    run(tested)
    assert verified(tested) == ["first", "promote"]
    decided, acted = chain(tested)[1].evidence
    assert decided.judgement["blocks"] != []
    assert acted.judgement["blocks"] == []


def test_pruning_the_log_leaves_the_evidence(tested):
    from resources.state.prune import Pruning, prune_block

    answer(tested, 100, right="B")
    run(tested)
    assert prune_block(tested.state, Pruning("tiny", tested.clock(), None))[0] == 100
    assert verified(tested) == ["first", "promote"]


def test_a_verdict_from_before_evidence_was_kept_says_so(tested):
    with tested.state.write() as connection:
        old = verdicts.StoredVerdict("tiny", 1, 2, "reject", -0.1, -0.2, -0.05, 60, tested.clock(), "reject: worse")
        verdicts.record_verdict(connection, old)
    certify(tested, tested.use_cases["tiny"])
    assert chain(tested)[1].without_evidence.startswith("decided by a version of this project that kept no evidence")
    found = check_folder(tested.settings.root / "certificates" / "tiny")
    assert (found.unjudged, found.failures) == (1, ())
