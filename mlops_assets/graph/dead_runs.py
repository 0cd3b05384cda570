"""Runs whose resident process is gone: marked failed, and told what is left of them."""

import os
from collections.abc import Container

import dagster as dg
import psutil

from mlops_assets.graph.keys import USE_CASE_TAG

RESIDENT_TAG = "mlops/resident"
UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def this_process() -> str:
    """Name of this process, its number and when it began: a container gives every process the same number."""
    return _name(psutil.Process(os.getpid()))


def bury_dead_runs(instance: dg.DagsterInstance, use_cases: Container[str] = ()) -> list[dg.DagsterRun]:
    """The runs just marked failed because the resident process that executed them is gone, oldest first.

    Parameters
    ----------
    use_cases : container of str
        Only runs of these; empty = all.
    """
    found = instance.get_runs(dg.RunsFilter(statuses=UNFINISHED), ascending=True)
    dead = [run for run in found if _is_dead(run) and (not use_cases or run.tags.get(USE_CASE_TAG) in use_cases)]
    for run in dead:
        instance.report_run_failed(run, message=f"process {run.tags[RESIDENT_TAG]} ended during this run")
    _free_pools(instance)
    return dead


def bury_launched_runs(instance: dg.DagsterInstance) -> int:
    """Number of runs marked failed because the daemon that launched them is gone; call it before a daemon starts.

    Dagster's default launcher cannot tell a dead run process from a slow one, so that such a run would hold its place
    in the queue for good. Marked failed, it is started once more by the retries of the new daemon.
    """
    begun = [
        status for status in UNFINISHED if status not in (dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED)
    ]
    dead = [run for run in instance.get_runs(dg.RunsFilter(statuses=begun)) if RESIDENT_TAG not in run.tags]
    for run in dead:
        instance.report_run_failed(run, message="the daemon that launched this run ended before it")
    return len(dead)


def unfinished_assets(instance: dg.DagsterInstance, run: dg.DagsterRun, job: dg.JobDefinition) -> list[dg.AssetKey]:
    """Assets of a job that a run did not get done."""
    done = {event.step_key for event in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_SUCCESS)}
    return [key for key in sorted(job.asset_layer.selected_asset_keys) if key.to_python_identifier() not in done]


def _free_pools(instance: dg.DagsterInstance) -> None:
    """Free the places that runs which are over hold: a killed run would keep its pool full for good."""
    for run_id in instance.event_log_storage.get_concurrency_run_ids():
        run = instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            instance.event_log_storage.free_concurrency_slots_for_run(run_id)


def _is_dead(run: dg.DagsterRun) -> bool:
    name = run.tags.get(RESIDENT_TAG)
    if name is None:
        return False
    try:
        return _name(psutil.Process(int(name.partition("@")[0]))) != name
    except psutil.NoSuchProcess:
        return True


def _name(process: psutil.Process) -> str:
    return f"{process.pid}@{process.create_time():.2f}"
