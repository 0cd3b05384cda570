"""Where certificates are kept: one folder a use case, and in it the evidence, each file under its own hash.

    certificates/<use case>/000001-first.json      the certificate, canonical JSON
                            000001-first.html      the same for people
                            evidence/<sha256>.*    what it rests on
                            SHA256SUMS             every file above, by hash

Evidence comes first, then the certificate, then its page, then the list, each whole under its final name. A process
killed between leaves a certificate that is not in the list; `newest` finishes it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from filelock import FileLock

from mlops_assets.certificate.certificate import (
    Certificate,
    CertificateError,
    Listed,
    file_name,
    read_certificate,
    write_certificate,
)
from mlops_assets.certificate.sums import SUMS, read_sums, write_sums
from mlops_assets.decision.canonical import sha256_of
from resources.failpoint import reach
from resources.lake import Lake

FOLDER = "certificates"
EVIDENCE = "evidence"
LOCK_TIMEOUT_S = 60
NUMBERED = "[0-9]" * 6 + "-*.json"


@dataclass(frozen=True)
class Kept:
    """A certificate, the name of its file and that file's SHA-256."""

    name: str
    sha256: str
    certificate: Certificate


class Certificates:
    """The chain of one use case.

    Parameters
    ----------
    home : Path
        Folder of everything; certificates are files on this machine, wherever the lake is.
    draw : callable
        The page of a certificate as HTML, from the certificate and its SHA-256.
    """

    def __init__(self, home: Path, use_case: str, draw: Callable[[Certificate, str], str]) -> None:
        self.use_case = use_case
        self.folder = home / FOLDER / use_case
        self._files = Lake(str(home / FOLDER))
        self._draw = draw

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One writer at a time."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / ".lock", timeout=LOCK_TIMEOUT_S):
            yield

    def keep(self, data: bytes, suffix: str) -> Listed:
        """Evidence, kept under its own hash; the same bytes are kept once."""
        digest = sha256_of(data)
        place = (self.use_case, EVIDENCE, f"{digest}.{suffix}")
        if not self._files.exists(*place):
            self._files.write_bytes(data, *place)
        return Listed(path="/".join(place[1:]), sha256=digest, bytes=len(data))

    def newest(self) -> Kept | None:
        """The end of the chain; None before the first. Call it in `locked`.

        Raises
        ------
        CertificateError
            If that certificate is not what was listed, so that nothing may follow it.
        """
        kept = self.last_listed()
        for name in self.unfinished():
            kept = self._finish(name, kept)
        return kept

    def last_listed(self) -> Kept | None:
        """The newest certificate that is whole; raises as `newest`."""
        listed = self._listed()
        last = max((name for name in listed if fnmatch(name, NUMBERED)), default=None)
        return None if last is None else self._read(last, listed[last])

    def unfinished(self) -> list[str]:
        """Names of certificates whose writer died before it listed them, or is at it."""
        listed = self._listed()
        return [path.name for path in sorted(self.folder.glob(NUMBERED)) if path.name not in listed]

    def append(self, certificate: Certificate) -> Kept:
        """The certificate, written at the end of the chain. Call it in `locked`.

        Raises
        ------
        CertificateError
            If it does not follow the newest one.
        """
        name = file_name(certificate.number, certificate.kind)
        self._require_next(certificate, name, self.newest())
        self._files.write_bytes(write_certificate(certificate), self.use_case, name)
        reach("certificate_written")
        return self._complete(name, certificate)

    def readable(self) -> Iterator[Kept]:
        """Every certificate that can be read, oldest first; `mlops verify` tells of the others."""
        for path in sorted(self.folder.glob(NUMBERED)):
            with suppress(CertificateError):
                yield self._read(path.name)

    def _listed(self) -> dict[str, str]:
        path = self.folder / SUMS
        return read_sums(path.read_bytes()) if path.exists() else {}

    def _read(self, name: str, due: str | None = None) -> Kept:
        data = (self.folder / name).read_bytes()
        digest = sha256_of(data)
        if due is not None and digest != due:
            raise CertificateError(
                f"{self.folder / name} was changed after it was written: its SHA-256 is {digest}, listed is {due}; "
                "restore it from a backup, then mlops verify --all"
            )
        return Kept(name, digest, self._parsed(name, data))

    def _parsed(self, name: str, data: bytes) -> Certificate:
        try:
            return read_certificate(data)
        except CertificateError as error:
            raise CertificateError(f"{self.folder / name}: {error}; restore it from a backup") from error

    def _finish(self, name: str, before: Kept | None) -> Kept:
        """A certificate whose writer died before it was listed."""
        found = self._read(name)
        self._require_next(found.certificate, name, before)
        return self._complete(name, found.certificate)

    def _complete(self, name: str, certificate: Certificate) -> Kept:
        digest = sha256_of(write_certificate(certificate))
        page = self._draw(certificate, digest).encode("utf-8")
        page_name = file_name(certificate.number, certificate.kind, "html")
        self._files.write_bytes(page, self.use_case, page_name)
        reach("certificate_drawn")
        evidence = {file.path: file.sha256 for file in certificate.files}
        listed = self._listed() | evidence | {name: digest, page_name: sha256_of(page)}
        self._files.write_bytes(write_sums(listed), self.use_case, SUMS)
        reach("certificate_listed")
        return Kept(name, digest, certificate)

    def _require_next(self, certificate: Certificate, name: str, before: Kept | None) -> None:
        number = before.certificate.number + 1 if before else 1
        previous = before.sha256 if before else None
        due = (self.use_case, number, previous, file_name(number, certificate.kind))
        if (certificate.use_case, certificate.number, certificate.previous, name) != due:
            raise CertificateError(
                f"{self.folder / name}: not the next of the chain, which would be number {number} after {previous}"
            )
