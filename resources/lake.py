"""The lake: bytes and Parquet tables below one address, local or any fsspec store, each written whole or not at all."""

import hashlib
import io
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import fsspec
from fsspec.implementations.local import LocalFileSystem

if TYPE_CHECKING:
    import pandas as pd  # read late: Dagster's code server imports this module at every start

CHUNK_BYTES = 2**20


class LakeError(RuntimeError):
    """Something that cannot be written to or read from the lake, with the address and what to do."""


class TooManyBytesError(RuntimeError):
    """A stream that is longer than its limit."""


class UnreadableError(RuntimeError):
    """A stream that broke off."""


@dataclass(frozen=True)
class Staged:
    """Bytes kept under their own hash."""

    sha256: str
    size_bytes: int


class Lake:
    """Files below one address.

    Parameters
    ----------
    root : str
        A folder, or any fsspec address such as `s3://bucket/lake`.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self._files, self._base = fsspec.core.url_to_fs(root)

    def path(self, *parts: str) -> str:
        """Path below the root, as the file system writes it.

        Raises
        ------
        LakeError
            If a part could lead out of the root.
        """
        pieces = [piece for part in parts for piece in part.split("/")]
        if not pieces or any(piece in ("", ".", "..") or "\0" in piece for piece in pieces):
            raise LakeError(f"{'/'.join(parts)!r} is not a path below {self.root}")
        return "/".join([self._base.rstrip("/"), *pieces])

    def exists(self, *parts: str) -> bool:
        """True when the file is there, whole."""
        return bool(self._files.exists(self.path(*parts)))

    def write_bytes(self, data: bytes, *parts: str) -> str:
        """The path of the file just written; one of that name is replaced in one step."""
        path = self.path(*parts)
        with self._replacing(path) as file:
            file.write(data)
        return path

    def read_bytes(self, *parts: str) -> bytes:
        """The bytes of a file.

        Raises
        ------
        LakeError
            If there is none.
        """
        path = self.path(*parts)
        try:
            return bytes(self._files.cat_file(path))
        except FileNotFoundError as error:
            raise LakeError(f"{path} is not in the lake; materialise the step that writes it first") from error

    def write_table(self, frame: "pd.DataFrame", *parts: str) -> str:
        """The path of the Parquet file just written."""
        buffer = io.BytesIO()
        frame.to_parquet(buffer, index=False)
        return self.write_bytes(buffer.getvalue(), *parts)

    def read_table(self, *parts: str, columns: list[str] | None = None) -> "pd.DataFrame":
        """The frame of a Parquet file, all columns or those named."""
        import pandas as pd

        return pd.read_parquet(io.BytesIO(self.read_bytes(*parts)), columns=columns)

    def remove(self, *parts: str) -> None:
        """Take a file away; no error when there is none."""
        path = self.path(*parts)
        if self._files.exists(path):
            self._files.rm_file(path)

    def names(self, *parts: str) -> list[str]:
        """Names of the files of a folder, in order; hidden ones left out."""
        found = self._files.ls(self.path(*parts), detail=False) if self.exists(*parts) else []
        names = sorted(str(path).rstrip("/").rpartition("/")[2] for path in found)
        return [name for name in names if not name.startswith(".")]

    def stage(
        self,
        stream: BinaryIO,
        use_case: str,
        limit_bytes: int,
        check: Callable[[], None] = lambda: None,
        folder: str = "staged",
    ) -> Staged:
        """Keep what a stream gives at `<use_case>/<folder>/<sha256>`, hashed on the way.

        Parameters
        ----------
        check : function
            Called when the stream has ended; nothing is kept when it raises.

        Raises
        ------
        TooManyBytesError
            If the stream gives more than `limit_bytes`; nothing is kept.
        UnreadableError
            If the stream breaks off; nothing is kept.
        LakeError
            If the lake cannot take it, for want of space for instance; nothing is kept.
        """
        digest, size = hashlib.sha256(), 0
        hidden = self.path(use_case, folder, f".{uuid.uuid4().hex}.tmp")
        with self._writing(hidden) as file:
            for chunk in _chunks(stream):
                size += len(chunk)
                if size > limit_bytes:
                    raise TooManyBytesError(f"more than {limit_bytes} bytes")
                digest.update(chunk)
                file.write(chunk)
            check()
        sha256 = digest.hexdigest()
        self._rename(hidden, self.path(use_case, folder, sha256))
        return Staged(sha256, size)

    def read_staged(self, use_case: str, sha256: str) -> bytes:
        """The bytes of a batch.

        Raises
        ------
        LakeError
            If they are gone, or are no longer those that were hashed.
        """
        data = self.read_bytes(use_case, "staged", sha256)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise LakeError(
                f"{self.path(use_case, 'staged', sha256)} was changed after it landed; restore it from a copy"
            )
        return data

    @contextmanager
    def _replacing(self, path: str) -> Iterator[Any]:
        folder, _, name = path.rpartition("/")
        hidden = f"{folder}/.{name}.{uuid.uuid4().hex[:8]}.tmp"
        with self._writing(hidden) as file:
            yield file
        self._rename(hidden, path)

    @contextmanager
    def _writing(self, hidden: str) -> Iterator[Any]:
        """A file that is gone again when the block fails."""
        try:
            self._files.makedirs(hidden.rpartition("/")[0], exist_ok=True)
            with self._files.open(hidden, "wb") as file:
                yield file
                if isinstance(self._files, LocalFileSystem):
                    file.flush()
                    os.fsync(file.fileno())
        except BaseException as error:  # a stop from the keyboard leaves half a file too
            if self._files.exists(hidden):
                self._files.rm_file(hidden)
            if isinstance(error, OSError):
                raise LakeError(f"{hidden}: {error.strerror or error}; make room there, then try again") from error
            raise

    def _rename(self, hidden: str, path: str) -> None:
        if not isinstance(self._files, LocalFileSystem):
            self._files.mv(hidden, path)
            return
        final = Path(hidden).replace(path)
        folder = os.open(final.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the new name survives a power cut
        finally:
            os.close(folder)


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    try:
        while chunk := stream.read(CHUNK_BYTES):
            yield chunk
    except OSError as error:
        raise UnreadableError(error.strerror or str(error)) from error
