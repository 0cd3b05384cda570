"""A file of rows in, a file of answers out: read, scored, logged and written a block at a time, in small memory."""

import csv
import io
import shutil
from collections.abc import Callable, Iterator
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import Any

import orjson
from flask import Response, g, request, stream_with_context
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from mlops_assets.spec import Delimited, UseCase
from serving.answering import give_answers
from serving.api.predict import WINE, UseCasePath, shown
from serving.bulk import Line, csv_lines, ndjson_lines, read_lines
from serving.errors import Problem, ProblemError
from serving.parquet_body import parquet_lines
from serving.router import Router

BODY_BYTES_MAX = 2**30
ROWS_PER_BLOCK = 1_000
CSV, NDJSON, PARQUET = "text/csv", "application/x-ndjson", "application/vnd.apache.parquet"
COLUMNS = ("line", "prediction_id", "unit_id", "arm", "version", "value", "degraded", "abstained", "error")
EXAMPLES = {
    CSV: f"{';'.join(WINE)}\n{';'.join(map(str, WINE.values()))}\n",
    NDJSON: orjson.dumps(WINE, option=orjson.OPT_APPEND_NEWLINE).decode(),
}
BODY = {
    "required": True,
    "content": {
        **{kind: {"schema": {"type": "string"}, "example": text} for kind, text in EXAMPLES.items()},
        PARQUET: {"schema": {"type": "string", "format": "binary"}},
    },
}
ROW = {"schema": {"type": "string"}}
TOLD: dict[Any, Any] = {
    200: {"description": "One line a row, in the order of the rows.", "content": {CSV: ROW, NDJSON: ROW}}
}

Told = dict[str, Any]


def routes(router: Router) -> APIBlueprint:
    """POST /use-cases/<name>/batch."""
    api = APIBlueprint("batch", __name__, abp_tags=[Tag(name="predict")], abp_responses={404: Problem, 503: Problem})

    @api.post(
        "/use-cases/<name>/batch",
        summary="Predict every row of a file",
        responses=TOLD,
        openapi_extensions={"requestBody": BODY},
    )
    def predict_file(path: UseCasePath) -> Response:
        """CSV in the format of the use case, NDJSON or Parquet; a CSV is answered with CSV, the others with NDJSON.

        Each answer has the number of its line (in a Parquet file: its row). A row that cannot be used is answered
        with its `error`, alone. Where the answers end early, the last line says
        why; the rows above it are answered and logged.
        """
        request.max_content_length = BODY_BYTES_MAX
        use_case, kind = router.use_case(path.name), request.mimetype
        blocks = _answer_blocks(router, use_case, READERS[kind](use_case))
        first = next(blocks, [])  # what is wrong with the body as a whole is told with a status
        lines = chain([first], _until_broken(blocks))
        told = _as_csv(lines) if kind == CSV else _as_ndjson(lines)
        return Response(stream_with_context(told), mimetype=CSV if kind == CSV else NDJSON)

    return api


def _read_csv(use_case: UseCase) -> Iterator[Line]:
    form = use_case.format
    separator = form.separator if isinstance(form, Delimited) else ","
    return csv_lines(read_lines(request.stream, request.content_length), (), tuple(use_case.columns), separator)


def _read_ndjson(_: UseCase) -> Iterator[Line]:
    return ndjson_lines(read_lines(request.stream, request.content_length))


def _read_parquet(_: UseCase) -> Iterator[Line]:
    """Rows of a Parquet body, which is put on the disk first: its index stands at its end."""
    with TemporaryFile() as file:
        shutil.copyfileobj(request.stream, file)
        yield from parquet_lines(file, ROWS_PER_BLOCK)


READERS: dict[str, Callable[[UseCase], Iterator[Line]]] = {
    CSV: _read_csv,
    NDJSON: _read_ndjson,
    PARQUET: _read_parquet,
}


def _answer_blocks(router: Router, use_case: UseCase, lines: Iterator[Line]) -> Iterator[list[Told]]:
    while block := list(islice(lines, ROWS_PER_BLOCK)):
        yield _answer_block(router, use_case, block)


def _answer_block(router: Router, use_case: UseCase, block: list[Line]) -> list[Told]:
    """What is told about each line: its answer, or why there is none."""
    told = {
        number: {"line": number, "error": str(values)} for number, values in block if isinstance(values, ValueError)
    }
    rows = {number: values for number, values in block if not isinstance(values, ValueError)}
    (champion, _) = router.arms(use_case)
    numbers = list(rows)
    for place, error in champion.model.refusals(list(rows.values())).items():
        told[numbers[place]] = {"line": numbers[place], "error": f"column {error.column!r}: {error.problem}"}
    good = {number: row for number, row in rows.items() if number not in told}
    given = give_answers(router, use_case, list(good.values()), None, g.caller.id) if good else []
    told |= {number: {"line": number, **shown(one)} for number, one in zip(good, given, strict=True)}
    return [told[number] for number, _ in block]


def _until_broken(blocks: Iterator[list[Told]]) -> Iterator[list[Told]]:
    """The blocks; when one fails, a last line that says why: the status went out long before."""
    try:
        yield from blocks
    except ProblemError as error:
        yield [{"error": f"the answers end here: {error.detail}"}]


def _as_ndjson(blocks: Iterator[list[Told]]) -> Iterator[bytes]:
    for block in blocks:
        yield b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in block)


def _as_csv(blocks: Iterator[list[Told]]) -> Iterator[bytes]:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for block in blocks:
        writer.writerows(block)
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()
