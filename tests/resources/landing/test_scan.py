import hashlib
import io
import os
from datetime import timedelta

import pytest

import resources.landing.take as taking
from mlops_assets.spec import Folder, Glob, Sql
from resources.lake import Lake, LakeError
from resources.landing import SOURCES
from resources.landing.scan import source_label
from resources.state import ledger


def test_the_table_has_every_kind_of_source_of_the_spec() -> None:
    assert set(SOURCES) == {source.model_fields["kind"].annotation.__args__[0] for source in (Folder, Glob, Sql)}


def test_a_quiet_file_becomes_one_batch_with_its_bytes(zone) -> None:
    content = b"weight,minutes\n1,2\n"
    zone.put("a.csv", content)
    found = zone.look()
    [batch] = zone.batches()
    sha256 = hashlib.sha256(content).hexdigest()
    assert found.keys == (batch.key,) == (f"000001-{sha256[:12]}",)
    assert (batch.sha256, batch.name, batch.size_bytes, batch.landed_at) == (sha256, "a.csv", len(content), zone.now)
    assert Lake(zone.settings.lake_root).read_staged("parcels", sha256) == content


def test_a_known_file_is_not_read_again(zone, monkeypatch) -> None:
    zone.put("a.csv")
    zone.look()
    monkeypatch.setattr(taking, "take", lambda *_: pytest.fail("it was read again"))
    found = zone.look()
    assert found.sentence == "1 file(s) seen: 1 known"
    assert (found.keys, found.known) == ((), 1)


def test_an_absent_folder_is_empty(zone) -> None:
    zone.folder.rmdir()
    assert zone.look().sentence == "0 file(s) seen: nothing to do"


def test_hidden_and_temporary_names_are_passed_over_and_counted(zone) -> None:
    for name in (".a.csv", "_a.csv", "a.csv.tmp", "a.part", "a~"):
        zone.put(name)
    assert zone.look().sentence == "0 file(s) seen: nothing to do; 5 hidden or temporary"


def test_names_that_do_not_fit_the_pattern_are_no_batches(zone) -> None:
    zone.rules = {"sources": [{"kind": "folder", "pattern": "*.csv"}]}
    zone.put("a.csv")
    zone.put("readme.md")
    assert (zone.look().seen, len(zone.batches())) == (1, 1)


def test_a_young_file_waits_until_it_is_quiet(zone) -> None:
    zone.put("a.csv", age_s=0.5)
    assert zone.look().sentence == "1 file(s) seen: 1 still growing"
    zone.wait(1)
    assert zone.look().growing == 1
    zone.wait(0.6)
    assert len(zone.look().keys) == 1
    assert zone.outcomes() == {"new": 1}


def test_a_file_that_changed_between_two_looks_waits_again(zone) -> None:
    path = zone.put("a.csv", "weight,minutes\n", age_s=-100)
    zone.look()
    zone.wait(1.5)
    path.write_text("weight,minutes\n1,2\n")
    zone.age(path, -100)
    assert zone.look().growing == 1
    zone.wait(1.5)
    assert zone.look().growing == 1
    zone.wait(0.6)
    assert len(zone.look().keys) == 1


def test_a_file_from_the_future_is_taken_when_two_looks_agree(zone) -> None:
    zone.put("a.csv", age_s=-86_400)
    assert zone.look().growing == 1
    zone.wait(2)
    assert len(zone.look().keys) == 1


def test_a_clock_that_goes_back_starts_the_wait_again(zone) -> None:
    zone.put("a.csv", age_s=0)
    zone.look()
    zone.now -= timedelta(hours=1)
    assert zone.look().growing == 1
    zone.wait(2)
    assert len(zone.look().keys) == 1


def test_without_a_quiet_span_a_file_is_taken_at_once(zone) -> None:
    zone.rules = {"quiet_s": 0}
    zone.put("a.csv", age_s=0)
    assert len(zone.look().keys) == 1


def test_the_same_bytes_under_another_name_are_a_duplicate(zone) -> None:
    zone.put("a.csv")
    zone.put("b.csv", age_s=30)
    found = zone.look()
    assert (len(found.keys), found.duplicates) == (1, 1)
    assert zone.look().known == 2
    assert [batch.name for batch in zone.batches()] == ["a.csv"]


