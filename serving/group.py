"""Threads that bring work at one moment have it done together, by one of them: the first leads, the others sleep.

The leader takes all that waits, does it, and calls the next leader before it wakes those it worked for, so that work
goes on while they wake. A lock that each would take in turn wakes them one after the other, and every wake waits for
Python's own lock.
"""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar


class Member:
    """What one thread brings; `taken` once its group is worked on, `done` when that has ended."""

    __slots__ = ("_call", "done", "taken")

    def __init__(self) -> None:
        self.taken = self.done = False
        self._call = threading.Lock()  # released by whoever has news for this member
        self._call.acquire()

    def wait(self, timeout_s: float) -> bool:
        """True when there is news: it is done, or leads."""
        return self._call.acquire(timeout=timeout_s)

    def call(self) -> None:
        """Tell it that there is news."""
        self._call.release()


One = TypeVar("One", bound=Member)


class Group(Generic[One]):
    """Works on what its members bring, one group at a time.

    Parameters
    ----------
    work : callable
        Takes the members of a group, in the order they came, and keeps what becomes of each with it. An error that it
        raises reaches the leader alone, so it should raise none.
    gather_s : float
        How long a leader waits for as many members as the group before had; nobody waits who comes alone.
    """

    def __init__(self, work: Callable[[list[One]], None], gather_s: float = 0.0) -> None:
        self._work = work
        self._gather_s = gather_s
        self._door = threading.Lock()  # guards the four below
        self._waiting: list[One] = []
        self._busy = False
        self._gathering: One | None = None  # the leader who waits for others
        self._expected = 1

    def take_part(self, member: One, timeout_s: float) -> bool:
        """True when the member is done; False when it was not in time, and then nobody begins with it any more."""
        with self._door:
            self._waiting.append(member)
            leads, self._busy = not self._busy, True
            if self._gathering is not None and len(self._waiting) >= self._expected:
                self._gathering.call()
                self._gathering = None
        if leads or self._is_called(member, timeout_s):
            if not member.done:
                self._gather(member)
                self._lead(member)
            return True
        return False

    def _gather(self, leader: One) -> None:
        """Return when as many wait as the last time, or when that takes too long."""
        with self._door:
            if self._gather_s == 0.0 or len(self._waiting) >= self._expected:
                return
            self._gathering = leader
        if not leader.wait(self._gather_s):
            with self._door:
                if self._gathering is None:
                    leader.wait(0)  # called in this very moment
                self._gathering = None

    def _is_called(self, member: One, timeout_s: float) -> bool:
        if member.wait(timeout_s):
            return True
        with self._door:
            if member.wait(0):  # in this very moment
                return True
            if not member.taken:
                self._waiting.remove(member)
            return False

    def _lead(self, leader: One) -> None:
        with self._door:
            taken, self._waiting = self._waiting, []
            self._expected = len(taken)
            for member in taken:
                member.taken = True
        try:
            self._work(taken)
        finally:
            with self._door:
                self._busy = bool(self._waiting)
                if self._waiting:
                    self._waiting[0].call()
            for member in taken:
                member.done = True
                if member is not leader:
                    member.call()
