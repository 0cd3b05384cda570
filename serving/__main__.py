"""`python -m serving`: the router of the installation that the environment describes."""

import logging
import sys
from pathlib import Path

from mlops_assets.use_cases.load import SpecError, load_use_cases
from resources.settings import SettingsError, read_settings
from serving.access import OpenBindError, check_bind
from serving.metric_files import MetricsError


class HomeError(ValueError):
    """The home is not made yet."""


def check_home(root: Path) -> None:
    """Refuse a home whose databases were not made; two processes that make them at once would spoil them."""
    if not (root / ".ready").exists():
        raise HomeError(f"{root}: not made yet; start with `mlops up` or `mlops serve`, which make it")


def main() -> int:
    """Serve until told to stop; 2 when the installation is set up wrongly."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        settings = read_settings()
        check_home(settings.root)
        load_use_cases(settings.own_use_cases)
        check_bind(settings)
        from serving.server import Server

        server = Server(settings)
    except (SettingsError, SpecError, OpenBindError, HomeError, MetricsError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    server.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
