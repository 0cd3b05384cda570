"""The verdict of a certificate, judged again on its stored evidence."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlops_assets.certificate.certificate import KINDS_OF_CHAMPIONS, Certificate, Code, Judged
from mlops_assets.certificate.hashed_files import HashedFiles
from mlops_assets.spec import Decision

PACKAGE = "mlops-assets"
NOT_CHECKED = "labels, errors and speed of both versions were not checked when it did"
ROUNDING = 1e-9  # processors order sums differently; the 16 digits of a double leave this much to agree on


def judged_again(files: HashedFiles, name: str, judged: Judged, code: Code) -> Iterator[str]:
    """A sentence for each place where the judge says something else of the stored evidence."""
    paths = [files.folder / judged.labels, files.folder / judged.facts]
    if any(files.digest(path) is None for path in paths):
        return
    try:
        again = judge_again(judged, *(path.read_bytes() for path in paths))
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RuntimeError, OSError) as error:
        yield f"{name}: the evidence cannot be judged: {type(error).__name__}: {error}"
        return
    for place, due, found in _differences(judged.judgement, again):
        yield f"{name}: judged again, {place} is due to be {due!r} (by {PACKAGE} {code.package}), found {found!r}"


def follows(name: str, certificate: Certificate) -> Iterator[str]:
    """A sentence where what was done is not what the judgements ask for.

    The first of them decided, the last one let it happen.
    """
    first, last = certificate.evidence[0], certificate.evidence[-1]
    pair = {first.champion, first.challenger}
    if {last.champion, last.challenger} != pair or {one.version for one in certificate.versions} != pair:
        yield f"{name}: evidence of the versions that it names is due, found some of others"
        return
    try:
        outcome, takes_over = first.judgement["verdict"]["outcome"], first.judgement["takes_over"]
        blocks = [block["sentence"] for block in last.judgement["blocks"]]
        checked = "service" in last.judgement["figures"]
    except (LookupError, TypeError) as error:
        yield f"{name}: its judgement cannot be read: {type(error).__name__}: {error}"
        return
    if certificate.kind not in KINDS_OF_CHAMPIONS:
        if (outcome, certificate.champion) != (certificate.kind, first.champion):
            yield f"{name}: by its judgement {outcome} of version {first.champion} is due, found {certificate.kind}"
    elif not takes_over or certificate.champion != first.challenger:
        yield f"{name}: version {certificate.champion} took over; by its judgement ({outcome}) it was not due to"
    elif blocks or not checked:
        yield f"{name}: nothing was due to take over, for {blocks[0] if blocks else NOT_CHECKED}"


def judge_again(judged: Judged, labels: bytes, facts: bytes) -> dict[str, Any]:
    """What the judge says now of the evidence in two files.

    Raises
    ------
    ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RuntimeError
        If the files are no evidence, or the rule is none that this version knows.
    """
    from mlops_assets.decision.evidence import Evidence
    from mlops_assets.decision.judge import judge

    evidence = Evidence.from_bytes(labels, facts)
    versions = (evidence.facts["champion"], evidence.facts["challenger"])
    if versions != (judged.champion, judged.challenger):
        raise ValueError(f"it is of versions {versions}, {(judged.champion, judged.challenger)} are due")
    return judge(evidence, Decision.model_validate(judged.rule), judged.paired).to_dict()


def _differences(due: Any, found: Any, place: str = "judgement") -> Iterator[tuple[str, Any, Any]]:
    """Places at which two plain values differ; numbers may differ by what processors round differently."""
    if isinstance(due, Mapping) and isinstance(found, Mapping) and due.keys() == found.keys():
        for key in due:
            yield from _differences(due[key], found[key], f"{place}.{key}")
    elif isinstance(due, Sequence) and isinstance(found, Sequence) and not isinstance(due, str):
        if len(due) != len(found):
            yield place, due, found
        for number, pair in enumerate(zip(due, found, strict=False)):
            yield from _differences(*pair, f"{place}[{number}]")
    elif isinstance(due, float) or isinstance(found, float):
        if not _is_close(due, found):
            yield place, due, found
    elif due != found:
        yield place, due, found


def _is_close(due: Any, found: Any) -> bool:
    numbers = isinstance(due, int | float) and isinstance(found, int | float)
    return numbers and math.isclose(due, found, rel_tol=ROUNDING, abs_tol=ROUNDING)
