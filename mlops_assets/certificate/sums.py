"""The list of a folder's files by hash, in the format of sha256sum: `sha256sum -c SHA256SUMS` checks it too."""

import re
from collections.abc import Mapping

from mlops_assets.certificate.certificate import CertificateError

SUMS = "SHA256SUMS"
LINE = re.compile(r"([0-9a-f]{64})  ([^\n]+)")


def write_sums(hashes: Mapping[str, str]) -> bytes:
    """The list's only bytes; `hashes` is path -> SHA-256 in hex.

    Examples
    --------
    >>> write_sums({"b": "0" * 64, "a": "1" * 64}).decode().split()[1::2]
    ['a', 'b']
    """
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(hashes.items())).encode("utf-8")


def read_sums(data: bytes) -> dict[str, str]:
    """Path -> SHA-256.

    Raises
    ------
    CertificateError
        If the bytes are not what `write_sums` writes.
    """
    try:
        found = {path: digest for digest, path in LINE.findall(data.decode("utf-8"))}
    except UnicodeDecodeError as error:
        raise CertificateError(f"{SUMS}: no UTF-8 text: {error.reason}") from error
    if write_sums(found) != data:
        raise CertificateError(f"{SUMS}: lines of a hash, two blanks and a path are due, each path once, in order")
    return found
