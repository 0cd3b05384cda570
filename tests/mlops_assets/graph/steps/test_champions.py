"""The line of champions, from rows and certificates."""

import pytest
from tiny_loop import train

from mlops_assets.certificate.certificate import CertificateError
from mlops_assets.graph.steps.certify import certify, open_certificates
from mlops_assets.graph.steps.champions import line_of_champions
from resources.state.promotions import promote
from resources.state.verdicts import StoredVerdict, latest, record_verdict


@pytest.fixture
def installation(open_empty):
    """Version 1 was first, 2 came by a verdict, 3 was rejected, a person went back to 1."""
    opened = open_empty()
    for version in (1, 2, 3):
        train(opened, str(version) * 64, version)
    with opened.state.write() as connection:
        for pair, outcome in (((1, 2), "promote"), ((2, 3), "reject")):
            verdict = StoredVerdict("tiny", *pair, outcome, 0.1, 0.02, 0.2, 80, opened.clock(), f"{outcome}: said")
            record_verdict(connection, verdict)
            if outcome == "promote":
                made = {"verdict_id": latest(connection, "tiny").id, "reason": "it was better", "by": "verdict"}
                promote(connection, "tiny", 2, expected=1, kind="promote", at=opened.clock(), **made)
        promote(
            connection, "tiny", 1, expected=2, kind="rollback", reason="complaints", at=opened.clock(), by="ann"
        )  # fmt: skip
    return opened


def test_each_reign_ends_when_the_next_begins(installation):
    now, before, first = line_of_champions(installation, installation.use_cases["tiny"])
    assert [now.version, before.version, first.version] == [1, 2, 1]
    assert (now.until, before.until, first.until) == (None, now.since, before.since)
    assert [now.how, before.how, first.how] == ["rollback", "promote", "first"]


def test_a_reign_by_verdict_carries_its_evidence_and_what_it_held_against(installation):
    now, before, first = line_of_champions(installation, installation.use_cases["tiny"])
    assert (before.labels, before.estimate, before.low, before.high) == (80, 0.1, 0.02, 0.2)
    assert before.held_against == ("3 (reject)",)
    assert (now.labels, now.held_against, now.by) == (None, (), "ann")
    assert (first.labels, first.held_against) == (None, ())


def test_certificates_appear_when_they_are_written(installation):
    use_case = installation.use_cases["tiny"]
    assert {one.certificate for one in line_of_champions(installation, use_case)} == {None}
    written = {one.name: one.sha256 for one in certify(installation, use_case)}
    found = [one.certificate for one in line_of_champions(installation, use_case)]
    assert found == ["000004-rollback.json", "000002-promote.json", "000001-first.json"]
    assert {one.certificate: one.sha256 for one in line_of_champions(installation, use_case)}.items() <= written.items()


def test_a_certificate_that_cannot_be_read_leaves_the_line(installation):
    use_case = installation.use_cases["tiny"]
    certify(installation, use_case)
    (open_certificates(installation, use_case).folder / "000002-promote.json").write_bytes(b"{")
    _, before, first = line_of_champions(installation, use_case)
    assert (before.version, before.certificate, first.certificate) == (2, None, "000001-first.json")


def test_before_the_first_champion_the_line_is_empty(open_empty):
    opened = open_empty()
    assert line_of_champions(opened, opened.use_cases["tiny"]) == []


def test_a_state_database_older_than_the_certificates_is_told_before_anything_is_written(installation):
    use_case = installation.use_cases["tiny"]
    certify(installation, use_case)
    with installation.state.write() as connection:
        connection.exec_driver_sql("DELETE FROM promotions WHERE number = 3")
    with pytest.raises(CertificateError, match=r"tell of promotion 3, the state database of 2; restore both from one"):
        certify(installation, use_case)
