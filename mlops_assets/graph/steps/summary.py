"""What the page about a use case shows, from the state database and the lake."""

import json
from typing import Any

from mlops_assets.graph.steps.champions import line_of_champions
from mlops_assets.graph.steps.eda import Explored, window_lines
from mlops_assets.graph.steps.gain import expected_of, realised_of
from mlops_assets.graph.steps.held_out import held_out
from mlops_assets.graph.steps.race import RECORD
from mlops_assets.report.race import explanations_png, race_png
from mlops_assets.spec import UseCase
from mlops_assets.training.race.explained import Explained
from mlops_assets.training.race.turn import Turn
from resources.installation import Installation
from resources.state import ledger, verdicts
from resources.state.drift_log import latest_drift
from resources.state.retrains import retrain_of_version, retrains_of

BATCHES, RETRAINS = 50, 20


def summary_facts(installation: Installation, use_case: UseCase, explored: Explored | None) -> dict[str, Any]:
    """The facts of `report.summary`, newest first; the links are the caller's."""
    name = use_case.name
    with installation.state.read() as connection:
        retrains = retrains_of(connection, name, RETRAINS)
        facts: dict[str, Any] = {
            "batches": ledger.latest(connection, name, BATCHES),
            "drift": latest_drift(connection, name, BATCHES),
            "retrains": retrains,
            "gains": {one.id: (expected_of(one), realised_of(connection, one)) for one in retrains},
            "verdicts": verdicts.history(connection, name, RETRAINS),
        }
    facts["champions"] = line_of_champions(installation, use_case)
    champions = facts["champions"]
    facts["model"] = held_out(installation, use_case, champions[0].version) if champions else None
    facts["pictures"] = _pictures(installation, use_case, facts["drift"])
    facts["data"] = None if explored is None else explored.found
    facts["windows"] = window_lines(installation, use_case)
    facts["explained"] = _explained(installation, use_case, facts["champions"])
    facts["race"] = _race(installation, use_case)
    return facts


def _pictures(installation: Installation, use_case: UseCase, events: Any) -> dict[str, bytes]:
    """The drift picture of the newest batch that drifted, if any."""
    for event in events:
        parts = (use_case.name, "reports", event.key, "drift.png")
        if event.status == "drift" and installation.lake.exists(*parts):
            return {f"Batch {event.key} against the training data": installation.lake.read_bytes(*parts)}
    return {}


def _race(installation: Installation, use_case: UseCase) -> tuple[dict[str, Any], dict[str, bytes]] | None:
    """The record of a stream's race and its pictures; None before the first raced window."""
    parts = (use_case.name, "race", RECORD)
    if not installation.lake.exists(*parts):
        return None
    record: dict[str, Any] = json.loads(installation.lake.read_bytes(*parts))
    turns = [turn for turn in (Turn(**values) for values in record["turns"]) if turn.chosen]
    explained = [one for one in (Explained(**values) for values in record["explained"]) if one.shares]
    pictures = {"Mean loss so far": race_png(turns)} if turns else {}
    return record, pictures | ({"What the used models listened to": explanations_png(explained)} if explained else {})


def _explained(installation: Installation, use_case: UseCase, champions: Any) -> dict[str, Any]:
    """What the champion listens to, as its training wrote it down; empty where nothing did."""
    if not champions:
        return {}
    with installation.state.read() as connection:
        retrain = retrain_of_version(connection, use_case.name, champions[0].version)
    parts = (use_case.name, "candidates", f"{retrain.id:06d}", "report.json") if retrain else ()
    if not parts or not installation.lake.exists(*parts):
        return {}
    explained: dict[str, Any] = json.loads(installation.lake.read_bytes(*parts))["explained"]
    return explained
