"""How often a caller may ask, and how often an address may try a wrong key, counted over all workers.

The counts lie in a file of the home or, by a setting, in Redis. When they cannot be reached nothing is counted for
AWAY_S: a right key is served, a wrong one is refused as ever, only without the 429. Stopping every caller because a
counter is away would make it the one part whose failure stops the router; guessing 32 random bytes stays hopeless.
"""

import logging
import time
from math import ceil
from typing import cast

from limits import RateLimitItem, RateLimitItemPerMinute, parse
from limits.errors import ConfigurationError, StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from resources.settings import Settings, SettingsError
from serving.counts import SqliteCounts
from serving.errors import TooManyRequestsError

WRONG_KEYS = RateLimitItemPerMinute(20)
AWAY_S = 5.0
REDIS_TIMEOUT_S = 0.25
log = logging.getLogger(__name__)


class RateLimits:
    """The limits of one installation; `per_caller` None means that callers are not counted."""

    def __init__(self, storage: Storage, per_caller: RateLimitItem | None) -> None:
        self._limiter = FixedWindowRateLimiter(storage)
        self.per_caller = per_caller
        self._away_until = 0.0

    def count_wrong_key(self, address: str) -> None:
        """Note a wrong key from an address.

        Raises
        ------
        TooManyRequestsError
            If it sent too many within the minute.
        """
        self._count(WRONG_KEYS, "wrong-key", address, "wrong keys from your address")

    def count_request(self, caller: str) -> None:
        """Note a request of a caller; free of cost without a limit.

        Raises
        ------
        TooManyRequestsError
            If the caller asked too often.
        """
        if self.per_caller is not None:
            self._count(self.per_caller, "request", caller, "requests of yours")

    def _count(self, limit: RateLimitItem, kind: str, who: str, what: str) -> None:
        if time.monotonic() < self._away_until:
            return
        try:
            if self._limiter.hit(limit, kind, who):
                return
            wait_s = max(1, ceil(self._limiter.get_window_stats(limit, kind, who).reset_time - time.time()))
        except StorageError as error:
            self._away_until = time.monotonic() + AWAY_S
            log.warning("the counts of the rate limits are out of reach, nothing is counted: %s", error)
            return
        raise TooManyRequestsError(f"too many {what}: {limit}; ask again in {wait_s} s", wait_s)


def open_limits(settings: Settings) -> RateLimits:
    """The limits that the settings ask for.

    Raises
    ------
    SettingsError
        If the storage is of an unknown kind, or its client is not installed.
    """
    return RateLimits(_storage(settings), parse(settings.rate_limit) if settings.rate_limit else None)


def _storage(settings: Settings) -> Storage:
    if settings.rate_limit_storage is None:
        return SqliteCounts(f"sqlite://{settings.root / 'run' / 'counts.db'}")
    address = settings.rate_limit_storage.get_secret_value()
    timeouts = {"socket_timeout": REDIS_TIMEOUT_S, "socket_connect_timeout": REDIS_TIMEOUT_S}
    try:
        return cast(Storage, storage_from_string(address, wrap_exceptions=True, **timeouts))
    except ConfigurationError as error:
        raise SettingsError(
            "environment: MLOPS_RATE_LIMIT_STORAGE=***: redis://host:port is due, and the package redis beside it"
        ) from error
