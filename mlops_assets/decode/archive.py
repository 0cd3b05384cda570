"""A ZIP archive of scans: what it holds is judged by its directory before anything is unpacked, one file at a time."""

import io
import lzma
import unicodedata
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass

import pandas as pd

from mlops_assets.decode.delimited import read_delimited
from mlops_assets.decode.errors import DecodeError
from mlops_assets.decode.limits import RATIO_FROM_BYTES, check_rows
from mlops_assets.ocr.errors import DocumentError
from mlops_assets.spec import Delimited, Landing, Reading, UseCase

BEGINS = (b"PK\x03\x04", b"PK\x05\x06")  # with a file, and empty
LABELS, FILE = "labels.csv", "file"
HIDDEN = (".", "__MACOSX")
ENCRYPTED = 0x1  # bit of a file's flags
# ValueError: a name that is no UTF-8, a place before the first byte; MemoryError: a dictionary of gigabytes
DAMAGED = (
    zipfile.BadZipFile,
    NotImplementedError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
    MemoryError,
)


def is_archive(data: bytes) -> bool:
    """True for bytes that begin as a ZIP archive does."""
    return data.startswith(BEGINS)


@dataclass(frozen=True)
class Archive:
    """An archive within the limits.

    Attributes
    ----------
    names : tuple[str, ...]
        Its scans, in the order of the archive; without `labels.csv`, folders and hidden files.
    labels : DataFrame
        What `labels.csv` says, text by the name of its scan; empty where there is none.
    """

    names: tuple[str, ...]
    labels: pd.DataFrame
    _archive: zipfile.ZipFile
    _bytes_max: int

    def read(self, name: str) -> bytes:
        """The bytes of one scan.

        Raises
        ------
        DocumentError
            too_many_bytes, before it is unpacked; unreadable, where it is damaged.
        """
        size = self._archive.getinfo(name).file_size
        if size > self._bytes_max:
            raise DocumentError("too_many_bytes", f"{size} bytes; format.bytes_max is {self._bytes_max}")
        try:
            return self._archive.read(name)
        except DAMAGED as error:
            raise DocumentError("unreadable", f"damaged within the archive: {error}; pack it again") from error


def open_archive(data: bytes, use_case: UseCase, reading: Reading) -> Archive:
    """The archive, its directory and its labels read, none of its scans.

    Raises
    ------
    DecodeError
        malformed, encrypted, unsafe_name, duplicate_files, empty, too_many_rows, too_many_bytes, expands_too_much;
        labels_without_scan, and whatever a table can be refused for, about `labels.csv`.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise DecodeError("malformed", f"not readable as a ZIP archive: {error}; pack it again") from error
    files = [member for member in archive.infolist() if not member.filename.endswith("/")]
    _check(files, len(data), use_case.landing)
    shown = [member.filename for member in files if not _hidden(member.filename)]
    tables = [name for name in shown if name.rpartition("/")[2] == LABELS]
    if len(tables) > 1:
        raise DecodeError("duplicate_files", f"{tables[0]!r} and {tables[1]!r}: one {LABELS} is due; keep one")
    names = tuple(name for name in shown if name not in tables)
    if not names:
        raise DecodeError("empty", "the archive holds no scan")
    labels = _labels(archive, tables[0], names, use_case) if tables else pd.DataFrame()
    return Archive(names, labels, archive, reading.bytes_max)


def _hidden(name: str) -> bool:
    return any(part.startswith(HIDDEN) for part in name.split("/"))


def _check(files: list[zipfile.ZipInfo], size: int, rules: Landing) -> None:
    check_rows(len(files), rules)
    for member in files:
        name = member.filename
        if not name or name.startswith("/") or "\\" in name or ".." in name.split("/") or not name.isprintable():
            raise DecodeError("unsafe_name", f"the archive names a file {name!r}; pack it with plain names")
        if member.flag_bits & ENCRYPTED:
            raise DecodeError("encrypted", f"{name!r} in the archive asks for a password; pack it without one")
    twice = [name for name, count in Counter(member.filename for member in files).items() if count > 1]
    if twice:
        raise DecodeError("duplicate_files", f"{twice[0]!r} is in the archive twice; rename one")
    unpacked = sum(member.file_size for member in files)
    if unpacked > rules.bytes_max:
        raise DecodeError("too_many_bytes", f"{unpacked} bytes once unpacked; landing.bytes_max is {rules.bytes_max}")
    if unpacked > max(RATIO_FROM_BYTES, size * rules.expansion_max):
        reason = f"{size} bytes unpack to {unpacked}; landing.expansion_max is {rules.expansion_max:g}"
        raise DecodeError("expands_too_much", reason)


def _labels(archive: zipfile.ZipFile, table: str, names: tuple[str, ...], use_case: UseCase) -> pd.DataFrame:
    """The rows of `labels.csv` by the names of their scans, which count from its own folder."""
    if not archive.getinfo(table).file_size:
        raise DecodeError("empty", f"{table!r} is empty")
    try:
        data = archive.read(table)
    except DAMAGED as error:
        raise DecodeError("malformed", f"{table!r} in the archive is damaged: {error}; pack it again") from error
    plain = use_case.model_copy(update={"format": Delimited(kind="delimited")})
    labels = read_delimited(data, plain).rename(columns=str.strip)
    if FILE not in labels:
        raise DecodeError("malformed", f"{table!r} has no column '{FILE}'; it has {', '.join(labels)}")
    folder = table.removesuffix(LABELS)
    spelled = {_composed(name): name for name in names} | {name: name for name in names}
    told = [folder + name.strip() for name in labels.pop(FILE)]
    labels.index = pd.Index([spelled.get(name, spelled.get(_composed(name), name)) for name in told])
    if labels.index.has_duplicates:
        twice = labels.index[labels.index.duplicated()][0]
        raise DecodeError("duplicate_files", f"{table!r} names {twice!r} twice; keep one line")
    if strange := [name for name in labels.index if name not in set(names)]:
        reason = f"{table!r} names {strange[0]!r}, which the archive lacks ({len(strange)} such); pack it again, whole"
        raise DecodeError("labels_without_scan", reason)
    return labels


def _composed(name: str) -> str:
    """A name with each accent on its letter: some systems pack it beside, and the table is written on another."""
    return unicodedata.normalize("NFC", name)
