import threading

import pytest

from mlops_assets.cli.load import Hit, Shot, at_rate, run_load


class Clock:
    """A clock that only moves when somebody waits for it or works."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def now(self) -> float:
        return self.seconds

    def wait(self, _: threading.Condition, seconds: float | None) -> None:
        assert seconds is not None
        self.seconds += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def run(clock):
    """The hits of a plan with one thread, on that clock; `takes` are the seconds of each item."""

    def run(plan, takes, follow=lambda hit: ()):
        hits: list[Hit] = []

        def send(item):
            clock.seconds += takes(item)
            return item

        def settle(hit):
            hits.append(hit)
            return follow(hit)

        run_load(plan, send, settle, concurrency=1, now=clock.now, wait=clock.wait)
        return hits

    return run


def test_items_are_due_at_the_rate():
    assert list(at_rate("abc", 4.0)) == [Shot(0.0, "a"), Shot(0.25, "b"), Shot(0.5, "c")]
    assert [shot.due_s for shot in at_rate("ab", None)] == [None, None]


def test_a_fast_server_is_asked_when_each_shot_is_due(run):
    hits = run(at_rate(range(4), 2.0), lambda _: 0.125)
    assert [(hit.started_s, hit.latency_s, hit.late_s) for hit in hits] == [
        (start, 0.125, 0.0) for start in (0, 0.5, 1, 1.5)
    ]


def test_a_stall_is_seen_in_every_shot_that_it_made_wait(run):
    # Due at 0, 1, 2, 3; the first takes 3.5 s, the others 0.25 s. They start at 0, 3.5, 3.75, 4 and end at 3.5, 3.75,
    # 4, 4.25: 3.5, 2.75, 2, 1.25 after they were due. From their own start all but one would say 0.25.
    hits = run(at_rate(range(4), 1.0), lambda item: 3.5 if item == 0 else 0.25)
    assert [hit.latency_s for hit in hits] == [3.5, 2.75, 2.0, 1.25]
    assert [hit.late_s for hit in hits] == [0.0, 2.5, 1.75, 1.0]


def test_without_a_rate_nothing_is_late(run):
    hits = run(at_rate(range(3), None), lambda _: 0.5)
    assert [hit.started_s for hit in hits] == [0.0, 0.5, 1.0]


def test_what_follows_is_made_when_it_is_due(run):
    def follow(hit):
        return [Shot(hit.ended_s + 1.25, f"after {hit.item}")] if isinstance(hit.item, int) else []

    hits = run(at_rate(range(3), 1.0), lambda _: 0.0, follow)
    assert [(hit.item, hit.started_s) for hit in hits] == [
        (0, 0.0),
        (1, 1.0),
        ("after 0", 1.25),
        (2, 2.0),
        ("after 1", 2.25),
        ("after 2", 3.25),
    ]


def test_what_follows_is_not_starved_by_a_plan_without_a_rate(run):
    def follow(hit):
        return [Shot(hit.ended_s + 1.5, "follows")] if hit.item == 0 else []

    # Item 3 stood in line from second 2 on, "follows" from 2.5, item 4 from 3.
    hits = run(at_rate(range(6), None), lambda _: 1.0, follow)
    assert [hit.item for hit in hits] == [0, 1, 2, 3, "follows", 4, 5]


def test_an_empty_plan_ends_at_once(run):
    assert run([], lambda _: 0.0) == []


def test_as_many_are_under_way_as_there_are_threads():
    met = threading.Barrier(4, timeout=300)
    hits: list[int] = []
    run_load(at_rate(range(4), None), lambda _: met.wait(), lambda hit: hits.append(hit.item) or (), concurrency=4)
    assert sorted(hits) == [0, 1, 2, 3]


def test_what_the_work_raises_ends_the_run_and_is_raised():
    with pytest.raises(ZeroDivisionError):
        run_load(at_rate([1, 0, 1], None), lambda item: 1 / item, lambda hit: (), concurrency=2)


def test_an_ended_run_lets_what_is_under_way_end_and_starts_nothing_more():
    under_way, told = threading.Event(), threading.Event()
    hits: list[int] = []

    def send(item):
        if item == 3:
            under_way.set()
            assert told.wait(300)
        return item

    def tick(_):
        if ending[0] and under_way.is_set():
            told.set()  # the run knows by now: this is the tick after the one that ended it
        ending[0] = under_way.is_set()
        return ending[0]

    ending = [False]
    ran = run_load(at_rate(range(10), None), send, lambda hit: hits.append(hit.item) or (), concurrency=1, tick=tick)
    assert ran.interrupted
    assert hits == [0, 1, 2, 3]
