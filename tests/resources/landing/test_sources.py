import fsspec
import pandas as pd
import pytest
import sqlalchemy as sa

from mlops_assets.decode.table import decode_batch
from mlops_assets.spec import Sql
from resources.lake import Lake
from resources.landing.glob import _expression, fixed_part
from resources.landing.item import RefusedError
from resources.landing.sql import fetch


@pytest.fixture
def memory():
    filesystem = fsspec.filesystem("memory")
    yield filesystem
    for path in filesystem.ls("/"):
        filesystem.rm(path["name"], recursive=True)


@pytest.mark.parametrize(
    ("pattern", "fixed"),
    [
        ("/data/*.csv", "/data"),
        ("s3://b/in/**/x.csv", "s3://b/in"),
        ("/data/a.csv", "/data"),
        ("*.csv", "."),
        ("/*", "/"),
    ],
)
def test_the_part_in_front_of_a_wildcard_is_where_a_glob_looks(pattern: str, fixed: str) -> None:
    assert fixed_part(pattern) == fixed


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("**/*.csv", "a.csv", True),
        ("**/*.csv", "2024/05/a.csv", True),
        ("*.csv", "2024/a.csv", False),
        ("?.csv", "a.csv", True),
        ("[ab].csv", "c.csv", False),
        ("a+.csv", "aa.csv", False),
        ("**", "2024/a.csv", True),
    ],
)
def test_a_glob_crosses_folders_only_with_two_stars(pattern: str, name: str, fits: bool) -> None:
    import re

    assert bool(re.compile(_expression(pattern)).fullmatch(name)) == fits


@pytest.mark.parametrize("kind", ["folder", "glob"])
def test_objects_of_a_store_are_taken_once(zone, memory, kind: str) -> None:
    source = (
        {"kind": "folder", "path": "memory://in"} if kind == "folder" else {"kind": "glob", "pattern": "memory://in/*"}
    )
    zone.rules = {"sources": [source], "quiet_s": 0}
    assert zone.look().seen == 0
    memory.pipe({"/in/a.csv": b"weight,minutes\n1,2\n", "/in/_hidden": b"x", "/in/b\u202e.csv": b"x"})
    first = zone.look()
    if not first.keys:  # the store's clock is ahead of the one of this test: two looks must agree
        first = zone.look()
    assert len(first.keys) == 1
    assert zone.look().known == 2
    assert [batch.name for batch in zone.batches()] == ["a.csv"]


def test_a_lake_may_be_a_store(zone, memory, monkeypatch) -> None:
    zone.settings = zone.settings.model_copy(update={"lake": "memory://lake"})
    zone.put("a.csv")
    zone.look()
    [batch] = zone.batches()
    assert Lake("memory://lake").read_staged("parcels", batch.sha256) == b"weight,minutes\n1,2\n"


@pytest.fixture
def orders(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'orders.db'}"
    monkeypatch.setenv("PARCELS_DB", str(tmp_path / "orders.db"))
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("create table orders (id integer primary key, day text, weight real, minutes real)"))

    def insert(*ids: int, day: str = "2024-05-01") -> None:
        with engine.begin() as connection:
            for number in ids:
                values = {"id": number, "day": day, "weight": number / 2, "minutes": number}
                connection.execute(sa.text("insert into orders values (:id, :day, :weight, :minutes)"), values)

    yield insert
    engine.dispose()


def source(**keys) -> dict:
    query = {"query": "select * from orders where id > :after", "cursor": "id"}
    return {"kind": "sql", "url": "sqlite:///${env:PARCELS_DB}"} | query | keys


def test_rows_behind_the_cursor_become_one_batch_in_the_own_format(zone, orders) -> None:
    zone.rules = {"sources": [source()]}
    assert zone.look().seen == 0
    orders(1, 2)
    assert len(zone.look().keys) == 1
    assert zone.look().seen == 0
    orders(3)
    assert len(zone.look().keys) == 1
    assert zone.look().seen == 0
    lake = Lake(zone.settings.lake_root)
    frames = [decode_batch(lake.read_staged("parcels", batch.sha256), zone.use_case) for batch in zone.batches()]
    assert [frame["minutes"].tolist() for frame in frames] == [[1, 2], [3]]


def test_a_cursor_that_is_a_time_starts_where_the_spec_says(zone, orders) -> None:
    query = {"query": "select * from orders where day > :after;", "cursor": "day", "start": "2024-05-01"}
    zone.rules = {"sources": [source(**query)]}
    orders(1)
    orders(2, 3, day="2024-05-02")
    zone.look()
    assert [batch.name for batch in zone.batches()] == ["rows-to-2024-05-02"]


def test_a_fetch_that_is_cut_off_loses_no_row_that_shares_its_last_value(orders) -> None:
    orders(1, 2, day="2024-05-01")
    orders(3, 4, day="2024-05-02")
    query = {"query": "select * from orders where day > :after", "cursor": "day", "start": "", "rows_max": 3}
    wanted = Sql.model_validate(source(**query))
    assert fetch(wanted, "")["id"].tolist() == [1, 2]
    assert fetch(wanted, "2024-05-01")["id"].tolist() == [3, 4]


def test_too_many_rows_with_one_value_of_the_cursor_are_an_error(orders) -> None:
    orders(1, 2, 3)
    query = {"query": "select * from orders where day > :after", "cursor": "day", "rows_max": 2}
    with pytest.raises(RefusedError, match="raise rows_max"):
        fetch(Sql.model_validate(source(**query)), "")


def test_a_query_that_fails_is_explained(zone, orders) -> None:
    zone.rules = {"sources": [source(query="select * from nowhere where id > :after")]}
    assert "no such table: nowhere" in zone.look().refusals[0]


def test_times_of_a_database_are_kept_as_text_it_understands(orders) -> None:
    from resources.landing.sql import _plain

    assert _plain(pd.Timestamp("2024-05-01T10:00")) == "2024-05-01 10:00:00"
    assert _plain(pd.Series([3]).iloc[0]) == 3
