"""The router under granian: a parent that holds the port, and worker processes that answer with threads.

A worker says when it can answer. Only then does the parent end the one it replaces, so that a reload (SIGHUP) and the
death of one of several workers cost no request.
"""

import gc
import logging
import multiprocessing
import os
import signal
import time
from functools import partial
from multiprocessing.synchronize import Event
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer, WorkerProcess

from mlops_assets.use_cases.load import SpecError, load_use_cases
from resources.settings import Settings
from serving.metric_files import prepare

GRACEFUL_S = 10
READY_S = 120.0  # a worker imports the scoring libraries and probes models first
HEADER_MS = 10_000
BUFFER_BYTES = 64 * 2**10
CONNECTIONS_MAX = 4096  # of a worker; one that sends no whole request takes no thread, but a place here
LOOK_S = 0.1
PARENT_LOOK_S = 1.0
FALSE_STARTS_MAX = 3
GARBAGE = 20_000  # objects; at Python's 700 a look for cycles, of which requests leave none, is due all the time
log = logging.getLogger(__name__)


class Server(MPServer):
    """Granian with our options; the application is built in each worker."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(
            "serving.server",
            address=settings.host.strip("[]"),
            port=settings.router_port,
            interface=Interfaces.WSGI,
            workers=settings.router_workers,
            blocking_threads=settings.router_threads,
            backpressure=CONNECTIONS_MAX,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=HEADER_MS, max_buffer_size=BUFFER_BYTES),
            websockets=False,
            log_level=LogLevels.error,
            respawn_failed_workers=True,
            workers_kill_timeout=GRACEFUL_S,
        )
        prepare(counts(settings))
        self._settings = settings
        self._ready: dict[int, Event] = {}
        self._false_starts = 0
        self._renewing = False

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; SIGHUP reads the use cases again in fresh workers."""
        self.serve(target_loader=partial(load, self._settings), wrap_loader=False)

    # Granian declares one signature for its kinds of servers, and its process server has another.
    def _spawn_worker(self, idx: int, target: Any, callback_loader: Any) -> WorkerProcess:  # type: ignore[override]
        self._ready[idx] = multiprocessing.Event()
        return super()._spawn_worker(idx, target, partial(callback_loader, self._ready[idx], os.getpid()))

    def _reload(self, spawn_target: Any, target_loader: Any) -> None:
        try:
            load_use_cases(self._settings.own_use_cases)
        except SpecError as error:
            log.error("reload refused, the workers go on as they are: %s", error)
            self.reload_signal = False
            self.main_loop_interrupt.clear()
            return
        self._renewing = True
        super()._reload(spawn_target, target_loader)
        self._renewing = False

    def _respawn_workers(self, workers: list[int], spawn_target: Any, target_loader: Any, delay: float = 0) -> None:
        """Each worker replaced by one that can answer; a replacement that ends first leaves the old one in place."""
        if not self._renewing:  # of two that die in one moment granian may name only one
            workers = [idx for idx, worker in enumerate(self.wrks) if not worker.is_alive()]
        for idx in workers:
            old = self.wrks[idx]
            new = self._spawn_worker(idx, spawn_target, target_loader)
            new.start()
            if not self._answers(new, idx):
                log.error("worker %d ended before it could answer", idx + 1)
                self._end(new)  # it may live, where this process was told to stop meanwhile, and nobody else knows it
                self._note_false_start()
                if not self._renewing:
                    self.interrupt_children.append(idx)  # the old one is dead: try again
                    self.main_loop_interrupt.set()
                continue
            self._false_starts = 0
            self.wrks[idx] = new
            self._end(old)

    def _end(self, worker: WorkerProcess) -> None:
        worker.terminate()
        worker.join(self.workers_kill_timeout)
        if worker.is_alive():
            worker.kill()
            worker.join()

    def _answers(self, worker: WorkerProcess, idx: int) -> bool:
        until = time.monotonic() + READY_S
        while time.monotonic() < until and worker.is_alive() and not self.interrupt_signal:
            if self._ready[idx].wait(LOOK_S):
                return True
        return self._ready[idx].is_set()

    def _note_false_start(self) -> None:
        """Give up after several in a row: whoever started this process knows better what to do."""
        self._false_starts += 1
        if self._false_starts >= FALSE_STARTS_MAX:
            self.interrupt_signal = True
            self.main_loop_interrupt.set()


def load(settings: Settings, ready: Event, parent: int) -> Any:
    """The application of a worker."""
    from resources.lake import Lake
    from resources.state.database import State
    from serving import metrics
    from serving.access import open_access
    from serving.app import create_app
    from serving.documents.documents import Documents
    from serving.prediction_log import PredictionLog
    from serving.repeater import Repeater
    from serving.router import open_models, open_router

    metrics.open_files(counts(settings))
    use_cases = load_use_cases(settings.own_use_cases)
    state = State(settings.state_address)
    models = open_models(use_cases, settings, state)
    make_log = partial(
        PredictionLog, mode=settings.log_mode, buffer_rows=settings.log_buffer_rows, sync_s=settings.log_sync_s
    )
    documents = Documents(use_cases, Lake(settings.lake_root))
    router = open_router(
        use_cases, state, models, poll_s=settings.router_poll_s, make_log=make_log, documents=documents
    )
    router.start()
    Finalize(None, router.close, exitpriority=0)  # granian returns from its worker when the last request is answered
    Repeater("watch-parent", partial(_end_with, parent), PARENT_LOOK_S).start()
    access = open_access(settings, router.state, router.clock)
    Repeater("follow-access", access.refresh, settings.router_poll_s).start()
    Finalize(None, access.close, exitpriority=1)  # the last refusals, before the database is closed
    app = create_app(router, access)
    gc.collect()
    gc.freeze()  # what the libraries made stays, and a collection that looks at it holds every request up
    gc.set_threshold(GARBAGE)
    ready.set()
    return app


def counts(settings: Settings) -> Path:
    """Folder in which the workers of this router count."""
    return settings.root / "run" / "metrics" / str(settings.router_port)


def _end_with(parent: int) -> None:
    """End this worker when its parent is gone: nobody would replace or stop it."""
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)
