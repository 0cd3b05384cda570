"""A folder of certificates checked from its files alone: every hash, the chain, and each verdict, judged again.

What is proven: the files are those that were listed, no certificate is missing, changed or put between, and the pure
judge of this code says of the stored evidence what the certificate says. What is not: whoever may write the whole
folder can write another chain; whoever noted one of its hashes elsewhere can tell.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mlops_assets.certificate.certificate import Certificate, CertificateError, file_name, read_certificate
from mlops_assets.certificate.contents import check_contents
from mlops_assets.certificate.hashed_files import HashedFiles, is_inside
from mlops_assets.certificate.sums import SUMS, read_sums

NUMBERED = "[0-9]" * 6 + "-*.json"


@dataclass(frozen=True)
class Checked:
    """What was found: counts, the certificates' hashes, the newest last, and a sentence for each failure.

    `files` were hashed; `absent` are training data and bundles whose hashes are known and that are not in this copy;
    `judged` verdicts were recomputed, `unjudged` certificates say why theirs cannot be.
    """

    use_case: str
    certificates: int
    files: int
    absent: int
    judged: int
    unjudged: int
    hashes: tuple[str, ...]
    failures: tuple[str, ...]


def check_folder(folder: Path) -> Checked:
    """All certificates of a use case; the folder is `certificates/<use case>` of a home or of a copy of one."""
    files = _files_of(folder)
    listed, failures = _list_of(files)
    found, broken = _read_all(files)
    failures += [*broken, *_against_list(files, listed), *_unlisted(found, listed), *_chain(files, found)]
    for name, certificate in found.items():
        failures += check_contents(files, name, certificate)
    return _summed(files, found, failures)


def check_one(path: Path) -> Checked:
    """One certificate: its files, its place in the list, the certificate before, and its verdict."""
    files = _files_of(path.parent)
    listed, failures = _list_of(files)
    found, broken = _read_some(files, [path])
    for name, certificate in found.items():
        own = {name, file_name(certificate.number, certificate.kind, "html"), *(one.path for one in certificate.files)}
        failures += _against_list(files, {key: due for key, due in listed.items() if key in own})
        failures += [f"{SUMS}: does not list {key}" for key in sorted(own - set(listed))]
        before = next(iter(sorted(files.folder.glob(f"{certificate.number - 1:06d}-*.json"))), None)
        failures += [*_link(files, name, certificate, before), *check_contents(files, name, certificate)]
    return _summed(files, found, [*broken, *failures])


def _files_of(folder: Path) -> HashedFiles:
    whole = folder.absolute()
    return HashedFiles(whole, whole.parent.parent)


def _summed(files: HashedFiles, found: Mapping[str, Certificate], failures: list[str]) -> Checked:
    data = {one.path for certificate in found.values() for one in certificate.data}
    return Checked(
        use_case=files.folder.name,
        certificates=len(found),
        files=sum(digest is not None for digest in files.hashes.values()),
        absent=sum(files.digest(files.home / path) is None for path in data if is_inside(path)),
        judged=sum(len(certificate.evidence) for certificate in found.values()),
        unjudged=sum(certificate.without_evidence is not None for certificate in found.values()),
        hashes=tuple(str(files.digest(files.folder / name)) for name in found),
        failures=tuple(dict.fromkeys(failures)),
    )


def _list_of(files: HashedFiles) -> tuple[dict[str, str], list[str]]:
    try:
        return read_sums((files.folder / SUMS).read_bytes()), []
    except FileNotFoundError:
        return {}, [f"{SUMS}: a list of all files is due in {files.folder}, found none"]
    except CertificateError as error:
        return {}, [str(error)]


def _read_all(files: HashedFiles) -> tuple[dict[str, Certificate], list[str]]:
    return _read_some(files, sorted(files.folder.glob(NUMBERED)))


def _read_some(files: HashedFiles, paths: Iterable[Path]) -> tuple[dict[str, Certificate], list[str]]:
    """The certificates that can be read, in the order of their names, and what is wrong with the others."""
    found, broken = {}, []
    for path in paths:
        try:
            found[path.name] = read_certificate(path.read_bytes())
        except (CertificateError, OSError) as error:
            broken.append(f"{path.name}: {error}")
    return found, broken


def _against_list(files: HashedFiles, listed: Mapping[str, str]) -> Iterator[str]:
    for path, due in listed.items():
        yield from files.compare(files.folder, path, due, SUMS)


def _unlisted(found: Mapping[str, Certificate], listed: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(set(found) - set(listed)):
        yield f"{name}: due in {SUMS}, not found there; mlops run finishes a certificate whose writer died"


def _chain(files: HashedFiles, found: Mapping[str, Certificate]) -> Iterator[str]:
    before = None
    for number, (name, certificate) in enumerate(found.items(), start=1):
        if certificate.number != number:
            yield f"{name}: certificate number {number} is due here, found {certificate.number}"
            return
        yield from _link(files, name, certificate, before)
        before = files.folder / name


def _link(files: HashedFiles, name: str, certificate: Certificate, before: Path | None) -> Iterator[str]:
    due = file_name(certificate.number, certificate.kind)
    if name != due:
        yield f"{name}: by its content its name is due to be {due}"
    if certificate.use_case != files.folder.name:
        yield f"{name}: one of {files.folder.name} is due here, found one of {certificate.use_case}"
    digest = files.digest(before) if before else None
    if certificate.previous != digest:
        beside = before.name if before else "no certificate before it"
        yield f"{name}: names {certificate.previous} as the certificate before, found {digest} ({beside})"
