"""A verdict turned into a promotion."""

from mlops_assets.graph.steps.contest import hold_contest
from mlops_assets.graph.steps.kept import keep_evidence
from mlops_assets.graph.steps.models import open_version
from mlops_assets.spec import UseCase
from resources.installation import Installation
from resources.promotion import change_champion
from resources.state.evidence import record_evidence
from resources.state.verdicts import StoredVerdict, last_verdict


def act(installation: Installation, use_case: UseCase) -> str:
    """What was done about the newest verdict, in a sentence.

    A promotion needs a challenger that loads and answers its golden rows, and a judgement that blocks nothing.
    """
    contest = hold_contest(installation, use_case)
    if contest is None:
        return "nothing to do: no challenger is under test"
    with installation.state.read() as connection:
        verdict = last_verdict(connection, use_case.name, contest.champion, contest.challenger)
    if verdict is None or not verdict.takes_over:
        return f"nothing to do: the verdict is {verdict.outcome if verdict else 'not given yet'}"
    if contest.judgement.blocks:
        return f"promotion blocked: {'; '.join(block.sentence for block in contest.judgement.blocks)}"
    kept = keep_evidence(installation, contest.judged, contest.evidence, contest.judgement)
    with installation.state.write() as connection:
        record_evidence(connection, kept)  # adds nothing where the one that decided was not blocked
    return _promote(installation, use_case, verdict, back=contest.watch)


def _promote(installation: Installation, use_case: UseCase, verdict: StoredVerdict, *, back: bool) -> str:
    """Make the challenger champion; `back`: again, after the version that replaced it did worse."""
    worse = (
        f"version {verdict.champion_version} does worse than version {verdict.challenger_version}, which it replaced"
    )
    open_version(installation, use_case, verdict.challenger_version)
    row = change_champion(
        installation,
        use_case,
        verdict.challenger_version,
        expected=verdict.champion_version,
        kind="rollback" if back else "promote",
        reason=f"{worse}: {verdict.sentence}" if back else verdict.sentence,
        by="verdict",
        verdict_id=verdict.id,
    )
    installation.registry.set_tags(use_case.name, row.to_version, {"stage": "Production"})
    return f"version {row.to_version} is champion {'again' if back else 'now'}, in place of version {row.from_version}"
