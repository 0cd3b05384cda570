from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from resources.state import ledger
from resources.state.ledger import Batch, Counts, LedgerError


def land(connection: sa.Connection, at: datetime, content: str = "a", **changes) -> Batch:
    values = {"use_case": "wine", "sha256": content * 64, "source": "folder", "name": f"{content}.csv", "size_bytes": 3}
    return ledger.record_batch(connection, landed_at=at, **(values | changes))


def test_a_key_is_the_number_and_the_head_of_the_hash(state, at) -> None:
    with state.write() as connection:
        assert [land(connection, at, content).key for content in "ab"] == ["000001-aaaaaaaaaaaa", "000002-bbbbbbbbbbbb"]


def test_a_batch_is_found_as_it_was_recorded(state, at) -> None:
    with state.write() as connection:
        made = land(connection, at)
    with state.read() as connection:
        assert ledger.find(connection, made.key) == made
    assert (made.status, made.landed_at, made.rows_read) == ("landed", at, None)


def test_an_unknown_key_is_an_error(state, at) -> None:
    with state.read() as connection, pytest.raises(LedgerError, match="'000009-x' is not in the ledger"):
        ledger.find(connection, "000009-x")
    with state.write() as connection, pytest.raises(LedgerError, match="not in the ledger"):
        ledger.mark_failed(connection, "000009-x", "broken", at)


def test_bytes_are_kept_once_for_each_use_case(state, at) -> None:
    with state.write() as connection:
        land(connection, at)
        land(connection, at, use_case="beer")
    with pytest.raises(sa.exc.IntegrityError), state.write() as connection:
        land(connection, at, name="other.csv")
    with state.write() as connection:
        assert land(connection, at, copy=1).copy == 1
        assert len(ledger.known_bytes(connection, "wine", "a" * 64)) == 2


def test_batches_are_known_by_source_and_name(state, at) -> None:
    with state.write() as connection:
        land(connection, at)
        assert len(ledger.known_name(connection, "wine", "folder", "a.csv")) == 1
        assert ledger.known_name(connection, "wine", "glob", "a.csv") == []


def test_pending_batches_come_in_the_order_of_their_numbers(state, at) -> None:
    with state.write() as connection:
        batches = [land(connection, at - timedelta(hours=number), content) for number, content in enumerate("abcd")]
        ledger.mark_accepted(connection, batches[1].key, Counts(1, 1, 0), at)
        pending = ledger.pending(connection, "wine")
        assert [batch.id for batch in pending] == [1, 3, 4]
        assert [batch.id for batch in ledger.pending(connection, "wine", after_id=1, limit=1)] == [3]
        assert ledger.pending(connection, "beer") == []


def test_a_decision_keeps_counts_times_and_reason(state, at) -> None:
    with state.write() as connection:
        good, bad, broken = (land(connection, at, content) for content in "abc")
        span = (at - timedelta(days=1), at)
        ledger.mark_accepted(connection, good.key, Counts(10, 8, 2, *span), at)
        ledger.mark_rejected(connection, bad.key, Counts(10, 0, 10), "too few", at)
        ledger.mark_failed(connection, broken.key, "not a table", at)
        [kept] = ledger.accepted(connection, "wine")
        assert (kept.key, kept.rows_read, kept.rows_accepted, kept.rows_quarantined) == (good.key, 10, 8, 2)
        assert (kept.time_min, kept.time_max, kept.decided_at) == (*span, at)
        assert ledger.find(connection, bad.key).reason == "too few"
        assert ledger.find(connection, broken.key).rows_read is None
        assert ledger.counts(connection, "wine") == {"accepted": 1, "failed": 1, "rejected": 1}
        assert [batch.key for batch in ledger.latest(connection, "wine", 2)] == [broken.key, bad.key]


def test_rows_that_do_not_add_up_are_no_decision(state, at) -> None:
    with state.write() as connection:
        made = land(connection, at)
        with pytest.raises(LedgerError, match="8 accepted and 1 quarantined rows do not make 10"):
            ledger.mark_accepted(connection, made.key, Counts(10, 8, 1), at)
        assert ledger.find(connection, made.key).status == "landed"


def test_a_number_is_never_given_twice(state, at) -> None:
    with state.write() as connection:
        land(connection, at)
        connection.execute(sa.delete(ledger.batches))
        assert land(connection, at).id == 2
