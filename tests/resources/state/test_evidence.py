"""What a verdict was judged on, kept once an experiment, twice where something blocked it first."""

from dataclasses import replace
from datetime import UTC, datetime

from resources.state.evidence import KeptEvidence, evidence_of, record_evidence

FILE = {"path": "evidence/ab.parquet", "sha256": "ab" * 32, "bytes": 7}
FREE = KeptEvidence(
    "wine", 1, 2, FILE, FILE, {"loss": "zero_one"}, True, {"blocks": []}, datetime(2026, 3, 1, tzinfo=UTC)
)
BLOCKED = replace(FREE, judgement={"blocks": [{"name": "traffic_split", "sentence": "not as set"}]})


def kept(state, *rows: KeptEvidence) -> list[KeptEvidence]:
    with state.write() as connection:
        for row in rows:
            record_evidence(connection, row)
        return evidence_of(connection, "wine", 1, 2)


def test_a_judgement_reads_back_as_it_was(state):
    assert kept(state, FREE) == [FREE]


def test_after_one_that_nothing_blocked_no_other_counts(state):
    assert kept(state, FREE, replace(FREE, rule={})) == [FREE]


def test_after_one_that_was_blocked_the_one_that_let_it_happen_counts_too(state):
    assert kept(state, BLOCKED, FREE, replace(FREE, rule={})) == [BLOCKED, FREE]


def test_each_pair_of_versions_has_its_own(state):
    assert kept(state, FREE, replace(FREE, challenger_version=3)) == [FREE]
