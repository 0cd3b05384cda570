"""`mlops status`: where each use case stands, read from the state database."""

from dataclasses import asdict
from typing import Annotated, Any

import sqlalchemy as sa
import typer

from mlops_assets.cli.console import show, show_json
from mlops_assets.cli.opening import open_installation, pick
from mlops_assets.cli.words import counted
from mlops_assets.decision.gain import gain_sentence
from mlops_assets.spec import UseCase
from resources.installation import Installation
from resources.state import labels, ledger, promotions, sightings, verdicts
from resources.state.drift_log import latest_drift
from resources.state.retrains import Retrain, challenger_version, retrains_of
from resources.state.watch import watched_version
from resources.state.window_losses import latest_window_loss

SHOWN_REFUSALS = 5
LOOKED_AT = 100  # newest batches among which bad ones are shown


def status(
    use_case: Annotated[list[str] | None, typer.Argument(help="names of use cases; none = all")] = None,
    json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """What landed, what was refused and why, who is champion, and what the last verdict said.

    Example: mlops status wine_quality
    """
    installation = open_installation()
    chosen = [pick(installation, name) for name in use_case or installation.use_cases]
    found = {one.name: read_status(installation, one) for one in chosen}
    if json:
        show_json(found)
        return
    idle = [] if use_case else [name for name, facts in found.items() if is_idle(facts)]
    for name, facts in found.items():
        if name not in idle:
            show(name, style="bold")
            for line in lines_of(facts):
                show(f"  {line}")
    if idle:
        show(f"nothing landed yet for {', '.join(idle)}")
        show(f"next: mlops land FILE --use-case {idle[-1]}; for data of your own: mlops use-case init --help")


def read_status(installation: Installation, use_case: UseCase) -> dict[str, Any]:
    """What the state database knows of a use case, JSON-ready."""
    from mlops_assets.graph.steps.held_out import held_out

    name = use_case.name
    with installation.state.read() as connection:
        champion = promotions.current(connection, name)
        challenger = challenger_version(connection, name)
        drift = latest_drift(connection, name, 1)
        retrain = retrains_of(connection, name, 1)
        gain = _gain(connection, retrain[0]) if retrain else None
        verdict = verdicts.latest(connection, name)
        facts: dict[str, Any] = {
            "batches": ledger.counts(connection, name),
            "rejected": [
                {"key": batch.key, "name": batch.name, "status": batch.status, "reason": batch.reason}
                for batch in ledger.latest(connection, name, LOOKED_AT)
                if batch.status in ("rejected", "failed")
            ][:SHOWN_REFUSALS],
            "refused": [asdict(refusal) for refusal in sightings.refusals(connection, name, SHOWN_REFUSALS)],
            "champion": champion,
            "challenger": challenger,
            "watched": challenger is not None and challenger == watched_version(connection, name),
            "labels": {},
        }
        if champion is not None and challenger is not None:
            facts["labels"] = labels.count_labels(connection, name, champion, challenger)
    facts["model"] = None if champion is None else held_out(installation, use_case, champion)
    facts["challenger_model"] = None if challenger is None else held_out(installation, use_case, challenger)
    facts["windows"] = _windows(installation, use_case)
    facts["drift"] = asdict(drift[0]) if drift else None
    facts["retrain"] = {**asdict(retrain[0]), "gain": gain} if retrain else None
    facts["verdict"] = asdict(verdict) if verdict else None
    facts["certificate"] = _certificate(installation, use_case)
    return facts


def _windows(installation: Installation, use_case: UseCase) -> dict[str, Any] | None:
    """How a stream's rows lie in windows, and what the newest one says of the champion; None without a stream."""
    if use_case.stream is None:
        return None
    from mlops_assets.graph.steps.windows import read_placing

    placing = read_placing(installation, use_case)
    with installation.state.read() as connection:
        loss = latest_window_loss(connection, use_case.name)
    return {**asdict(placing.tally), "sentence": placing.sentence, "loss": None if loss is None else asdict(loss)}


def _certificate(installation: Installation, use_case: UseCase) -> dict[str, Any] | None:
    """The newest certificate: its file and hash, and what it certifies; why it cannot be read, where it was changed."""
    from mlops_assets.certificate.certificate import CertificateError
    from mlops_assets.graph.steps.certify import open_certificates
    from mlops_assets.report.certificate import done

    try:
        kept = open_certificates(installation, use_case).last_listed()
    except CertificateError as error:
        return {"name": None, "sha256": None, "sentence": str(error)}
    if kept is None:
        return None
    return {"name": kept.name, "sha256": kept.sha256, "sentence": f"{kept.name}: {done(kept.certificate)}"}


def _gain(connection: sa.Connection, retrain: Retrain) -> dict[str, Any]:
    """What the retrain was to win back and what it did, as plain values and in words."""
    from mlops_assets.graph.steps.gain import expected_of, realised_of

    expected, realised = expected_of(retrain), realised_of(connection, retrain)
    return {
        "expected": None if expected is None else asdict(expected),
        "realised": None if realised is None else asdict(realised),
        "sentence": gain_sentence(expected, realised),
    }


def is_idle(facts: dict[str, Any]) -> bool:
    """True for the facts of a use case where nothing ever landed."""
    return not (facts["batches"] or facts["refused"] or facts["champion"])


def lines_of(facts: dict[str, Any]) -> list[str]:
    """The facts of `read_status` as lines for people."""
    counts = ", ".join(f"{count} {status}" for status, count in facts["batches"].items()) or "none yet"
    lines = [f"batches     {counts}"]
    lines += [f"{one['status']:<11} {one['key']} {one['name']}: {one['reason']}" for one in facts["rejected"]]
    lines += [f"refused     {one['name']}: {one['reason']}" for one in facts["refused"]]
    if facts["windows"]:
        lines.append(f"windows     {facts['windows']['sentence']}")
    champion, challenger = facts["champion"], facts["challenger"]
    model = f": {facts['model']}" if facts["model"] else ""
    lines.append(f"champion    version {champion}{model}" if champion else "champion    none yet")
    if challenger:
        what = f"version {challenger}" + (", the champion before, watched" if facts["watched"] else "")
        told = f"; {facts['challenger_model']}" if facts["challenger_model"] else ""
        lines.append(f"challenger  {what}, {counted(sum(facts['labels'].values()), 'label')} so far{told}")
    if facts["drift"]:
        lines.append(f"drift       {facts['drift']['key']}: {facts['drift']['sentence']}")
    if facts["windows"] and facts["windows"]["loss"]:
        loss = facts["windows"]["loss"]
        lines.append(f"window      {loss['window']}, version {loss['champion_version']}: {loss['sentence']}")
    if facts["retrain"]:
        lines.append(
            f"retrain     {facts['retrain']['status']}: {facts['retrain']['reason'] or facts['retrain']['cause']}"
        )
        gain = facts["retrain"]["gain"]
        if gain["expected"] or gain["realised"]:
            lines.append(f"gain        {gain['sentence']}")
    if facts["verdict"]:
        lines.append(f"verdict     {facts['verdict']['sentence']}")
    if facts["certificate"]:
        lines.append(f"certificate {facts['certificate']['sentence']}")
    return lines
