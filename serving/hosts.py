"""By which names a request may call the router."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

HOSTS_REMEMBERED = 256


class Hosts:
    """The names of this machine, and those that were named to us; ports do not matter."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = frozenset(name.strip().strip("[]").lower() for name in names if name.strip())
        self.trusts = lru_cache(HOSTS_REMEMBERED)(self._trusts)  # callers send few different ones

    def _trusts(self, address: str) -> bool:
        """True when an address such as '//localhost:5050' or an Origin names this router."""
        try:
            name = urlsplit(address).hostname or ""
        except ValueError:
            return False
        return is_loopback(name) or name in self._names


def is_loopback(host: str) -> bool:
    """True for localhost and the loopback addresses."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
