import socket
import time
import uuid

import pytest
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage

from resources.settings import SettingsError, read_settings
from serving import rate_limits
from serving.errors import TooManyRequestsError
from serving.rate_limits import AWAY_S, WRONG_KEYS, RateLimits, open_limits

REDIS = ("127.0.0.1", 6379)


class Away(MemoryStorage):
    """A storage that fails while `down`, and counts how often it was asked."""

    down = True
    asked = 0

    @property
    def base_exceptions(self):
        return ConnectionError

    def incr(self, key, expiry, amount=1):
        self.asked += 1
        if self.down:
            raise ConnectionError("gone")
        return super().incr(key, expiry, amount)


def test_wrong_keys_are_counted_by_address():
    limits = RateLimits(MemoryStorage(), None)
    for _ in range(WRONG_KEYS.amount):
        limits.count_wrong_key("203.0.113.9")
    with pytest.raises(TooManyRequestsError, match="too many wrong keys from your address: 20 per 1 minute") as refused:
        limits.count_wrong_key("203.0.113.9")
    assert 0 < refused.value.retry_after_s <= 60
    limits.count_wrong_key("203.0.113.10")


def test_requests_are_counted_by_caller():
    limits = RateLimits(MemoryStorage(), RateLimitItemPerMinute(1))
    limits.count_request("a")
    limits.count_request("b")
    with pytest.raises(TooManyRequestsError, match="too many requests of yours: 1 per 1 minute"):
        limits.count_request("a")


def test_without_a_limit_nothing_is_counted():
    storage = Away()
    RateLimits(storage, None).count_request("a")
    assert storage.asked == 0


def test_while_the_counts_are_away_callers_are_served_and_nobody_waits_for_them(monkeypatch, caplog):
    moment = [time.monotonic()]
    monkeypatch.setattr(rate_limits.time, "monotonic", lambda: moment[0])
    storage = Away(wrap_exceptions=True)
    limits = RateLimits(storage, RateLimitItemPerMinute(1))
    for _ in range(5):
        limits.count_request("a")
    assert storage.asked == 1
    assert "out of reach" in caplog.text
    moment[0] += AWAY_S
    storage.down = False
    limits.count_request("a")
    with pytest.raises(TooManyRequestsError):
        limits.count_request("a")


def test_by_default_the_counts_lie_in_the_home(tmp_path):
    settings = read_settings({}, home=tmp_path, rate_limit="2/minute")
    first, second = open_limits(settings), open_limits(settings)
    first.count_request("a")
    second.count_request("a")
    with pytest.raises(TooManyRequestsError):
        first.count_request("a")
    assert (tmp_path / "run" / "counts.db").exists()


def test_workers_share_their_counts_in_redis(tmp_path):
    pytest.importorskip("redis")
    try:
        socket.create_connection(REDIS, timeout=1).close()
    except OSError as error:
        pytest.skip(f"no Redis answers at {REDIS}: {error}")
    settings = read_settings(
        {}, home=tmp_path, rate_limit="2/minute", rate_limit_storage="redis://{}:{}".format(*REDIS)
    )
    first, second, caller = open_limits(settings), open_limits(settings), uuid.uuid4().hex
    first.count_request(caller)
    second.count_request(caller)
    with pytest.raises(TooManyRequestsError):
        first.count_request(caller)


def test_a_redis_that_is_away_stops_nobody(tmp_path, caplog):
    pytest.importorskip("redis")
    address = "redis://127.0.0.1:9"
    limits = open_limits(read_settings({}, home=tmp_path, rate_limit="1/minute", rate_limit_storage=address))
    for _ in range(3):
        limits.count_request("a")
        limits.count_wrong_key("a")
    assert caplog.text.count("out of reach") == 1


def test_an_unknown_storage_is_refused_without_showing_its_password(tmp_path):
    settings = read_settings({}, home=tmp_path, rate_limit_storage="carrier-pigeon://ann:hunter2@roof")
    with pytest.raises(SettingsError, match="MLOPS_RATE_LIMIT_STORAGE") as refused:
        open_limits(settings)
    assert "hunter2" not in str(refused.value)
