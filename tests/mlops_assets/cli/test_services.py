import socket
import subprocess
import sys
import time
from contextlib import closing
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import psutil
import pytest

from mlops_assets.cli.services import all_services, is_taken
from resources.settings import read_settings

ROOT = Path(__file__).parents[3]


def names(**environment: str) -> list[str]:
    return [service.name for service in all_services(read_settings(environment))]


def test_no_page_of_mlflow_is_started_where_another_server_has_it():
    assert names() == ["router", "dagster", "mlflow"]
    assert names(MLOPS_MLFLOW_URI="http://ml.example:5001") == ["router", "dagster"]


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_a_port_is_taken_where_somebody_listens(family, host):
    with closing(socket.socket(family)) as listener:
        try:
            listener.bind((host, 0))
        except OSError:
            pytest.skip(f"this machine has no {host}")
        port = listener.getsockname()[1]
        assert not is_taken(host, port)
        listener.listen()
        assert is_taken(host, port)


HOLDS = """
import subprocess, sys, time
from pathlib import Path
from mlops_assets.cli.services import Service, running

sleeps = (sys.executable, "-c", "import time; time.sleep(600)")
service = Service("idle", sleeps, sys.argv[1], sys.argv[1])
with running([service], Path(sys.argv[2]), 60, lambda line: None) as processes:
    print(processes[0].pid, flush=True)
    if sys.argv[3] == "stay":
        time.sleep(600)
"""


@pytest.fixture
def page():
    """An address that answers."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def is_alive(process: int) -> bool:
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("way", ["stay", "leave"])
def test_services_end_with_the_process_that_started_them(page, tmp_path, way):
    command = [sys.executable, "-c", HOLDS, page, str(tmp_path), way]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as holder:
        service = int(holder.stdout.readline())
        if way == "stay":
            assert is_alive(service)
            holder.kill()
    until = time.monotonic() + 60
    while is_alive(service):
        assert time.monotonic() < until
        time.sleep(0.05)
