import os
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from fake_models import MODEL, load_fake, probe_fake, verify_fake

from serving.copies import IDLE_S, Copies
from serving.probe import ProbeError

NAME = "wine_quality"


@pytest.fixture
def probed():
    """Folders that were probed."""
    return []


@pytest.fixture
def copies(registry, tmp_path, probed):
    def probe(folder, other_libraries):
        probed.append(folder)
        probe_fake(folder, other_libraries)

    return Copies(tmp_path / "bundles", registry, verify_fake, probe, load_fake)


def test_a_version_is_read_only_after_it_was_proven(copies):
    assert not copies.is_proven(NAME, 1)
    assert copies.open(NAME, 1) is None
    copies.prove(NAME, 1)
    assert copies.is_proven(NAME, 1)
    assert copies.open(NAME, 1).value == 5


def test_a_proven_version_is_not_probed_again(copies, probed, registry):
    copies.prove(NAME, 1)
    copies.prove(NAME, 1)
    assert (len(probed), registry.downloads) == (1, 1)


def test_workers_share_one_probe(copies, probed, registry):
    begin = threading.Barrier(4)

    def prove(_):
        begin.wait(300)
        copies.prove(NAME, 1)

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(prove, range(4)))
    assert (len(probed), registry.downloads) == (1, 1)


@pytest.mark.parametrize("changed", ["manifest.json", ".proven"])
def test_another_manifest_or_other_libraries_are_not_proven(copies, changed):
    copies.prove(NAME, 1)
    place = copies.place(NAME, 1)
    path = place / changed if changed != ".proven" else place.with_name("1.proven")
    path.write_text("other", encoding="utf-8")
    assert not copies.is_proven(NAME, 1)


def test_a_damaged_copy_is_fetched_again(copies, registry):
    copies.prove(NAME, 1)
    (copies.place(NAME, 1) / MODEL).write_text("{}", encoding="utf-8")
    copies.distrust(NAME, 1)
    copies.prove(NAME, 1)
    assert registry.downloads == 2
    assert copies.open(NAME, 1).value == 5


def test_a_whole_copy_is_proven_while_the_registry_is_away(copies, registry):
    copies.prove(NAME, 1)
    copies.distrust(NAME, 1)
    registry.down = True
    copies.prove(NAME, 1)
    assert copies.is_proven(NAME, 1)


def test_an_unfit_version_never_lies_under_its_name(copies, registry):
    registry.add(NAME, 3, value=7, unfit=True)
    with pytest.raises(ProbeError, match="SIGFPE"):
        copies.prove(NAME, 3)
    assert not copies.place(NAME, 3).exists()
    assert not copies.is_proven(NAME, 3)


@pytest.fixture
def many(copies, registry):
    """Versions 3 to 12, proven and long unused."""
    for version in range(3, 13):
        registry.add(NAME, version, value=version)
        copies.prove(NAME, version)
        last_used = time.time() - IDLE_S - 60
        os.utime(copies.place(NAME, version).with_name(f"{version}.proven"), (last_used, last_used))
    return copies


def left(copies):
    return sorted(int(place.name) for place in (copies.folder / NAME).iterdir() if place.is_dir())


def test_what_serves_or_may_serve_again_and_the_newest_are_not_pruned(many):
    many.prune(NAME, {3, 5, None})
    assert left(many) == [3, 5, 8, 9, 10, 11, 12]
    assert not (many.folder / NAME / "4.proven").exists()


def test_a_copy_that_was_used_within_the_hour_is_not_pruned(many):
    many.open(NAME, 4)
    many.prune(NAME, ())
    assert left(many) == [4, 8, 9, 10, 11, 12]


def test_a_download_that_was_killed_is_pruned_later(many):
    half = many.folder / NAME / ".fetch-killed"
    shutil.copytree(many.place(NAME, 12), half)
    many.prune(NAME, ())
    assert half.exists()
    last_used = time.time() - IDLE_S - 60
    os.utime(half, (last_used, last_used))
    many.prune(NAME, ())
    assert not half.exists()


def test_a_pruned_version_is_fetched_again(many, registry):
    before = registry.downloads
    many.prune(NAME, ())
    many.prove(NAME, 3)
    assert registry.downloads == before + 1
    assert many.open(NAME, 3).value == 3
