from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mlops_assets.graph.window import select_batches
from mlops_assets.spec import RetrainPolicy
from resources.state.ledger import Batch

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def batch(number: int, day: int | None = None, rows: int | None = 10) -> Batch:
    newest = None if day is None else datetime(2026, 1, day, tzinfo=UTC)
    return Batch(
        number, "tiny", f"{number:06d}", f"{number:064d}", 0, "folder", f"{number}.csv", 1, "accepted", None,
        rows, rows, 0, newest, newest, NOW, NOW,
    )  # fmt: skip


def numbers(accepted, **policy) -> list[int]:
    return [one.id for one in select_batches(accepted, RetrainPolicy(**policy), NOW).batches]


def test_all_batches_are_chosen_unless_told_otherwise():
    assert numbers([batch(1), batch(2), batch(3)]) == [1, 2, 3]


def test_the_last_n_batches():
    assert numbers([batch(1), batch(2), batch(3)], batches=2) == [2, 3]
    assert numbers([batch(1)], batches=2) == [1]


def test_days_count_back_from_the_newest_row_not_from_now():
    batches = [batch(1, day=1), batch(2, day=5), batch(3, day=8)]
    assert numbers(batches, days=3) == [2, 3]  # 8 - 3 = 5, which still counts


def test_a_time_after_its_batch_landed_leaves_out_no_other_batch():
    """One row of the second batch says 2031: days count back from the moment that the batch landed."""
    mistaken = replace(batch(2), time_max=datetime(2031, 1, 1, tzinfo=UTC), landed_at=datetime(2026, 1, 9, tzinfo=UTC))
    assert numbers([batch(1, day=8), mistaken], days=3) == [1, 2]


def test_a_batch_without_times_is_outside_a_span_of_days():
    assert numbers([batch(1), batch(2, day=5)], days=3) == [2]


def test_the_hash_depends_on_the_content_not_on_the_order():
    one, two = batch(1), batch(2)
    forward, backward = (select_batches(order, RetrainPolicy(), NOW) for order in ([one, two], [two, one]))
    assert forward.data_hash == backward.data_hash
    assert select_batches([one], RetrainPolicy(), NOW).data_hash != forward.data_hash


@pytest.mark.parametrize(("batches", "rows"), [([], 0), ([batch(1), batch(2, rows=None)], 10)])
def test_rows_are_summed(batches, rows):
    assert select_batches(batches, RetrainPolicy(), NOW + timedelta(days=1)).rows == rows
