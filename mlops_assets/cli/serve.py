"""`mlops serve`: the router alone."""

import os
import sys

from mlops_assets.cli.console import say
from mlops_assets.cli.opening import open_installation


def serve() -> None:
    """Start the A/B router and stay until it is stopped.

    Example: MLOPS_ROUTER_PORT=5050 mlops serve
    """
    installation = open_installation()
    settings = installation.settings
    say(f"router: {settings.router_address}/docs")
    os.execv(sys.executable, [sys.executable, "-m", "serving"])  # the server gets the signals itself
