import socket
from contextlib import closing

import pytest

from mlops_assets.cli.services import all_services, is_taken
from resources.settings import read_settings


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
