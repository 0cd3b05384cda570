"""A certificate for each decision that has none yet: written after the fact, from rows that were written with it.

Whoever decides (the graph, a router, a command) writes its row in one transaction. Certificates follow from the rows,
in their order, so that a process that dies anywhere leaves only work that the next look does.
"""

from dataclasses import asdict

from mlops_assets.certificate.certificate import SCHEMA, Certificate, CertificateError, Code, Judged, Listed, Through
from mlops_assets.decision.canonical import canonical
from mlops_assets.graph.steps.provenance import Provenance
from mlops_assets.report.certificate import certificate_html
from mlops_assets.spec import UseCase
from resources.certificates import Certificates, Kept
from resources.code_version import code_version
from resources.installation import Installation
from resources.state.evidence import KeptEvidence, evidence_of
from resources.state.promotions import history
from resources.state.retrains import Retrain, retrains_of
from resources.state.settled import Settled, settled_after

NOBODY = Through(promotion=0, verdict=0)
NOT_KEPT = "decided by a version of this project that kept no evidence of a verdict"


def open_certificates(installation: Installation, use_case: UseCase) -> Certificates:
    """The chain of a use case."""
    return Certificates(installation.settings.root, use_case.name, certificate_html)


def certify(installation: Installation, use_case: UseCase) -> list[Kept]:
    """The certificates just written, oldest first; none where every decision has one.

    Raises
    ------
    CertificateError
        If the newest certificate was changed, or the state database is older than it, so that nothing may follow it.
    """
    if due(installation, use_case) is None:
        return []
    store, written = open_certificates(installation, use_case), []
    with store.locked():
        newest = store.newest()
        for settled in _owed(installation, use_case, newest):
            newest = store.append(_certificate(Provenance(installation, use_case, store), newest, settled))
            written.append(newest)
    return written


def due(installation: Installation, use_case: UseCase) -> str | None:
    """What a certificate is due for, as a key; None where every decision has one, whole.

    Raises
    ------
    CertificateError
        As `certify`.
    """
    store = open_certificates(installation, use_case)
    if unfinished := store.unfinished():
        return unfinished[0]
    owed = _owed(installation, use_case, store.last_listed())
    return f"{owed[-1].kind} of {owed[-1].at.isoformat()}" if owed else None


def _owed(installation: Installation, use_case: UseCase, newest: Kept | None) -> list[Settled]:
    through = newest.certificate.through if newest else NOBODY
    with installation.state.read() as connection:
        last = history(connection, use_case.name, limit=1)
        owed = settled_after(connection, use_case.name, through.promotion, through.verdict)
    if through.promotion > (last[0].number if last else 0):
        raise CertificateError(
            f"{use_case.name}: the certificates tell of promotion {through.promotion}, the state database of "
            f"{last[0].number if last else 'none'}; restore both from one backup"
        )
    return owed


def _certificate(source: Provenance, newest: Kept | None, settled: Settled) -> Certificate:
    use_case = source.use_case
    kept = _evidence(source, settled)
    numbers = dict.fromkeys(one for one in (settled.other, settled.champion) if one is not None)
    versions = tuple(source.version(number) for number in numbers)
    refused = tuple(source.retrain(one) for one in _refused(source, newest, settled))
    decided, verdict = settled.promotion, settled.verdict
    return Certificate(
        schema_version=SCHEMA,
        use_case=use_case.name,
        number=newest.certificate.number + 1 if newest else 1,
        previous=newest.sha256 if newest else None,
        kind=settled.kind,
        through=_through(newest, settled),
        decided_at=settled.at,
        written_at=source.installation.clock(),
        by=decided.by if decided else "verdict",
        reason=decided.reason if decided else verdict.sentence if verdict else "",
        champion=settled.champion,
        versions=versions,
        evidence=tuple(_judged(source, one) for one in kept),
        without_evidence=NOT_KEPT if verdict is not None and not kept else None,
        refused=refused,
        spec=source.keep(canonical(use_case.model_dump(mode="json")), "json"),
        code=Code(**asdict(code_version())),
        files=tuple(source.files[path] for path in sorted(source.files)),
        data=tuple(source.data[path] for path in sorted(source.data)),
    )


def _evidence(source: Provenance, settled: Settled) -> list[KeptEvidence]:
    """The judgement that decided, and where it differs the one that let it happen."""
    verdict = settled.verdict
    if verdict is None:
        return []
    with source.installation.state.read() as connection:
        rows = evidence_of(connection, verdict.use_case, verdict.champion_version, verdict.challenger_version)
    return rows[:1] if len(rows) < 2 else [rows[0], rows[-1]]


def _judged(source: Provenance, row: KeptEvidence) -> Judged:
    labels, facts = Listed(**row.labels), Listed(**row.facts)
    source.files |= {labels.path: labels, facts.path: facts}
    return Judged(
        champion=row.champion_version,
        challenger=row.challenger_version,
        labels=labels.path,
        facts=facts.path,
        rule=row.rule,
        paired=row.paired,
        judgement=row.judgement,
    )


def _refused(source: Provenance, newest: Kept | None, settled: Settled) -> list[Retrain]:
    """Retrains that ended without a version since the decision before."""
    since = newest.certificate.decided_at if newest else None
    with source.installation.state.read() as connection:
        rows = retrains_of(connection, source.use_case.name)
    return [
        one
        for one in reversed(rows)
        if one.status == "refused"
        and one.finished_at is not None
        and one.finished_at <= settled.at
        and (since is None or one.finished_at > since)
    ]


def _through(newest: Kept | None, settled: Settled) -> Through:
    before = newest.certificate.through if newest else NOBODY
    if settled.promotion is not None:
        return Through(promotion=settled.promotion.number, verdict=before.verdict)
    return Through(promotion=before.promotion, verdict=(settled.verdict.id if settled.verdict else None) or 0)
