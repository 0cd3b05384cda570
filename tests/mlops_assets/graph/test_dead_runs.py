import os

import dagster as dg
import psutil
import pytest

from mlops_assets.graph.dead_runs import RESIDENT_TAG, bury_dead_runs, bury_launched_runs, this_process

GONE = "4194304@1700000000.00"  # above the largest number that Linux gives a process


@pytest.fixture
def begin(instance):
    """A run that some process began."""

    def begin(process: str | None, use_case: str = "tiny", status=dg.DagsterRunStatus.STARTED) -> str:
        tags = {"mlops/use_case": use_case} | ({RESIDENT_TAG: process} if process else {})
        return instance.add_run(dg.DagsterRun("tiny_train", status=status, tags=tags)).run_id

    return begin


def buried(instance, use_cases=()) -> list[str]:
    return [run.run_id for run in bury_dead_runs(instance, use_cases)]


def test_runs_of_a_process_that_is_gone_are_buried_oldest_first(instance, begin):
    dead = [begin(GONE), begin(GONE, status=dg.DagsterRunStatus.STARTING)]
    assert buried(instance) == dead
    assert {instance.get_run_by_id(run_id).status for run_id in dead} == {dg.DagsterRunStatus.FAILURE}
    assert buried(instance) == []


def test_runs_of_a_living_process_go_on(instance, begin):
    begin(this_process())
    parent = psutil.Process(os.getppid())
    begin(f"{parent.pid}@{parent.create_time():.2f}")
    assert buried(instance) == []


def test_a_process_number_given_again_does_not_keep_a_dead_run_alive(instance, begin):
    dead = begin(f"{os.getpid()}@1.00")
    assert buried(instance) == [dead]


def test_runs_that_the_daemon_launched_are_the_daemons(instance, begin):
    begin(None)
    assert buried(instance) == []


def test_runs_of_other_use_cases_wait_for_their_own_loop(instance, begin):
    mine, other = begin(GONE), begin(GONE, use_case="wine_quality")
    assert buried(instance, ["tiny"]) == [mine]
    assert buried(instance) == [other]


def test_runs_of_a_killed_daemon_are_buried_before_the_next_one_starts(instance, begin):
    launched, resident = begin(None), begin(this_process())
    waiting = begin(None, status=dg.DagsterRunStatus.NOT_STARTED)
    assert bury_launched_runs(instance) == 1
    statuses = [instance.get_run_by_id(run_id).status.value for run_id in (launched, resident, waiting)]
    assert statuses == ["FAILURE", "STARTED", "NOT_STARTED"]
