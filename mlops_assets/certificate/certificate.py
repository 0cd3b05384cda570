"""The certificate of one decision as a value, and its only bytes.

The certificates of a use case are a chain: each names the SHA-256 of the one before, so that none can be changed, left
out or put between without changing all that follow.
"""

import json
from datetime import datetime
from typing import Any, Literal

from pydantic import Field, ValidationError

from mlops_assets.decision.canonical import canonical
from mlops_assets.spec import Value

SCHEMA: Literal[1] = 1
Kind = Literal["first", "promote", "rollback", "reject", "equivalent", "inconclusive"]
KINDS_OF_CHAMPIONS = ("first", "promote", "rollback")


class CertificateError(ValueError):
    """Bytes that are no certificate, or a certificate that does not follow the one before."""


class Listed(Value):
    """A file by its content; `path` is relative to the folder that the list speaks of."""

    path: str
    sha256: str
    bytes: int


class Batch(Value):
    """One batch that was trained on: its file as it landed, and how many of its rows were accepted and kept aside."""

    key: str
    name: str
    sha256: str
    bytes: int
    landed_at: datetime
    rows_accepted: int | None
    rows_quarantined: int | None


class Alarm(Value):
    """One comparison of a batch with the champion's training data that a retrain saw."""

    number: int
    batch: str
    champion: int
    status: str
    model_status: str
    sentence: str
    at: datetime
    harm: dict[str, Any] | None = Field(description="what keeping the champion costs, see decision.harm.Harm")
    report: str | None = Field(description="path of the whole report among the certificate's files")


class Candidate(Value):
    """One row of a leaderboard: its score, or why it has none."""

    candidate: str
    status: str
    metric: str
    mean: float | None
    std: float | None
    reason: str


class Retrain(Value):
    """One training run: why, on which data, what competed, and what the gate said.

    `data_hash` is the SHA-256 of the batches' hashes, sorted, a line each; `table` the path of the training rows among
    the certificate's data; `expected` what it was to win back (decision.gain.ExpectedGain), None if not known.
    """

    number: int
    status: str
    cause: str
    expected: dict[str, Any] | None
    gate: str | None
    started_at: datetime
    finished_at: datetime | None
    dagster_run: str
    mlflow_run: str | None
    data_hash: str
    rows: int
    table: str | None
    batches: tuple[Batch, ...]
    alarms: tuple[Alarm, ...]
    candidates: tuple[Candidate, ...]


class Version(Value):
    """A registered version, its bundle's manifest (a path among the certificate's files) and the retrain it is from."""

    version: int
    manifest: str | None
    retrain: Retrain | None


class Judged(Value):
    """What a verdict follows from: both versions, the evidence (paths among the certificate's files) and the rule.

    `judgement` is what the pure judge says of them; whoever asks it again must hear the same.
    """

    champion: int
    challenger: int
    labels: str
    facts: str
    rule: dict[str, Any]
    paired: bool
    judgement: dict[str, Any]


class Code(Value):
    """What decided: version of the package, Git commit (`-dirty` where files were changed), hash of its lock file."""

    package: str
    commit: str | None
    lock_sha256: str | None


class Through(Value):
    """The last promotion and the last verdict of the state database that this chain covers; 0 before the first."""

    promotion: int
    verdict: int


class Certificate(Value):
    """One decision about a use case and all that it rests on.

    Attributes
    ----------
    number : int
        Counts from 1 per use case.
    previous : str or None
        SHA-256 of the certificate before; None for the first.
    decided_at, written_at : datetime
        When it was decided, and when this was written; the second is later where a process died between.
    versions : tuple
        The champion before (none for the first) and the version that replaced it, or that was refused.
    evidence : tuple
        What the pure judge was asked and said; empty for a decision of a person.
    without_evidence : str or None
        Why a verdict cannot be recomputed from this certificate; None where it can, and where a person decided.
    refused : tuple
        Retrains that gave no version since the certificate before.
    files : tuple
        Below the certificates' folder of the use case; they belong to the certificate.
    data : tuple
        Below the home; they are hashed where they are present.
    """

    schema_version: Literal[1]
    use_case: str
    number: int = Field(gt=0)
    previous: str | None
    kind: Kind
    through: Through
    decided_at: datetime
    written_at: datetime
    by: str
    reason: str
    champion: int = Field(description="version that answers as arm A from here on")
    versions: tuple[Version, ...]
    evidence: tuple[Judged, ...]
    without_evidence: str | None
    refused: tuple[Retrain, ...]
    spec: str = Field(description="path of the use case's file, in canonical JSON, among the certificate's files")
    code: Code
    files: tuple[Listed, ...]
    data: tuple[Listed, ...]


def file_name(number: int, kind: str, suffix: str = "json") -> str:
    """Name of a certificate's file, in the order of the chain."""
    return f"{number:06d}-{kind}.{suffix}"


def write_certificate(certificate: Certificate) -> bytes:
    """The certificate's only bytes."""
    return canonical(certificate.model_dump(mode="json"))


def read_certificate(data: bytes) -> Certificate:
    """The certificate of these bytes.

    Raises
    ------
    CertificateError
        If they are not what `write_certificate` writes.
    """
    try:
        plain = json.loads(data)
        certificate = Certificate.model_validate_json(data)
        whole = canonical(plain)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        raise CertificateError(f"no certificate of schema {SCHEMA}: {place}: {first['msg']}") from error
    except (ValueError, OverflowError, RecursionError) as error:
        raise CertificateError(f"no JSON: {error}") from error
    # Fields that a later version adds stay out: a certificate from before has none of them, and is still whole.
    said = certificate.model_dump(mode="json", exclude_unset=True)
    if whole != data or canonical(said) != data:
        raise CertificateError("not in its canonical form (RFC 8785); it was written anew or changed")
    return certificate
