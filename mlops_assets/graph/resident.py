"""The loop in one warm process: the same sensors and jobs as under the daemon, without the daemon.

A run launched by the daemon spends most of its time importing. Here the imports are paid once; runs, events, checks
and partitions land in the same Dagster instance, so that the pages show them alike.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import dagster as dg
import psutil

from mlops_assets.graph.sensors.retrain import UNFINISHED

RESIDENT_TAG = "mlops/resident"


@dataclass(frozen=True)
class Ran:
    """One executed run: the sensor that asked for it, its job and partition, and whether it succeeded."""

    sensor: str
    job: str
    partition_key: str | None
    success: bool
    run_id: str


@dataclass
class Resident:
    """Evaluates sensors and executes what they ask for, until nothing is pending.

    Parameters
    ----------
    definitions : Definitions
        Whose sensors and jobs are run.
    instance : DagsterInstance
        Where runs and events are kept.
    use_cases : collection of str
        Only sensors of these use cases; empty = all.
    progress : callable
        Takes one line of text for people.
    """

    definitions: dg.Definitions
    instance: dg.DagsterInstance
    use_cases: Iterable[str] = ()
    progress: Callable[[str], None] = lambda line: None
    _asked: set[str] = field(default_factory=set)
    _skipped: dict[str, str] = field(default_factory=dict)

    def run_once(self) -> list[Ran]:
        """Every run executed until all sensors skip; a run key is executed once."""
        bury_dead_runs(self.instance)
        ran: list[Ran] = []
        while new := [done for sensor in self._sensors() for done in self._tick(sensor)]:
            ran += new
        return ran

    def _sensors(self) -> list[dg.SensorDefinition]:
        wanted = tuple(f"{name}_" for name in self.use_cases)
        sensors = [sensor for sensor in self.definitions.sensors or [] if isinstance(sensor, dg.SensorDefinition)]
        return [sensor for sensor in sensors if not wanted or sensor.name.startswith(wanted)]

    def _tick(self, sensor: dg.SensorDefinition) -> Iterator[Ran]:
        for request in self._requests(sensor):
            if request.run_key in self._asked:
                continue
            self._asked.add(str(request.run_key))
            yield self._execute(sensor, request)

    def _requests(self, sensor: dg.SensorDefinition) -> list[dg.RunRequest]:
        installation = self.definitions.resources["installation"] if self.definitions.resources else None
        with dg.build_sensor_context(instance=self.instance, resources={"installation": installation}) as context:
            result = sensor(context)
        if isinstance(result, dg.SkipReason):
            self._tell_skip(sensor.name, str(result.skip_message))
            return []
        if isinstance(result, dg.RunRequest):
            return [result]
        if not isinstance(result, dg.SensorResult):
            raise TypeError(f"{sensor.name}: a SkipReason, RunRequest or SensorResult is due, got {result!r}")
        for request in result.dynamic_partitions_requests or []:
            self.instance.add_dynamic_partitions(request.partitions_def_name, request.partition_keys)
        return list(result.run_requests or [])

    def _tell_skip(self, name: str, reason: str) -> None:
        if self._skipped.get(name) != reason:
            self.progress(f"{name}: {reason}")
        self._skipped[name] = reason

    def _execute(self, sensor: dg.SensorDefinition, request: dg.RunRequest) -> Ran:
        job = self.definitions.resolve_job_def(str(sensor.job_name))
        what = f"{job.name} {request.partition_key or ''}".strip()
        self.progress(f"{what}: running")
        result = job.execute_in_process(
            instance=self.instance,
            partition_key=request.partition_key,
            tags={
                **request.tags,
                RESIDENT_TAG: str(os.getpid()),
                "dagster/run_key": request.run_key or "",
                "dagster/sensor_name": sensor.name,
            },
            raise_on_error=False,
        )
        self.progress(f"{what}: {'done' if result.success else 'FAILED, see run ' + result.run_id}")
        return Ran(sensor.name, job.name, request.partition_key, result.success, result.run_id)


def bury_dead_runs(instance: dg.DagsterInstance) -> int:
    """Number of runs marked failed because the resident process that executed them is gone."""
    buried = 0
    for run in instance.get_runs(dg.RunsFilter(statuses=UNFINISHED)):
        pid = run.tags.get(RESIDENT_TAG)
        if pid is not None and int(pid) != os.getpid() and not psutil.pid_exists(int(pid)):
            instance.report_run_failed(run, message=f"the resident process {pid} ended during this run")
            buried += 1
    return buried
