from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from mlops_assets import spec
from resources.state import audit
from resources.state.conflict import ConflictError
from resources.state.database import State
from resources.state.routing import Wanted
from serving.router import open_router, utc_now
from serving.splits import Splits

NAME = "wine_quality"
HOUR = timedelta(hours=1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def canaries(use_cases):
    """The use cases as canaries of the default ramp: 0.01, 0.05 after 1 h, 0.2 after 6 h, 0.5 after 24 h."""
    routing = spec.Routing(kind="canary")
    return {name: one.model_copy(update={"routing": routing}) for name, one in use_cases.items()}


@pytest.fixture
def make(canaries, state, clock):
    """Another process on the same database."""
    return lambda: Splits(canaries.values(), state, clock)


def test_first_split_is_the_specs(use_cases, state):
    assert Splits(use_cases.values(), state, utc_now).of(NAME).split_b == use_cases[NAME].routing.split_b


def test_split_survives_a_restart(use_cases, state):
    before = Splits(use_cases.values(), state, utc_now)
    changed = before.change(NAME, Wanted(ab_split_b=0.7), expected=None, by="ann")
    after = Splits(use_cases.values(), state, utc_now)
    assert after.of(NAME) == changed


def test_other_processes_see_a_change_at_their_next_look(use_cases, state):
    one, other = (Splits(use_cases.values(), state, utc_now) for _ in range(2))
    one.change(NAME, Wanted(ab_split_b=0.7), expected=1, by="ann")
    assert other.of(NAME).split_b == 0.3
    other.refresh()
    assert other.of(NAME).split_b == 0.7


def test_change_of_what_one_has_not_seen_is_a_conflict(use_cases, state):
    one, other = (Splits(use_cases.values(), state, utc_now) for _ in range(2))
    one.change(NAME, Wanted(ab_split_b=0.7), expected=1, by="ann")
    with pytest.raises(ConflictError, match="at version 2"):
        other.change(NAME, Wanted(ab_split_b=0.1), expected=1, by="bob")
    assert other.change(NAME, Wanted(ab_split_b=0.1), expected=None, by="bob").version == 3


def test_a_look_that_began_before_a_change_does_not_undo_it(use_cases, state):
    splits = Splits(use_cases.values(), state, utc_now)

    @contextmanager
    def read_and_be_late():
        with State.read(state) as connection:
            yield connection
        splits.change(NAME, Wanted(ab_split_b=0.7), expected=None, by="ann")

    state.read = read_and_be_late
    splits.refresh()
    assert splits.of(NAME).split_b == 0.7


def test_a_canary_follows_its_ramp_and_one_process_takes_each_step(make, clock, state):
    workers = [make(), make()]
    for worker in workers:
        worker.follow_challenger(NAME, 2)
    seen = []
    for hours in (0, 1, 6, 24, 100):
        clock.now = NOON + hours * HOUR
        for worker in workers:
            worker.refresh()
        workers[0].refresh()
        assert workers[0].of(NAME) == workers[1].of(NAME)
        seen.append((workers[0].of(NAME).split_b, workers[0].of(NAME).version))
    assert seen == [(0.01, 2), (0.05, 3), (0.2, 4), (0.5, 5), (0.5, 5)]
    with state.read() as connection:
        assert [change.who for change in audit.last_changes(connection, NAME)] == ["ramp"] * 4


def test_a_restart_does_not_restart_the_ramp(make, clock):
    make().follow_challenger(NAME, 2)
    clock.now += 6 * HOUR
    after = make()
    after.follow_challenger(NAME, 2)
    after.refresh()
    assert after.of(NAME).split_b == 0.2


def test_a_ramp_takes_no_step_where_its_challenger_does_not_serve(make, clock):
    worker = make()
    worker.follow_challenger(NAME, 2)
    worker.follow_challenger(NAME, None)
    clock.now += 24 * HOUR
    worker.refresh()
    assert worker.of(NAME).split_b == 0.01
    worker.follow_challenger(NAME, 2)
    worker.refresh()
    assert worker.of(NAME).split_b == 0.5


def test_a_new_challenger_never_meets_the_split_of_the_one_before(canaries, state, make_models, registry, clock):
    router = open_router(canaries, state, make_models(), clock)
    router.models.refresh()
    clock.now += 24 * HOUR
    router.splits.refresh()
    assert router.splits.of(NAME).split_b == 0.5
    met = []
    follow = router.models.before_swap
    router.models.before_swap = lambda *arms: met.append((follow(*arms), router.models.of(NAME).challenger.version))
    registry.add(NAME, 3, "challenger", value=6, classes=[5, 6])
    router.models.refresh()
    assert met[0] == (None, 2)  # told while version 2 was still arm B
    assert router.models.of(NAME).challenger.version == 3
    assert (router.splits.of(NAME).split_b, router.splits.of(NAME).challenger) == (0.01, 3)
    router.close()


def test_a_challenger_whose_split_cannot_be_written_does_not_serve(canaries, state, make_models, clock):
    router = open_router(canaries, state, make_models(), clock)
    with state.write() as connection:
        connection.exec_driver_sql("ALTER TABLE routing RENAME TO gone")
    with pytest.raises(sa.exc.OperationalError, match="no such table"):
        router.models.refresh()
    assert router.models.of(NAME).challenger is None
    with state.write() as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO routing")
    router.models.refresh()
    assert router.models.of(NAME).challenger.version == 2
    router.close()
