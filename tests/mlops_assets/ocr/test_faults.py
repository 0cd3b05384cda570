"""Hanging, flooding and failing engines, pages that do not fit, children that grow old: the next document is read."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from PIL import Image

from mlops_assets.ocr import parent
from mlops_assets.ocr.child import read_pages
from mlops_assets.ocr.errors import DocumentError
from mlops_assets.ocr.read import Reader
from mlops_assets.spec.documents import Reading
from tests.mlops_assets.ocr.drawn import draw, encode

pytestmark = pytest.mark.slow

PAGE = encode(draw(["some words"]))
TESSERACT = r"""#!/bin/sh
cat > /dev/null
case "$(cat {folder}/mode)" in
  hang) trap '' TERM; sleep 1000 & echo "$$ $!" > {folder}/pids; sleep 1000 ;;
  fail) echo 'Error opening data file nowhere/xyz.traineddata Failed loading language' >&2; exit 1 ;;
  kill_once) echo work > {folder}/mode; kill -9 $PPID ;;
  kill) kill -9 $PPID ;;
  flood) head -c 100000000 /dev/zero >&2 ;;
esac
printf 'level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n'
printf '5\t1\t1\t1\t1\t1\t20\t20\t100\t20\t96\tfaked\n'
"""


@pytest.fixture
def tesseract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """A command named tesseract that does as it is told."""
    command = tmp_path / "tesseract"
    command.write_text(TESSERACT.format(folder=tmp_path), encoding="utf-8")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    return lambda mode: (tmp_path / "mode").write_text(mode, encoding="utf-8") and None


@pytest.fixture
def reader(tesseract: Callable[[str], None]) -> Iterator[Reader]:
    with Reader(Reading(engines=("tesseract",), page_s=10)) as reader:
        yield reader


def running(folder: Path) -> list[int]:
    """What the hanging engine started and is still at work; an orphan waits for its reaper as a zombie."""
    started = [int(pid) for pid in (folder / "pids").read_text("utf-8").split()]
    return [pid for pid in started if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE]


def refused(reader: Reader, data: bytes) -> str:
    with pytest.raises(DocumentError) as error:
        reader.read(data)
    return error.value.code


def test_a_hanging_engine_is_killed_with_all_it_started_and_the_next_page_is_read(tesseract, reader, tmp_path) -> None:
    tesseract("hang")
    assert refused(reader, PAGE) == "time_out"

    assert not running(tmp_path)

    tesseract("work")
    assert reader.read(PAGE).text == "faked"
    assert (reader.stats().started, reader.stats().killed) == (2, 1)


def test_a_failing_engine_is_told_and_a_flooding_one_is_cut_off(tesseract, reader) -> None:
    tesseract("fail")
    assert refused(reader, PAGE) == "unknown_language"

    tesseract("flood")
    assert refused(reader, PAGE) == "engine_failed"

    tesseract("work")
    assert reader.read(PAGE).text == "faked"
    assert reader.stats().started == 1


def test_a_hanging_child_without_a_parent_ends_itself_and_its_engine(tesseract, tmp_path) -> None:
    tesseract("hang")
    reading = Reading(engines=("tesseract",), page_s=5)
    request = json.dumps({"reading": reading.model_dump(mode="json"), "bytes": len(PAGE)}).encode("utf-8") + b"\n"
    command = [sys.executable, "-m", "mlops_assets.ocr.child", "3000"]
    with subprocess.Popen(command, stdin=-1, stdout=-1, stderr=-3, start_new_session=True) as child:
        assert child.stdin is not None
        child.stdin.write(request + PAGE)
        child.stdin.flush()

        assert child.wait(timeout=90) == -signal.SIGKILL

    assert not running(tmp_path)


def test_a_child_that_waits_for_work_has_no_alarm_set() -> None:
    assert [told["error"] for told in read_pages(b"GIF89a", Reading())] == ["unsupported_type"]
    assert signal.alarm(0) == 0


def test_a_page_that_needs_more_memory_than_the_child_may_have_is_refused_and_the_next_is_read() -> None:
    huge = encode(Image.new("RGB", (9_000, 5_000), "white"))

    with Reader(Reading(memory_mb=700)) as reader:
        assert refused(reader, huge) == "out_of_memory"
        assert reader.read(PAGE).text == "some words"


def test_a_child_is_replaced_for_its_age_and_for_its_size() -> None:
    for limit in ({"recycle_pages": 1}, {"recycle_mb": 1}):
        with Reader(Reading(**limit)) as reader:
            reader.read(PAGE)

            assert (reader.stats().recycled, reader.stats().rss_bytes) == (1, 0)


def test_a_large_page_leaves_no_memory_behind() -> None:
    large = encode(draw(["some words " * 14, *[""] * 40, "some words"], width=2400))

    with Reader(Reading(engines=("rapidocr",))) as reader:
        reader.read(PAGE)
        before = reader.stats().rss_bytes
        reader.read(large)

        assert reader.stats().rss_bytes < before + 32 * 2**20  # kept blocks would be some 100 MiB


def test_a_child_that_died_while_nothing_was_read_is_replaced() -> None:
    with Reader(Reading()) as reader:
        reader.read(PAGE)
        (place,) = reader._places
        place.child.kill()

        assert reader.read(PAGE).text == "some words"


def test_a_page_whose_child_is_killed_by_others_is_read_by_the_next_one(tesseract, reader) -> None:
    tesseract("kill_once")

    assert reader.read(PAGE).text == "faked"
    assert (reader.stats().started, reader.stats().killed, reader.stats().documents) == (2, 1, 1)


def test_a_page_on_which_every_child_is_killed_is_given_up(tesseract, reader) -> None:
    tesseract("kill")

    assert refused(reader, PAGE) == "crashed"
    assert (reader.stats().started, reader.stats().killed) == (2, 2)


def test_a_reader_that_is_closed_starts_no_further_child(tesseract, tmp_path) -> None:
    tesseract("hang")
    told: list[str] = []
    reader = Reader(Reading(engines=("tesseract",)))
    reading = threading.Thread(target=lambda: told.append(refused(reader, PAGE)))
    reading.start()
    while reading.is_alive() and not (tmp_path / "pids").exists():
        pass
    reader.close()
    reading.join(60)

    assert (told, reader.stats().started) == (["crashed"], 1)
    assert not running(tmp_path)
    assert refused(reader, PAGE) == "busy"


def test_a_child_that_cannot_start_is_no_fault_of_the_document(monkeypatch) -> None:
    with Reader(Reading(memory_mb=64)) as reader:
        assert refused(reader, PAGE) == "engine_failed"

    monkeypatch.setattr(parent, "ENVIRONMENT", ("/nowhere/env",))
    with Reader(Reading()) as reader:
        assert refused(reader, PAGE) == "engine_failed"


def test_more_documents_than_may_wait_are_refused_at_once() -> None:
    with Reader(Reading(waiting_max=0)) as reader:
        place = reader._take()
        assert refused(reader, PAGE) == "busy"

        reader._give_back(place)
        assert reader.stats().reading == 0


def test_a_machine_without_the_engine_asked_for_says_how_to_get_it(monkeypatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin/nothing")
    from mlops_assets.ocr.recognise import usable_engines

    with pytest.raises(DocumentError, match="apt-get install tesseract-ocr"):
        usable_engines(Reading(engines=("tesseract",)))
    assert [engine.name for engine in usable_engines(Reading())] == ["rapidocr"]
