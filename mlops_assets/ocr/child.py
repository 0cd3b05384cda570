"""The child process: reads documents from its input, one after the other, within its own limits.

    python -m mlops_assets.ocr.child MEMORY_MB

Input: a line of JSON {"reading": ..., "bytes": n}, then n bytes. Output, a line of JSON each: {"ready": true} once,
then for each document {"page": ...} for each page and {"done": true}, or {"error": code, "sentence": ...}.
"""

import ctypes
import io
import json
import math
import os
import resource
import signal
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, BinaryIO

from mlops_assets.ocr.document import Page
from mlops_assets.ocr.errors import DocumentError, out_of_memory
from mlops_assets.ocr.networks import warm
from mlops_assets.ocr.opening import open_pages
from mlops_assets.ocr.recognise import recognise
from mlops_assets.spec.documents import Reading

FILE_BYTES_MAX = 2**20  # what engines say goes to files; a flood of it ends them
ALONE_S = 5.0  # a page that takes so much longer than page_s has lost its parent, which would have ended it


def main() -> None:
    """Answer until the input ends."""
    memory = int(sys.argv[1]) * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES_MAX, FILE_BYTES_MAX))
    signal.signal(signal.SIGALRM, _end_all)
    warm()
    answer(sys.stdin.buffer, _private_output())


def answer(source: BinaryIO, sink: BinaryIO) -> None:
    """Write what each document of the source says to the sink."""
    _tell(sink, {"ready": True})
    while line := source.readline():
        request = json.loads(line)
        data = source.read(request["bytes"])
        for told in read_pages(data, Reading.model_validate(request["reading"])):
            if "page" not in told:  # the last that is told
                _return_freed_memory()
            _tell(sink, told)


def read_pages(data: bytes, reading: Reading) -> Iterator[dict[str, Any]]:
    """What is told about one document: its pages, then that it is done or why not."""
    patience_s = math.ceil(reading.page_s + ALONE_S)
    try:
        signal.alarm(patience_s)
        for number, opened in enumerate(open_pages(data, reading), 1):
            page = opened if isinstance(opened, Page) else recognise(opened, number, reading)
            yield {"page": asdict(page)}
            signal.alarm(patience_s)
        yield {"done": True}
    except DocumentError as error:
        yield {"error": error.code, "sentence": error.sentence}
    except MemoryError:
        full = out_of_memory(reading.memory_mb)
        yield {"error": full.code, "sentence": full.sentence}
    finally:
        signal.alarm(0)


def _return_freed_memory() -> None:
    """Give back to the system what glibc keeps for the next page, so that a child is as small after a large one."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _end_all(_: int, __: object) -> None:
    """End this process and all that it started."""
    os.killpg(0, signal.SIGKILL)


def _private_output() -> io.BufferedWriter:
    """The standard output, out of the reach of libraries that print: what they print goes to the standard error."""
    kept = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(kept, "wb")


def _tell(sink: BinaryIO, what: dict[str, Any]) -> None:
    sink.write(json.dumps(what).encode("utf-8") + b"\n")
    sink.flush()


if __name__ == "__main__":
    main()
