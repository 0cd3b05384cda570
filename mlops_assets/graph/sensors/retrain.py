"""From drift events to one retrain at a time."""

import json
from collections.abc import Sequence
from textwrap import shorten
from typing import TYPE_CHECKING

import dagster as dg

from mlops_assets.decision.harm import Harm
from mlops_assets.decision.retrain import Alarm, Facts, decide_retrain
from mlops_assets.graph.dead_runs import UNFINISHED
from mlops_assets.graph.keys import job_name, run_tags
from mlops_assets.graph.window import Window, select_batches
from mlops_assets.spec import UseCase
from resources.installation import Installation

if TYPE_CHECKING:
    from resources.state.ledger import Batch

CAUSE_MAX = 400


def build_retrain_sensor(use_case: UseCase) -> dg.SensorDefinition:
    """The sensor that reads every drift event since the last retrain, in order, and asks for at most one retrain.

    It keeps no cursor: what was seen follows from the retrains in the state database.
    """

    @dg.sensor(
        name=f"{use_case.name}_retrain",
        description=f"Trains the first champion of {use_case.name}, and a challenger when drift was found.",
        job_name=job_name(use_case, "train"),
        minimum_interval_seconds=5,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def retrain(
        context: dg.SensorEvaluationContext, installation: dg.ResourceParam[Installation]
    ) -> dg.RunRequest | dg.SkipReason:
        facts = read_facts(use_case, installation, context.instance)
        choice = decide_retrain(facts, use_case.retrain)
        if not choice.retrain:
            return dg.SkipReason(choice.reason)
        return dg.RunRequest(
            run_key=f"{use_case.name}:{facts.data_hash}:{choice.drift_id}",
            tags=run_tags(
                use_case,
                cause=shorten(choice.reason, CAUSE_MAX, placeholder=" ..."),
                **({"expected": json.dumps(choice.expected.to_dict())} if choice.expected else {}),
            ),
        )

    return retrain


def read_facts(use_case: UseCase, installation: Installation, instance: dg.DagsterInstance) -> Facts:
    """What decide_retrain needs, read in one transaction."""
    from resources.state import ledger, promotions
    from resources.state.drift_log import drift_after
    from resources.state.retrains import DONE, retrains_of

    with installation.state.read() as connection:
        done = [row for row in retrains_of(connection, use_case.name) if row.status in DONE]
        events = drift_after(connection, use_case.name, done[0].drift_id if done else 0)
        champion = promotions.current(connection, use_case.name)
        accepted = ledger.accepted(connection, use_case.name)
    window = _window(installation, use_case, accepted)
    return Facts(
        has_champion=champion is not None,
        accepted_rows=window.rows,
        data_hash=window.data_hash,
        alarms=[
            Alarm(
                event.id,
                event.key,
                event.status,
                event.model_status,
                event.sentence,
                Harm.from_dict(event.harm) if event.harm else None,
            )
            for event in events
            if event.champion_version == champion
        ],
        trained_hashes=[row.data_hash for row in done],
        running=_is_running(use_case, instance),
        last_finished=done[0].finished_at if done else None,
        now=installation.clock(),
        loss_ratio=use_case.drift.loss_ratio.value,
    )


def _window(installation: Installation, use_case: UseCase, accepted: "Sequence[Batch]") -> Window:
    """The batches that a retrain would learn from now."""
    if use_case.stream is None:
        return select_batches(accepted, use_case.retrain, installation.clock())
    from mlops_assets.graph.steps.plan import chosen_batches, read_plan

    return chosen_batches(accepted, use_case, read_plan(installation, use_case), installation.clock())


def _is_running(use_case: UseCase, instance: dg.DagsterInstance) -> bool:
    wanted = dg.RunsFilter(job_name=job_name(use_case, "train"), statuses=UNFINISHED)
    return bool(instance.get_runs(wanted, limit=1))
