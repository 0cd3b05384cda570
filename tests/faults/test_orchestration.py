"""Processes of the loop die at every border of its stages; a restart loses nothing, doubles nothing, mends the rest."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest
from commands import LIMIT_S, kill_at, run, start
from tiny_loop import (
    CALM,
    DRIFTED,
    answer,
    challenged_home,
    copy_home,
    land,
    open_tiny,
    opened_loop,
    points,
    score,
    trained_home,
)

from mlops_assets.graph.dead_runs import UNFINISHED
from resources.installation import Installation
from resources.state import ledger, promotions
from resources.state.drift_log import drift_after
from resources.state.retrains import challenger_version, retrains_of

pytestmark = pytest.mark.slow

ONCE = ("run", "--once", "tiny")


@pytest.fixture
def trained(tmp_path_factory, tmp_path) -> Iterator[Installation]:
    installation = open_tiny(copy_home(trained_home(tmp_path_factory.getbasetemp()), tmp_path / "home"))
    yield installation
    installation.state.close()


@pytest.fixture
def tested(tmp_path_factory, tmp_path) -> Iterator[Installation]:
    installation = open_tiny(copy_home(challenged_home(tmp_path_factory.getbasetemp()), tmp_path / "home"))
    yield installation
    installation.state.close()


@pytest.fixture
def untrained(tmp_path_factory, tmp_path) -> Iterator[Installation]:
    """As trained, before anything landed: its databases exist and are empty."""
    base = tmp_path_factory.getbasetemp() / "untrained" / "home"
    if not base.exists():
        open_tiny(base).state.close()
        assert run(base, "status") == 0
    installation = open_tiny(copy_home(base, tmp_path / "home"))
    yield installation
    installation.state.close()


def read(installation, question, *arguments):
    with installation.state.read() as connection:
        return question(connection, "tiny", *arguments)


def runs_of(installation, **wanted) -> list[dg.DagsterRun]:
    with dg.DagsterInstance.from_config(str(installation.settings.dagster_home)) as instance:
        return list(instance.get_runs(dg.RunsFilter(**wanted)))


def successes(installation, job: str) -> list[str]:
    """Partitions of the successful runs of a job, in order; empty for a run without one."""
    done = runs_of(installation, job_name=job, statuses=[dg.DagsterRunStatus.SUCCESS])
    return sorted(run.tags.get("dagster/partition", "") for run in done)


def assert_whole(installation, batches: int, versions: int) -> None:
    """Every input once, from ledger to registry, and nothing half done."""
    accepted = [batch.key for batch in read(installation, ledger.accepted)]
    assert len(accepted) == batches
    assert successes(installation, "tiny_batch") == accepted
    assert runs_of(installation, statuses=UNFINISHED) == []
    registered = [row.version for row in read(installation, retrains_of) if row.status == "registered"]
    assert sorted(registered) == list(range(1, versions + 1))
    assert sorted(version.version for version in installation.registry.versions("tiny")) == sorted(registered)
    rows = (read(installation, promotions.current), read(installation, challenger_version))
    assert tuple(aliases(installation)) == rows


def aliases(installation) -> list[int | None]:
    found = [installation.registry.version_by_alias("tiny", alias) for alias in ("champion", "challenger")]
    return [version and version.version for version in found]


def running_in_mlflow(installation) -> list[str]:
    client = installation.registry.client
    experiment = client.get_experiment_by_name("tiny").experiment_id
    return [run.info.run_id for run in client.search_runs([experiment], "attributes.status = 'RUNNING'")]


@pytest.mark.parametrize("point", ["raw_written", "reports_written", "decided", "drift_drawn", "drift_recorded"])
def test_a_batch_whose_run_was_killed_is_accepted_and_scored_once(trained, point):
    land(trained, "next", points(9))
    kill_at(trained.settings.root, point, *ONCE)
    assert run(trained.settings.root, *ONCE) == 0
    assert_whole(trained, batches=2, versions=1)
    (event,) = read(trained, drift_after, 0)
    assert event.key == read(trained, ledger.accepted)[1].key


@pytest.mark.parametrize(
    "point", ["retrain_begun", "training_written", "bundle_kept", "registered_before_row", "row_before_alias"]
)
def test_a_retrain_that_was_killed_gives_one_version(trained, point):
    land(trained, "drifted", points(**DRIFTED))
    kill_at(trained.settings.root, point, *ONCE)
    assert run(trained.settings.root, *ONCE) == 0
    assert_whole(trained, batches=2, versions=2)
    assert aliases(trained) == [1, 2]
    if point != "registered_before_row" and point != "row_before_alias":
        assert running_in_mlflow(trained) == []


@pytest.mark.parametrize("point", ["registered_before_row", "row_before_alias"])
def test_the_first_champion_survives_a_kill_around_its_registration(untrained, point):
    land(untrained, "calm", points(**CALM))
    kill_at(untrained.settings.root, point, *ONCE)
    assert run(untrained.settings.root, *ONCE) == 0
    assert_whole(untrained, batches=1, versions=1)
    assert aliases(untrained) == [1, None]
    assert len(read(untrained, promotions.history)) == 1


def test_a_promotion_killed_between_row_and_alias_is_finished_by_a_restart(tested):
    answer(tested, 100)
    kill_at(tested.settings.root, "promoted_before_alias", *ONCE)
    assert read(tested, promotions.current) == 2
    assert aliases(tested) == [1, 2]
    assert run(tested.settings.root, *ONCE) == 0
    assert aliases(tested) == [2, 1]  # the one before is watched
    assert_whole(tested, batches=2, versions=2)
    assert len(read(tested, promotions.history)) == 2


def test_a_rollback_killed_between_row_and_alias_is_finished_by_a_restart(tested):
    answer(tested, 100)
    assert run(tested.settings.root, *ONCE) == 0
    kill_at(tested.settings.root, "promoted_before_alias", "rollback", "tiny")
    assert (read(tested, promotions.current), aliases(tested)[0]) == (1, 2)
    assert run(tested.settings.root, *ONCE) == 0
    assert aliases(tested)[0] == 1


def test_a_loop_killed_again_and_again_still_handles_each_file_once(trained):
    for seed in range(20, 24):
        land(trained, f"calm-{seed}", points(seed))
    for patience_s in (0.4, 1.2, 2.0):
        loop = start(trained.settings.root, "run", "--watch", "--every-s", "0.1", "tiny")
        loop.join(patience_s)
        loop.kill()
        loop.join()
    assert run(trained.settings.root, *ONCE) == 0
    assert_whole(trained, batches=5, versions=1)
    assert len(read(trained, drift_after, 0)) == 4


def test_old_files_ask_for_no_run_after_dagsters_runs_were_pruned(trained):
    with opened_loop(trained) as loop:
        for one in loop.instance.get_runs():
            loop.instance.delete_run(one.run_id)
        assert loop.instance.get_runs_count() == 0
        assert loop.run_once() == []
        assert loop.instance.get_runs_count() == 0


def test_even_a_lost_dagster_instance_asks_for_no_run(trained):
    shutil.rmtree(trained.settings.dagster_home)
    assert run(trained.settings.root, *ONCE) == 0
    assert runs_of(trained) == []


def test_drift_that_stays_true_trains_once_over_twenty_restarted_loops(trained):
    land(trained, "drifted", points(**DRIFTED))
    assert run(trained.settings.root, *ONCE) == 0
    for look in range(20):
        score(trained, read(trained, ledger.accepted)[-1].key, more=f" at look {look}")
        with opened_loop(trained) as loop:
            assert loop.run_once() == []
    assert len(successes(trained, "tiny_train")) == 2


@pytest.mark.parametrize("round_", range(2))
def test_several_processes_may_start_first(tmp_path, round_):
    home = tmp_path / "home"
    processes = [start(home, "status") for _ in range(4)]
    for process in processes:
        process.join(LIMIT_S)
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    versions = {str(path.relative_to(home)): schema_versions(path) for path in home.rglob("*.db")}
    assert {"state.db", "mlflow/mlflow.db"} <= versions.keys()
    assert {name: len(rows) for name, rows in versions.items()} == dict.fromkeys(versions, 1)


def schema_versions(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT version_num FROM alembic_version")]
