"""The line of champions, read from the rows that decided and the certificates that tell of them."""

from itertools import pairwise

from mlops_assets.certificate.certificate import KINDS_OF_CHAMPIONS
from mlops_assets.graph.steps.certify import open_certificates
from mlops_assets.report.history import Reign
from mlops_assets.spec import UseCase
from resources.certificates import Kept
from resources.installation import Installation
from resources.state.settled import Settled, settled_after


def line_of_champions(installation: Installation, use_case: UseCase) -> list[Reign]:
    """Every champion there was, newest first."""
    with installation.state.read() as connection:
        settled = settled_after(connection, use_case.name)
    readable = open_certificates(installation, use_case).readable()
    kept = {one.certificate.through.promotion: one for one in readable if one.certificate.kind in KINDS_OF_CHAMPIONS}
    starts = [place for place, one in enumerate(settled) if one.promotion is not None]
    line = [
        _reign(settled[start], settled[start + 1 : end], settled[end : end + 1], kept)
        for start, end in pairwise([*starts, len(settled)])
    ]
    return line[::-1]


def _reign(began: Settled, held: list[Settled], ended: list[Settled], kept: dict[int, Kept]) -> Reign:
    row, verdict = began.promotion, began.verdict
    if row is None:
        raise ValueError("a reign begins with a promotion")
    found = kept.get(row.number)
    return Reign(
        version=row.to_version,
        since=row.at,
        until=ended[0].at if ended else None,
        how=row.kind,
        by=row.by,
        why=row.reason,
        labels=verdict.labels if verdict else None,
        estimate=verdict.estimate if verdict else None,
        low=verdict.low if verdict else None,
        high=verdict.high if verdict else None,
        held_against=tuple(f"{one.other} ({one.kind})" for one in held),
        certificate=found.name if found else None,
        sha256=found.sha256 if found else None,
    )
