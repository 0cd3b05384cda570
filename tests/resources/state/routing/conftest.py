"""Routings of the wine, opened and changed in transactions of their own."""

from datetime import timedelta

import pytest
from routed import NAME, wine

from resources.state import audit
from resources.state.routing import (
    Wanted,
    change_routing,
    meet_challenger,
    open_routing,
)


@pytest.fixture
def act(state):
    """Calls a function in a transaction of its own."""

    def act(function, *arguments, **options):
        with state.write() as connection:
            return function(connection, *arguments, **options)

    return act


@pytest.fixture
def change(act, at):
    """The routing after a change of `wine()`, whatever its version; `after` is the time since `at`."""

    def change(by="ann", after=timedelta(0), expected=None, **wanted):
        return act(change_routing, wine(), Wanted(**wanted), expected=expected, at=at + after, by=by)

    return change


@pytest.fixture
def canary(act, at):
    """A canary whose challenger, version 2, arrived at `at`."""
    act(open_routing, wine(kind="canary"), at=at)
    return act(meet_challenger, NAME, 2, at=at)


@pytest.fixture
def changes(act):
    return lambda: act(audit.last_changes, NAME)