def test_the_same_bytes_are_processed_again_where_the_rules_say_so(zone) -> None:
    zone.rules = {"same_bytes": "process"}
    zone.put("a.csv")
    zone.put("b.csv", age_s=30)
    assert len(zone.look().keys) == 2
    assert [(batch.name, batch.copy) for batch in zone.batches()] == [("a.csv", 0), ("b.csv", 1)]


def test_a_touched_file_is_no_new_batch_under_any_rule(zone) -> None:
    zone.rules = {"same_bytes": "process"}
    path = zone.put("a.csv")
    zone.look()
    zone.age(path, 10)
    assert (zone.look().duplicates, len(zone.batches())) == (1, 1)


def test_new_bytes_under_a_known_name_are_a_new_batch(zone) -> None:
    zone.put("a.csv")
    zone.look()
    zone.put("a.csv", "weight,minutes\n3,4\n", age_s=30)
    assert len(zone.look().keys) == 1
    assert [batch.name for batch in zone.batches()] == ["a.csv", "a.csv"]


def test_new_bytes_under_a_known_name_are_refused_where_the_rules_say_so(zone) -> None:
    zone.rules = {"same_name": "refuse"}
    zone.put("a.csv")
    zone.look()
    zone.put("a.csv", "weight,minutes\n3,4\n", age_s=30)
    [refusal] = zone.look().refusals
    assert "its name belongs to batch 000001-" in refusal
    assert len(zone.batches()) == 1


