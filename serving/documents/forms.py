"""Files that are sent as forms: what the document at /docs says of them, and how they are read within limits.

Flask-openapi3's own reading of forms would parse each field as JSON, however deep it nests.
"""

from collections.abc import Iterator
from typing import Annotated, Any, BinaryIO, NamedTuple, cast

from flask import Blueprint, abort, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from serving.documents.documents import Documents
from serving.documents.uploads import File
from serving.errors import RefusedInputError, from_validation

FORM = "multipart/form-data"
FILES_MAX = 20  # of one request
PARTS_MAX = 2 * FILES_MAX
FIELDS_BYTES_MAX = 512 * 2**10  # in memory at once: of fields, and of the part of a file that is being read
Language = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z_]+(\+[A-Za-z_]+)*$")]
ENGLISH = {"type": "string", "description": "as Tesseract names it: eng, deu, eng+deu; default: the use case's"}


class Fields(BaseModel):
    """What stands beside the file."""

    model_config = ConfigDict(extra="forbid")

    use_case: str | None = Field(None, max_length=64)
    ocr_language: Language | None = None
    return_all_scores: bool = False

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return None if value == "" else value


class Sent(NamedTuple):
    """A form: its files, and what stands beside them."""

    files: list[File]
    fields: Fields


def limit_forms(api: Blueprint, documents: Documents) -> None:
    """Let bodies of a blueprint be as large as the largest document that a use case takes, and no form be a flood."""

    @api.before_request
    def limit() -> None:
        request.max_content_length = documents.bytes_max + FIELDS_BYTES_MAX
        request.max_form_memory_size = FIELDS_BYTES_MAX
        request.max_form_parts = PARTS_MAX


def body_of(*, several: bool, scores: bool = False) -> dict[str, Any]:
    """The request body as the document at /docs shows it."""
    file = {"type": "string", "format": "binary", "description": "PNG, JPEG, TIFF or PDF, of any number of pages"}
    properties: dict[str, Any] = {
        "file": {"type": "array", "items": file, "minItems": 1, "maxItems": FILES_MAX} if several else file,
        "ocr_language": ENGLISH,
        "use_case": {"type": "string", "description": "default: the only one that reads documents"},
    }
    if scores:
        properties["return_all_scores"] = {"type": "boolean", "default": False}
    schema = {"type": "object", "required": ["file"], "properties": properties, "additionalProperties": False}
    return {
        "requestBody": {"required": True, "content": {FORM: {"schema": schema, "example": {"ocr_language": "eng"}}}}
    }


def read_form(files_max: int = 1) -> Sent:
    """The form of this request.

    Raises
    ------
    RefusedInputError
        If no file is there, or more than `files_max`.
    """
    files = list(_files())
    if not 1 <= len(files) <= files_max:
        wanted = "one file" if files_max == 1 else f"1 to {files_max} files"
        raise RefusedInputError(
            f"{wanted} must be sent in the form field file, got {len(files)}: curl -F file=@scan.png",
            [{"field": "file", "problem": f"{wanted} due"}],
        )
    try:
        return Sent(files, Fields.model_validate(request.form.to_dict()))
    except ValidationError as error:
        abort(from_validation(error))


def _files() -> Iterator[File]:
    for one in request.files.getlist("file"):
        yield File(one.filename or "", cast(BinaryIO, one.stream))
