"""What one certificate says of itself, checked: its files, its data where it is present, its verdicts."""

import hashlib
import json
from collections.abc import Iterator

from mlops_assets.certificate.certificate import KINDS_OF_CHAMPIONS, Certificate, Retrain
from mlops_assets.certificate.hashed_files import HashedFiles, is_inside
from mlops_assets.certificate.rejudged import follows, judged_again

VERDICT = "verdict"  # who decides where no person does


def check_contents(files: HashedFiles, name: str, certificate: Certificate) -> Iterator[str]:
    """A sentence for each file, hash or verdict of a certificate that is not as it says."""
    for file in certificate.files:
        yield from files.compare(files.folder, file.path, file.sha256, name)
    for file in certificate.data:
        if is_inside(file.path) and files.digest(files.home / file.path) is not None:
            yield from files.compare(files.home, file.path, file.sha256, name)
    beside, elsewhere = ({file.path for file in listed} for listed in (certificate.files, certificate.data))
    for path in sorted(set(_named(certificate)) - beside):
        yield f"{name}: {path} is due among its files, not found there"
    for path in sorted({one.table for one in _retrains(certificate) if one.table} - elsewhere):
        yield f"{name}: {path} is due among its data, not found there"
    for retrain in _retrains(certificate):
        yield from _data_hash(name, retrain)
    for version in certificate.versions:
        if version.manifest in beside and version.retrain is not None:
            yield from _manifest(files, name, version.manifest or "", version.retrain)
    for judged in certificate.evidence:
        if {judged.labels, judged.facts} <= beside:
            yield from judged_again(files, name, judged, certificate.code)
    yield from follows(name, certificate) if certificate.evidence else _without_evidence(name, certificate)


def _named(certificate: Certificate) -> Iterator[str]:
    yield certificate.spec
    for judged in certificate.evidence:
        yield from (judged.labels, judged.facts)
    for version in certificate.versions:
        yield from (path for path in (version.manifest,) if path)
    for retrain in _retrains(certificate):
        yield from (alarm.report for alarm in retrain.alarms if alarm.report)


def _without_evidence(name: str, certificate: Certificate) -> Iterator[str]:
    """Only a person, and the first champion, need none; a verdict without it says why."""
    by_verdict = certificate.kind not in KINDS_OF_CHAMPIONS or certificate.by == VERDICT
    if by_verdict and certificate.kind != "first" and certificate.without_evidence is None:
        yield f"{name}: a verdict decided {certificate.kind}; its evidence is due, or why there is none"


def _retrains(certificate: Certificate) -> Iterator[Retrain]:
    yield from (version.retrain for version in certificate.versions if version.retrain is not None)
    yield from certificate.refused


def _data_hash(name: str, retrain: Retrain) -> Iterator[str]:
    if not retrain.batches:
        return
    found = hashlib.sha256("\n".join(sorted(batch.sha256 for batch in retrain.batches)).encode()).hexdigest()
    if found != retrain.data_hash:
        yield f"{name}: retrain {retrain.number}: data hash {retrain.data_hash} is due, its batches give {found}"


def _manifest(files: HashedFiles, name: str, path: str, retrain: Retrain) -> Iterator[str]:
    try:
        found = json.loads((files.folder / path).read_bytes())["manifest"]["data_hash"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        yield f"{name}: {path}: a bundle's manifest is due, found none that can be read ({type(error).__name__})"
        return
    if found != retrain.data_hash:
        yield f"{name}: {path}: data hash {retrain.data_hash} is due of retrain {retrain.number}, found {found}"
