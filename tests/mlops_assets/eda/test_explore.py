from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from mlops_assets.eda import gathered
from mlops_assets.eda.explore import explore
from mlops_assets.eda.gathered import gather
from mlops_assets.use_cases.load import check_use_case

VALUES = {
    "name": "shop",
    "description": "Minutes of an order.",
    "task": "regression",
    "target": "minutes",
    "time": "at",
    "format": {"kind": "parquet"},
    "columns": {
        "at": {"kind": "datetime"},
        "size": {"kind": "numeric"},
        "town": {"kind": "category"},
        "note": {"kind": "text"},
        "minutes": {"kind": "numeric"},
    },
    "training": {"metric": "mae"},
    "decision": {"loss": "absolute"},
}
USE_CASE = check_use_case(VALUES, source="tests")


def table(n: int, seed: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    size, town = random.normal(size=n), random.choice(["north", "south"], n)
    at = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(n), unit="h")
    note = ["x" * int(length) for length in random.integers(1, 50, n)]
    minutes = 10 + 5 * size + 20 * (town == "south")
    return pd.DataFrame({"at": at, "size": size, "town": town, "note": note, "minutes": minutes})


def test_a_table_of_mixed_kinds_is_explored() -> None:
    frame = table(500)
    frame.loc[:99, "size"] = np.nan
    found = explore(gather([frame], USE_CASE), USE_CASE)
    assert (found.rows, found.sampled) == (500, 500)
    assert (found.first, found.last) == (datetime(2026, 1, 1), datetime(2026, 1, 1) + timedelta(hours=499))
    assert {column.name: column.missing_share for column in found.columns}["size"] == 0.2
    strongest = found.strongest[0]
    assert (strongest.a, strongest.b, strongest.measure) == ("minutes", "town", "correlation ratio")
    assert strongest.value > 0.8
    assert {pair.measure for pair in found.pairs} == {"Spearman", "correlation ratio"}
    assert {name for pair in found.pairs for name in (pair.a, pair.b)} == {
        "minutes",
        "size",
        "town",
        "note (characters)",
    }


def test_the_mean_of_the_target_by_span_of_time() -> None:
    frame = table(48)
    frame["minutes"] = [10.0] * 24 + [30.0, 50.0] * 12
    over = explore(gather([frame], USE_CASE), USE_CASE).over_time
    assert over.span == timedelta(hours=1)
    wide = pd.concat([frame.assign(at=frame["at"] + timedelta(days=2 * week)) for week in range(20)])
    over = explore(gather([wide], USE_CASE), USE_CASE).over_time
    assert over.span == timedelta(days=1)
    first, second = over.points[:2]
    assert (first.start, first.rows, first.values, first.error) == (datetime(2026, 1, 1), 24, {"mean minutes": 10}, 0)
    # 12 times 30 and 12 times 50: variance 24 * 100 / 23, error sqrt(100 / 23)
    assert (second.values, second.error) == ({"mean minutes": 40}, pytest.approx(np.sqrt(100 / 23)))


def test_shares_of_classes_by_span_of_time() -> None:
    of_classes = {"task": "classification", "target": "town", "training": {"metric": "accuracy"}}
    use_case = check_use_case(VALUES | of_classes | {"decision": {"loss": "zero_one"}}, source="tests")
    frame = table(4).assign(town=["north", "south", "north", "north"], at=pd.Timestamp("2026-01-01"))
    over = explore(gather([frame], use_case), use_case).over_time
    assert over.names == ("north", "south")
    assert over.points[0].values == {"north": 0.75, "south": 0.25}


def test_counts_are_of_all_rows_and_the_sample_is_bounded(monkeypatch) -> None:
    monkeypatch.setattr(gathered, "SAMPLE_MAX", 100)
    parts = [table(300, seed) for seed in range(5)]
    parts[0]["note"] = None
    found = gather(iter(parts), USE_CASE)
    assert (found.rows, len(found.sample), found.is_sampled) == (1500, 100, True)
    assert found.missing["note"] == 300
    assert found.sample.equals(gather(iter(parts), USE_CASE).sample)


def test_each_row_has_the_same_chance_whatever_part_it_came_in(monkeypatch) -> None:
    monkeypatch.setattr(gathered, "SAMPLE_MAX", 500)
    parts = [table(n).assign(size=float(number)) for number, n in enumerate([4000, 500, 500])]
    shares = gather(parts, USE_CASE).sample["size"].value_counts(normalize=True)
    assert shares.sort_index().tolist() == pytest.approx([0.8, 0.1, 0.1], abs=0.05)


def test_an_empty_table_and_one_that_lacks_columns_are_explored_as_they_are() -> None:
    empty = explore(gather([table(5)[:0]], USE_CASE), USE_CASE)
    assert (empty.rows, empty.over_time, empty.first) == (0, None, None)
    assert all(column.numbers is None and column.levels is None for column in empty.columns)
    fewer = explore(gather([table(50)[["size", "minutes"]]], USE_CASE), USE_CASE)
    assert [column.name for column in fewer.columns] == ["size", "minutes"]
    assert fewer.over_time is None
    assert explore(gather([], USE_CASE), USE_CASE).columns == ()
