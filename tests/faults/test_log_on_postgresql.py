"""The prediction log while its PostgreSQL dies and comes back."""

import getpass
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from log_child import answer
from logged import stored, wait_for_more
from patience import wait_until

from resources.state.database import State, metadata
from resources.state.truth import Truths
from serving.errors import NotReadyError
from serving.prediction_log import PredictionLog

pytestmark = pytest.mark.slow


class Cluster:
    """A PostgreSQL of its own, on a Unix socket."""

    def __init__(self, folder: Path, owner: str | None) -> None:
        self.folder, self.owner, self.server = folder, owner, None
        make = ["initdb", "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "--no-sync"]
        subprocess.run(make, check=True, user=owner, cwd=folder, stdout=subprocess.DEVNULL)
        self.url = f"postgresql+psycopg://postgres@/postgres?host={folder}"

    def start(self) -> None:
        command = ["postgres", "-D", str(self.folder / "data"), "-k", str(self.folder), "-c", "listen_addresses="]
        with (self.folder / "log").open("ab") as log:
            self.server = subprocess.Popen(
                command, user=self.owner, cwd=self.folder, stdout=log, stderr=log, start_new_session=True
            )
        wait_until(self.answers)

    def answers(self) -> bool:
        engine = sa.create_engine(self.url)
        try:
            engine.connect().close()
        except sa.exc.OperationalError:
            return False
        finally:
            engine.dispose()
        return True

    def kill(self) -> None:
        os.killpg(self.server.pid, signal.SIGKILL)
        self.server.wait()


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    if shutil.which("initdb") is None or shutil.which("postgres") is None:
        pytest.skip("PostgreSQL's initdb and postgres are not on the path")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # the path of a socket is short
    owner = "postgres" if getpass.getuser() == "root" else None  # its server refuses to run as root
    if owner is not None:
        shutil.chown(folder, owner)
    cluster = Cluster(folder, owner)
    cluster.start()
    yield cluster
    cluster.kill()
    shutil.rmtree(folder)


def test_a_database_that_dies_and_comes_back_has_every_acknowledged_row_once(cluster):
    state = State(cluster.url)
    metadata.create_all(state.engine)
    log = PredictionLog(state, Truths({}))
    acknowledged, refused, wrong = list[str](), list[Exception](), list[Exception]()
    until = threading.Event()

    def ask() -> None:
        while not until.wait(0.05):
            row = answer()
            try:
                log.append([row])
                acknowledged.append(row.prediction_id)
            except NotReadyError as error:
                refused.append(error)
            except Exception as error:  # noqa: BLE001 - any other error would be a 500
                wrong.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    for _ in range(2):
        wait_for_more(acknowledged, 10)
        cluster.kill()
        wait_for_more(refused, 3)
        cluster.start()
        wait_for_more(acknowledged, 1)
    until.set()
    asking.join()
    log.close()
    state.close()
    found = stored(cluster.url)
    assert wrong == []
    assert len(found) == len(set(found))
    assert set(acknowledged) <= set(found)
