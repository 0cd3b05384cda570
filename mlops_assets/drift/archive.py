"""A reference as bytes: a compressed npz of one JSON header and plain arrays, without pickle."""

import dataclasses
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops_assets.drift.codes import Coding, LabelCoding, NumericCoding
from mlops_assets.drift.limits import Limits
from mlops_assets.drift.reference import Reference
from mlops_assets.drift.sketch import CategorySketch, NumericSketch, Sketch
from mlops_assets.drift.table import CodedTable
from mlops_assets.drift.topics import Topics
from mlops_assets.drift.words import Vocabulary

FORMAT = 2
TABLES = ("table", "aside", "predicted")
ARRAYS = {"sample", "vocabulary"}  # fields of a sketch that are kept as arrays
ARRAYS_OF_TOPICS = ("terms", "idf", "components")

Arrays = dict[str, NDArray[Any]]


class InvalidReferenceError(ValueError):
    """Bytes that are not a drift reference, or one of another format."""


def pack(reference: Reference) -> bytes:
    """The bytes of a reference; the same reference gives the same bytes."""
    arrays: Arrays = {}
    sketches: dict[str, Sketch | None] = {
        f"column_{at}": sketch for at, sketch in enumerate(reference.columns.values())
    }
    sketches["prediction"] = reference.prediction
    limits = reference.limits
    arrays |= {"limit_sizes": limits.sizes, "limit_starts": limits.starts, "limit_slopes": limits.slopes}
    header = {
        "format": FORMAT,
        "rows": reference.rows,
        "target": reference.target,
        "columns": list(reference.columns),
        "sketches": {key: _pack_sketch(sketch, key, arrays) for key, sketch in sketches.items()},
        "tables": {name: _pack_table(getattr(reference, name), name, arrays) for name in TABLES},
        "topics": [_pack_topics(one, f"topics_{at}", arrays) for at, one in enumerate(reference.topics)],
    }
    buffer = io.BytesIO()
    text = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
    np.savez_compressed(buffer, header=text, **arrays)
    return buffer.getvalue()


def unpack(data: bytes) -> Reference:
    """The reference of bytes that `pack` wrote.

    Raises
    ------
    InvalidReferenceError
        If the bytes are damaged, or of another format.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            if stored.zip.testzip() is not None:  # np.load stops reading before the checksum is compared
                raise zipfile.BadZipFile("a checksum does not match")
            header = json.loads(stored["header"].tobytes())
            if header["format"] != FORMAT:
                raise InvalidReferenceError(
                    f"drift reference: format {header['format']!r}; {FORMAT} is due: train the model again"
                )
            return _unpack(header, stored)
    except InvalidReferenceError:
        raise
    except (
        OSError,
        EOFError,
        ValueError,
        KeyError,
        TypeError,
        RuntimeError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise InvalidReferenceError(f"drift reference: {len(data)} bytes that cannot be read: {error}") from error


def _unpack(header: Mapping[str, Any], stored: Mapping[str, NDArray[Any]]) -> Reference:
    sketches = {key: _unpack_sketch(values, key, stored) for key, values in header["sketches"].items()}
    tables = {name: _unpack_table(header["tables"][name], name, stored) for name in TABLES}
    return Reference(
        rows=header["rows"],
        target=header["target"],
        columns={name: sketches[f"column_{at}"] for at, name in enumerate(header["columns"])},
        prediction=sketches["prediction"],
        limits=Limits(stored["limit_sizes"], stored["limit_starts"], stored["limit_slopes"]),
        topics=tuple(_unpack_topics(one, f"topics_{at}", stored) for at, one in enumerate(header.get("topics", []))),
        **tables,
    )


def _pack_sketch(sketch: Sketch | None, key: str, arrays: Arrays) -> dict[str, Any] | None:
    if sketch is None:
        return None
    fields = [field.name for field in dataclasses.fields(sketch) if field.name not in ARRAYS]
    values = {name: getattr(sketch, name) for name in fields}
    if isinstance(sketch, CategorySketch):
        return {"kind": "category"} | values
    arrays[f"{key}_sample"] = sketch.sample
    if sketch.vocabulary is not None:
        arrays[f"{key}_words"] = sketch.vocabulary.texts
    return {"kind": "numeric"} | values


def _unpack_sketch(values: dict[str, Any] | None, key: str, stored: Mapping[str, NDArray[Any]]) -> Any:
    if values is None:
        return None
    fields = {name: value for name, value in values.items() if name != "kind"}
    if values["kind"] == "category":
        return CategorySketch(**fields)
    words = Vocabulary(stored[f"{key}_words"]) if f"{key}_words" in stored else None
    return NumericSketch(**fields, sample=stored[f"{key}_sample"], vocabulary=words)


def _pack_table(table: CodedTable, key: str, arrays: Arrays) -> list[dict[str, Any]]:
    arrays[f"{key}_codes"] = table.codes
    return [
        _pack_coding(name, coding, f"{key}_{at}", arrays) for at, (name, coding) in enumerate(table.codings.items())
    ]


def _pack_coding(name: str, coding: Coding, key: str, arrays: Arrays) -> dict[str, Any]:
    if isinstance(coding, LabelCoding):
        return {"name": name, "levels": list(coding.levels), "hashed": coding.hashed}
    arrays[f"{key}_edges"] = coding.edges
    return {"name": name}


def _unpack_table(columns: list[dict[str, Any]], key: str, stored: Mapping[str, NDArray[Any]]) -> CodedTable:
    codings: dict[str, Coding] = {
        one["name"]: LabelCoding(tuple(one["levels"]), one["hashed"])
        if "levels" in one
        else NumericCoding(stored[f"{key}_{at}_edges"])
        for at, one in enumerate(columns)
    }
    return CodedTable(codings, stored[f"{key}_codes"])


def _pack_topics(topics: Topics, key: str, arrays: Arrays) -> dict[str, Any]:
    arrays |= {f"{key}_{name}": getattr(topics, name) for name in ARRAYS_OF_TOPICS}
    fields = [field.name for field in dataclasses.fields(topics) if field.name not in ARRAYS_OF_TOPICS]
    return {name: getattr(topics, name) for name in fields}


def _unpack_topics(values: dict[str, Any], key: str, stored: Mapping[str, NDArray[Any]]) -> Topics:
    fields = values | {"names": tuple(values["names"]), "ngrams": tuple(values["ngrams"])}
    return Topics(**(fields | {name: stored[f"{key}_{name}"] for name in ARRAYS_OF_TOPICS}))
