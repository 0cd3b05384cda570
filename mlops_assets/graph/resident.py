"""The loop in one warm process: the same sensors and jobs as under the daemon, without the daemon.

A run launched by the daemon spends most of its time importing. Here the imports are paid once; runs, events, checks
and partitions land in the same Dagster instance, so that the pages show them alike.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

import dagster as dg

from mlops_assets.graph.dead_runs import RESIDENT_TAG, bury_dead_runs, this_process, unfinished_assets
from mlops_assets.graph.narration import NARRATED, failures, narrated

ATTEMPT_TAG = "mlops/attempt"
RUN_KEY_TAG, SENSOR_TAG = "dagster/run_key", "dagster/sensor_name"
ATTEMPTS_MAX = 3  # a run that took its process down three times will do so again


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

    Attributes
    ----------
    failed : set of str
        Sensors that raised an error in the last `run_once`.
    """

    definitions: dg.Definitions
    instance: dg.DagsterInstance
    use_cases: Collection[str] = ()
    progress: Callable[[str], None] = lambda line: None
    failed: set[str] = field(default_factory=set, init=False)
    _asked: set[str] = field(default_factory=set)
    _skipped: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.definitions = narrated(self.definitions, lambda line: self.progress(f"  {line}"))

    def run_once(self) -> list[Ran]:
        """Every run executed until all sensors skip; a run key is executed once.

        What a killed process left of a run comes first: a batch that was accepted but not scored, for instance.
        """
        self.failed.clear()
        dead = bury_dead_runs(self.instance, self.use_cases)
        ran = [done for run in dead for done in self._resume(run)]
        while new := [done for sensor in self._sensors() for done in self._tick(sensor)]:
            ran += new
        return ran

    def _sensors(self) -> list[dg.SensorDefinition]:
        sensors = [sensor for sensor in self.definitions.sensors or [] if isinstance(sensor, dg.SensorDefinition)]
        wanted = self.use_cases
        return [sensor for sensor in sensors if not wanted or sensor.name.rpartition("_")[0] in wanted]

    def _tick(self, sensor: dg.SensorDefinition) -> Iterator[Ran]:
        for request in self._ask(sensor):
            if request.run_key in self._asked:
                continue
            self._asked.add(str(request.run_key))
            tags = {**request.tags, RUN_KEY_TAG: request.run_key or "", SENSOR_TAG: sensor.name}
            yield self._execute(str(sensor.job_name), request.partition_key, tags)

    def _resume(self, dead: dg.DagsterRun) -> Iterator[Ran]:
        """What is left of a run that a sensor asked for; nothing when it died too often."""
        attempt = int(dead.tags.get(ATTEMPT_TAG, 1))
        left = unfinished_assets(self.instance, dead, self.definitions.resolve_job_def(dead.job_name))
        if SENSOR_TAG not in dead.tags or attempt >= ATTEMPTS_MAX or not left:
            return
        self._asked.add(dead.tags[RUN_KEY_TAG])
        kept = {name: value for name, value in dead.tags.items() if name.startswith("mlops/")}
        tags = {**kept, RUN_KEY_TAG: dead.tags[RUN_KEY_TAG], SENSOR_TAG: dead.tags[SENSOR_TAG]}
        tags[ATTEMPT_TAG] = str(attempt + 1)
        yield self._execute(dead.job_name, dead.tags.get("dagster/partition"), tags, left)

    def _ask(self, sensor: dg.SensorDefinition) -> list[dg.RunRequest]:
        """What a sensor asks for; one that fails stops no other, as under the daemon, and is asked again later."""
        try:
            return self._requests(sensor)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            self.failed.add(sensor.name)
            self._tell_skip(sensor.name, f"FAILED: {type(error).__name__}: {error}")
            return []

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

    def _execute(
        self, job_name: str, partition_key: str | None, tags: Mapping[str, str], only: list[dg.AssetKey] | None = None
    ) -> Ran:
        what = f"{job_name} {partition_key or ''}".strip()
        self.progress(f"{what}: running")
        result = self.definitions.resolve_job_def(job_name).execute_in_process(
            instance=self.instance,
            partition_key=partition_key,
            asset_selection=only,
            run_config=NARRATED,
            tags={**tags, RESIDENT_TAG: this_process()},
            raise_on_error=False,
        )
        for sentence in failures(result):
            self.progress(f"  {sentence}")
        self.progress(f"{what}: {'done' if result.success else 'FAILED, see run ' + result.run_id}")
        return Ran(tags[SENSOR_TAG], job_name, partition_key, result.success, result.run_id)
