"""The parent's side of a child process that reads documents: started late, bounded in time, killed whole."""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from typing import Any

import psutil

from mlops_assets.ocr.document import Document, Page
from mlops_assets.ocr.errors import DocumentError, out_of_memory
from mlops_assets.spec.documents import Reading

START_S = 60.0
END_S, LOOK_S = 5.0, 0.01  # from the end of its output to that of the process, and how often that is looked for
NO_MEMORY = (b"MemoryError", b"bad_alloc", b"Failed to allocate", b"Insufficient memory")
CHUNK_BYTES = 2**16
# env sets what the child inherits, without this process looking at its own environment. Detection takes and returns
# large blocks by the hundred: where glibc keeps them until a document is done, that costs a quarter less of its time.
KEEP_BLOCKS = ("MALLOC_MMAP_MAX_=0", f"MALLOC_TRIM_THRESHOLD_={2**30}")
ENVIRONMENT = ("env", "OMP_NUM_THREADS=1", "OMP_THREAD_LIMIT=1", "OPENBLAS_NUM_THREADS=1", *KEEP_BLOCKS)


class Child:
    """One child process, which reads one document at a time.

    It leads a process group of its own, so that whatever it starts ends with it.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._unread = bytearray()
        self._owing = False
        self._ending = False
        self._ended_by_others = False
        self.pages = 0
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed by kill
        try:
            self._process = subprocess.Popen(
                [*ENVIRONMENT, sys.executable, "-m", "mlops_assets.ocr.child", str(reading.memory_mb)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                start_new_session=True,
            )
        except OSError:
            self._stderr.close()
            raise
        assert self._process.stdin is not None and self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        os.set_blocking(self._stdin.fileno(), False)
        self._await_ready(reading.memory_mb)

    def _await_ready(self, memory_mb: int) -> None:
        """Until it can read; what keeps it from that is no document's fault."""
        try:
            self._hear(START_S)
        except DocumentError as error:
            whys = {
                "out_of_memory": f"it needs more than memory_mb {memory_mb} for itself; raise memory_mb",
                "time_out": f"it was not ready after {START_S:g} s; give this machine less to do",
            }
            why = whys.get(error.code, error.sentence)
            raise DocumentError("engine_failed", f"the process that reads documents did not start: {why}") from error

    def read(self, data: bytes, reading: Reading) -> Document:
        """The document's words; after an error of time, memory or the process itself the child is gone."""
        header = json.dumps({"reading": reading.model_dump(mode="json"), "bytes": len(data)}).encode("utf-8")
        self._owing = True
        self._send(header + b"\n" + data, reading.page_s)
        pages = []
        while not (told := self._hear(reading.page_s)).get("done"):
            if "error" in told:
                self._owing = False
                raise DocumentError(told["error"], told["sentence"])
            pages.append(Page.from_dict(told["page"]))
            self.pages += 1
        self._owing = False
        return Document(tuple(pages), reading.language)

    @property
    def was_killed(self) -> bool:
        """True where somebody else ended it, such as a system that is short of memory: no document's fault either."""
        return self._ended_by_others

    @property
    def rss_bytes(self) -> int:
        """Resident bytes of the child itself; 0 when it is gone."""
        try:
            return int(psutil.Process(self._process.pid).memory_info().rss)
        except psutil.NoSuchProcess:
            return 0

    @property
    def ready(self) -> bool:
        """True while the process runs and has answered all that it was asked."""
        return not self._owing and self._process.poll() is None

    def end(self) -> None:
        """End the child from any thread: one that reads by it is told that it crashed, and clears up."""
        self._ending = True
        if self._owing:
            self._signal_all()
        else:
            self.kill()

    def kill(self) -> None:
        """End the child and everything in its process group at once; of the thread that reads by it."""
        self._ending = True
        self._signal_all()
        self._process.wait()
        self._stdout.close()
        with contextlib.suppress(BrokenPipeError):
            self._stdin.close()
        self._stderr.close()

    def _signal_all(self) -> None:
        if self._process.returncode is None:  # not waited for yet: its number is still its own
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _send(self, data: bytes, seconds: float) -> None:
        rest, deadline = memoryview(data), time.monotonic() + seconds
        while rest:
            self._wait_for(self._stdin, selectors.EVENT_WRITE, deadline, seconds)
            try:
                rest = rest[os.write(self._stdin.fileno(), rest[:CHUNK_BYTES]) :]
            except BrokenPipeError:
                raise self._crashed() from None

    def _hear(self, seconds: float) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while b"\n" not in self._unread:
            self._wait_for(self._stdout, selectors.EVENT_READ, deadline, seconds)
            part = os.read(self._stdout.fileno(), CHUNK_BYTES)
            if not part:
                raise self._crashed()
            self._unread += part
        line, _, self._unread = self._unread.partition(b"\n")
        told: dict[str, Any] = json.loads(line)
        return told

    def _wait_for(self, stream: Any, event: int, deadline: float, seconds: float) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(stream, event)
            if not selector.select(max(deadline - time.monotonic(), 0)):
                self.kill()
                raise DocumentError(
                    "time_out", f"a page took longer than page_s {seconds:g}; scan it smaller, or raise it"
                )

    def _crashed(self) -> DocumentError:
        self._ended_by_others = not self._ending and _ended_by(self._process.pid) == signal.SIGKILL
        self._stderr.seek(0)
        said = self._stderr.read()
        self.kill()
        if any(words in said for words in NO_MEMORY):
            return out_of_memory(self._reading.memory_mb)
        ended = f"{self._process.returncode}: {said[-300:].decode('utf-8', 'replace').strip()}"
        return DocumentError("crashed", f"the process that reads documents ended with {ended}")


def _ended_by(pid: int) -> int | None:
    """The signal that ended a child which closed its output; None where it ended by itself, or was waited for."""
    deadline = time.monotonic() + END_S
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < deadline:
            found = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)  # leaves it to be waited for
            if found is not None:
                return found.si_status if found.si_code == os.CLD_KILLED else None
            time.sleep(LOOK_S)
    return None
