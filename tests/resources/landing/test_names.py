import os
import socket

import pytest

from resources.landing.item import ChangedError, RefusedError
from resources.landing.local import local_item, open_local
from resources.landing.names import is_ignored, refusal, shown

HOSTILE = [
    "..\\up.csv",
    "a%2e%2e%2fup.csv",
    "a%00.csv",
    "a\nb.csv",
    "a\rb.csv",
    "a\x1b[31m.csv",
    "gpj\u202evsc.csv",
    "a\u200bb.csv",
    "a\u2028b.csv",
    "a\udcff.csv",
    "x/../y.csv",
    "/etc/passwd",
    "n" * 201,
    "ö" * 101,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_deceptive_name_is_refused_with_a_reason(name: str) -> None:
    assert "its name" in str(refusal(name))


@pytest.mark.parametrize(
    "name", ["a.csv", "März 2024 (1).csv", "日本.parquet", "2024/05/a.csv", "n" * 200, "a..b.csv", "100%.csv"]
)
def test_an_ordinary_name_is_taken(name: str) -> None:
    assert refusal(name) is None
    assert shown(name) == name


def test_what_is_shown_of_a_name_deceives_no_terminal() -> None:
    assert shown("a\u202eb\n\x1b\udcff") == "a\\u202eb\\n\\x1b\\udcff"


def test_a_hidden_part_of_a_path_counts_by_its_last_name() -> None:
    assert is_ignored("2024/.a.csv")
    assert not is_ignored("2024/a.csv")


def test_links_folders_pipes_and_sockets_are_refused_and_nothing_outside_is_read(zone, tmp_path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("weight,minutes\n666,1\n")
    (zone.folder / "link.csv").symlink_to(secret)
    (zone.folder / "dangling.csv").symlink_to(tmp_path / "nowhere")
    (zone.folder / "folder.csv").mkdir()
    os.mkfifo(zone.folder / "pipe.csv")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(zone.folder / "socket.csv"))
    zone.put("good.csv")
    found = zone.look()
    reasons = " ".join(found.refusals)
    assert len(found.refusals) == 5
    assert all(word in reasons for word in ("is a link", "is a folder", "is a named pipe", "is a socket"))
    assert len(found.keys) == 1
    assert zone.look().sentence == "6 file(s) seen: 6 known"


def test_hostile_names_on_disk_are_refused_and_the_look_goes_on(zone) -> None:
    on_disk = [name for name in HOSTILE if "/" not in name]
    for name in on_disk:
        (zone.folder / name).write_text("weight,minutes\n1,2\n")
    zone.put("good.csv", "weight,minutes\n3,4\n")
    found = zone.look()
    # '..\\up.csv' starts with a dot: it is hidden, and as little read as the others.
    assert (len(found.refusals), found.ignored, len(found.keys)) == (len(on_disk) - 1, 1, 1)
    assert all(line.isprintable() for line in found.refusals)


def test_a_link_in_the_middle_of_a_path_is_not_followed(zone, tmp_path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.csv").write_text("weight,minutes\n666,1\n")
    (zone.folder / "inner").symlink_to(outside)
    item = local_item(zone.folder, "inner/a.csv", (outside / "a.csv").stat())
    with pytest.raises(RefusedError, match="cannot be opened"):
        open_local(item)


def test_a_folder_linked_into_a_glob_is_not_entered(zone, tmp_path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.csv").write_text("weight,minutes\n666,1\n")
    zone.rules = {"sources": [{"kind": "glob", "pattern": f"{zone.folder}/**/*"}]}
    (zone.folder / "inner").symlink_to(outside)
    found = zone.look()
    assert (found.keys, len(found.refusals)) == ((), 1)


def test_a_file_swapped_for_a_link_after_the_listing_is_not_followed(zone, tmp_path) -> None:
    path = zone.put("a.csv")
    item = local_item(zone.folder, "a.csv", path.lstat())
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RefusedError, match="cannot be opened"):
        open_local(item)


def test_a_file_swapped_for_a_pipe_does_not_hold_the_look(zone) -> None:
    path = zone.put("a.csv")
    item = local_item(zone.folder, "a.csv", path.lstat())
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(ChangedError, match="after it was listed"):
        open_local(item)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(zone) -> None:
    zone.put("a.csv").chmod(0)
    assert "give this user the right" in zone.look().refusals[0]
