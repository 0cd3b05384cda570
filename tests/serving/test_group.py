import threading
from collections.abc import Iterator

import pytest
from patience import PATIENCE_S, wait_until

from serving.group import Group, Member


class Work:
    """Keeps the size of each group; `gate` shut, the first group does not end."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.begun, self.gate = threading.Event(), threading.Event()
        self.gate.set()

    def __call__(self, group: list[Member]) -> None:
        self.sizes.append(len(group))
        self.begun.set()
        assert self.gate.wait(PATIENCE_S)


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def bring() -> Iterator:
    """Threads that take part, one member each; all have ended when the test has."""
    threads: list[threading.Thread] = []

    def start(group: Group, count: int) -> list[threading.Thread]:
        new = [threading.Thread(target=group.take_part, args=(Member(), PATIENCE_S)) for _ in range(count)]
        threads.extend(new)
        for thread in new:
            thread.start()
        return new

    yield start
    for thread in threads:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def test_who_comes_alone_works_alone(work):
    group = Group(work)
    members = [Member(), Member()]
    assert [group.take_part(member, 0.0) for member in members] == [True, True]
    assert work.sizes == [1, 1]
    assert all(member.done for member in members)


def test_those_who_come_while_a_group_works_are_one_group(work, bring):
    group = Group(work)
    work.gate.clear()
    bring(group, 1)
    assert work.begun.wait(PATIENCE_S)
    bring(group, 5)
    wait_until(lambda: len(group._waiting) == 5)
    work.gate.set()
    wait_until(lambda: sum(work.sizes) == 6)
    assert work.sizes == [1, 5]


def test_who_waits_too_long_leaves_and_is_not_worked_on(work, bring):
    group = Group(work)
    work.gate.clear()
    bring(group, 1)
    assert work.begun.wait(PATIENCE_S)
    late = Member()
    assert not group.take_part(late, 0.01)
    assert not late.taken
    work.gate.set()
    assert group.take_part(Member(), PATIENCE_S)
    assert sum(work.sizes) == 2


def test_an_error_of_the_work_ends_no_other_wait():
    def fail(group: list[Member]) -> None:
        raise ValueError("broken")

    group = Group(fail)
    with pytest.raises(ValueError, match="broken"):
        group.take_part(Member(), PATIENCE_S)
    with pytest.raises(ValueError, match="broken"):  # and not for ever behind the first
        group.take_part(Member(), PATIENCE_S)


def test_a_leader_waits_for_as_many_as_the_last_time(work, bring):
    group = Group(work, gather_s=PATIENCE_S)
    group._expected = 3
    bring(group, 1)
    wait_until(lambda: group._gathering is not None)
    assert work.sizes == []
    bring(group, 2)
    wait_until(lambda: work.sizes == [3])


def test_a_leader_whom_nobody_joins_goes_on_after_a_moment_and_expects_nobody(work):
    group = Group(work, gather_s=0.01)
    group._expected = 3
    assert group.take_part(Member(), PATIENCE_S)
    assert (work.sizes, group._expected) == ([1], 1)


def test_many_threads_are_all_served(work):
    group, members = Group(work, gather_s=0.0005), [Member() for _ in range(400)]

    def serve(mine: list[Member]) -> None:
        for member in mine:
            assert group.take_part(member, PATIENCE_S)

    threads = [threading.Thread(target=serve, args=(members[start::8],)) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(member.done for member in members)
    assert sum(work.sizes) == len(members)