def test_a_file_rewritten_with_its_old_size_and_time_is_seen(zone) -> None:
    path = zone.put("a.csv", "weight,minutes\n1,2\n")
    zone.look()
    before = path.stat()
    path.write_text("weight,minutes\n3,4\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert len(zone.look().keys) == 1


def test_an_oversize_file_is_refused_once_without_being_read(zone) -> None:
    zone.rules = {"bytes_max": 10}
    zone.put("a.csv", "x" * 11, age_s=0)
    [refusal] = zone.look().refusals
    assert refusal.startswith("'a.csv' refused: has 11 bytes, landing.bytes_max is 10")
    assert zone.look().sentence == "1 file(s) seen: 1 known"
    assert zone.staged() == []


def test_an_empty_file_is_refused_when_it_stays_empty(zone) -> None:
    zone.put("a.csv", "", age_s=0)
    assert zone.look().growing == 1
    zone.wait(3)
    assert zone.look().refusals == ("'a.csv' refused: is empty",)


def test_no_more_files_are_read_than_may_run_and_the_rest_wait(zone) -> None:
    zone.rules = {"runs_per_tick": 2}
    for number in range(5):
        zone.put(f"{number}.csv", f"weight,minutes\n{number},2\n", age_s=60 - number)
    found = [zone.look() for _ in range(4)]
    assert [(len(one.keys), one.waiting, one.known) for one in found] == [(2, 3, 0), (2, 1, 2), (1, 0, 4), (0, 0, 5)]
    assert [batch.name for batch in zone.batches()] == [f"{number}.csv" for number in range(5)]


def test_a_file_overwritten_while_it_is_read_waits_and_leaves_nothing(zone, monkeypatch) -> None:
    path = zone.put("a.csv")

    def stage(self, stream, *rest, check, **options):
        path.write_text("weight,minutes\n5,6\n7,8\n")
        return original(self, stream, *rest, check=check, **options)

    original = Lake.stage
    monkeypatch.setattr(Lake, "stage", stage)
    assert zone.look().growing == 1
    assert (zone.staged(), zone.batches()) == ([], [])


def test_a_file_replaced_or_removed_after_the_listing_waits(zone, monkeypatch) -> None:
    replaced, removed = zone.put("a.csv"), zone.put("b.csv", "weight,minutes\n9,9\n")
    kind = SOURCES["folder"]

    def open_item(item):
        if item.name == "a.csv":
            zone.put("_new", "weight,minutes\n3,4\n").replace(replaced)
        else:
            removed.unlink()
        return kind.open_item(item)

    monkeypatch.setitem(SOURCES, "folder", kind._replace(open_item=open_item))
    assert zone.look().growing == 2
    assert zone.staged() == []


def test_a_file_grown_over_the_limit_while_it_is_read_is_refused(zone, monkeypatch) -> None:
    zone.rules = {"bytes_max": 30}
    zone.put("a.csv")
    kind = SOURCES["folder"]
    monkeypatch.setitem(SOURCES, "folder", kind._replace(open_item=lambda item: io.BytesIO(bytes(31))))
    assert zone.look().refusals == ("'a.csv' refused: it has more than 30 bytes",)
    assert zone.staged() == []


def test_a_lake_that_cannot_be_written_leaves_file_and_ledger_alone(zone) -> None:
    path = zone.put("a.csv")
    (zone.home / "lake").write_text("a file where the folder should be")
    with pytest.raises(LakeError, match="make room"):
        zone.look()
    assert path.read_text() == "weight,minutes\n1,2\n"
    assert zone.batches() == []
    (zone.home / "lake").unlink()
    assert len(zone.look().keys) == 1


def test_another_scan_that_was_first_is_no_error(zone, monkeypatch) -> None:
    zone.put("a.csv")
    zone.look()
    monkeypatch.setattr("resources.landing.scan.seen", lambda *_: {})
    found = zone.look()
    assert (found.duplicates, len(zone.batches())) == (1, 1)


def test_several_sources_are_looked_at_and_one_that_fails_stops_none(zone, tmp_path) -> None:
    missing = {"kind": "sql", "url": "sqlite:///${env:PARCELS_ABSENT}", "query": "select 1", "cursor": "id"}
    deep = {"kind": "glob", "pattern": f"{tmp_path}/drop/**/*.csv"}
    zone.rules = {"sources": [missing, {"kind": "folder"}, deep]}
    zone.put("a.csv")
    zone.put("../../drop/2024/05/b.csv", "weight,minutes\n3,4\n")
    found = zone.look()
    assert len(found.keys) == 2
    assert "PARCELS_ABSENT, which is not set" in found.refusals[0]
    assert [batch.name for batch in zone.batches()] == ["a.csv", "2024/05/b.csv"]


@pytest.mark.parametrize(
    ("url", "cursor", "sentence"),
    [
        ("${env:PARCELS_ADDRESS}", "id", "its address is none that SQLAlchemy knows, or its driver is not installed"),
        ("nonsense://host/db", "id", "its address is none that SQLAlchemy knows, or its driver is not installed"),
        ("mysql+mysqldb://host/db", "id", "its address is none that SQLAlchemy knows, or its driver is not installed"),
        ("postgresql+psycopg://me@host:hunter2/db", "id", "the port in its address is no number"),
        ("sqlite://", "Id", "its query gives no column 'Id', which is its cursor, but 'id'"),
    ],
)
def test_a_database_that_cannot_be_asked_stops_no_other_source(zone, monkeypatch, url, cursor, sentence) -> None:
    monkeypatch.setenv("PARCELS_ADDRESS", "me:hunter2@host/db")
    broken = {"kind": "sql", "url": url, "query": "select 1 as id where 1 > :after", "cursor": cursor, "start": 0}
    zone.rules = {"sources": [broken, {"kind": "folder"}]}
    zone.put("a.csv")
    found = zone.look()
    assert len(found.keys) == 1
    assert sentence in found.refusals[0]
    assert "hunter2" not in found.sentence


def test_a_label_holds_no_password() -> None:
    source = Sql(kind="sql", url="postgresql://me:secret@host/db", query="select 1", cursor="id")
    assert "secret" not in source_label(source)
    assert source_label(source) != source_label(source.model_copy(update={"query": "select 2"}))


def test_decided_batches_stay_known(zone) -> None:
    zone.put("a.csv")
    [key] = zone.look().keys
    with zone.state.write() as connection:
        ledger.mark_accepted(connection, key, ledger.Counts(1, 1, 0), zone.now)
    assert zone.look().keys == ()
    assert zone.batches() == []
