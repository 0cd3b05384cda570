"""The router under gunicorn: one process that serves with threads, stopped gracefully."""

from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from mlops_assets.spec import UseCase
from resources.settings import Settings
from resources.state.database import State
from serving.access import check_bind
from serving.app import create_app
from serving.router import open_models, open_router

THREADS = 8
GRACEFUL_S = 10
TIMEOUT_S = 60
KEEPALIVE_S = 15


class Server(BaseApplication):
    """Gunicorn with our options; the application is built in the worker, after the fork."""

    def __init__(self, settings: Settings, use_cases: dict[str, UseCase]) -> None:
        check_bind(settings.host)
        self._settings = settings
        self._use_cases = use_cases
        super().__init__()

    def load_config(self) -> None:
        """Hand our options to gunicorn."""
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        options = {
            "bind": f"{host}:{self._settings.router_port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "graceful_timeout": GRACEFUL_S,
            "timeout": TIMEOUT_S,
            "keepalive": KEEPALIVE_S,
            "loglevel": "warning",
            "proc_name": "mlops-router",
            "control_socket_disable": True,
            "worker_exit": _close,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application of this worker."""
        settings = self._settings
        models = open_models(
            self._use_cases, settings.mlflow_address, settings.artifact_root, settings.root / "bundles"
        )
        router = open_router(self._use_cases, State(settings.state_address), models)
        router.start()
        app = create_app(router)
        app.extensions["router"] = router
        return app


def _close(_: Any, worker: Any) -> None:
    """Write what waits before the process goes; a worker that failed to load has nothing to close."""
    application = getattr(worker, "wsgi", None)
    if application is not None:
        application.extensions["router"].close()
