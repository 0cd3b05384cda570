"""Which way of learning on the stream does best: the race of keep, continue, refit on recent rows, refit on all."""

from typing import TYPE_CHECKING, Any

import dagster as dg

from mlops_assets.graph.keys import asset_facts, asset_key
from mlops_assets.graph.metadata import picture, records_metadata
from mlops_assets.spec import UseCase
from resources.installation import Installation

if TYPE_CHECKING:
    from mlops_assets.graph.steps.race import Raced

TURNS_SHOWN = 30


def build_race(use_case: UseCase, partitions: dg.DynamicPartitionsDefinition) -> dg.AssetsDefinition:
    """The asset that races ways of learning over the closed windows; the next retrain follows the leader."""

    @dg.asset(
        **asset_facts(use_case, "race"),
        partitions_def=partitions,
        deps=[asset_key(use_case, "window")],
        kinds={"scikitlearn", "matplotlib"},
        pool="race",
        retry_policy=dg.RetryPolicy(max_retries=1),
        description="Each closed window answered first, then learnt, by four policies; the record, and who leads.",
    )
    def race(context: dg.AssetExecutionContext, installation: dg.ResourceParam[Installation]) -> dg.MaterializeResult:
        from mlops_assets.graph.steps.race import run_race

        raced = run_race(installation, use_case, progress=context.log.info)
        return dg.MaterializeResult(metadata=_metadata(raced))

    return race


def _metadata(raced: "Raced") -> dict[str, Any]:
    if raced.kept is None:
        return {"note": raced.note}
    from mlops_assets.report.race import explanations_png, race_png

    race, explained = raced.kept.race, raced.kept.explained
    found: dict[str, Any] = {
        "recipe": raced.kept.recipe,
        "windows_raced": raced.new,
        "used_next": race.standing.chosen,
        "because": race.standing.reason,
        "turns": records_metadata(
            [
                {"window": turn.window, "rows": turn.rows, "labels known": turn.known, "used": turn.chosen}
                | {name: turn.loss.get(name, float("nan")) for name in race.standing.total}
                for turn in race.turns[-TURNS_SHOWN:]
            ]
        ),
        "learnt": records_metadata([{"policy": name, "did": did} for name, did in race.turns[-1].learnt.items()])
        if race.turns
        else "nothing",
    }
    if any(turn.chosen for turn in race.turns):
        found["race"] = picture(race_png(race.turns))
    if explained:
        last = explained[-1]
        found["explained"] = last.note or f"adds up to {last.gap:.1e} of the largest answer"
        found["explanation_moved"] = float("nan") if last.moved is None else last.moved
    if any(each.shares for each in explained):
        found["explanations"] = picture(explanations_png(explained))
    return found
