"""The Open Inference Protocol, version 2: existing clients of KServe, MLServer and Triton can ask.

Rows come as one tensor a column, or as one tensor of shape [rows, columns] in the order of the metadata.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from flask import g
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field

from mlops_assets.spec import UseCase
from serving.answering import give_answers
from serving.api.predict import ROWS_MAX, WINE, UnitId, UseCasePath
from serving.asked import Given
from serving.errors import NotReadyError, Problem, RefusedInputError
from serving.router import Router
from serving.scorer import Row

VERSION = "2"
COLUMNS_MAX = 2_000
Datatype = Literal[
    "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64", "BYTES"
]
Scalar = str | int | float | bool | None
EXAMPLE: dict[str, Any] = {
    "inputs": [{"name": name, "shape": [1], "datatype": "FP64", "data": [value]} for name, value in WINE.items()]
}


class TensorIn(BaseModel):
    """One input: a column, or all of them."""

    name: str
    shape: Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=1, max_length=2)]
    datatype: Datatype
    data: list[Scalar | list[Scalar]]
    parameters: dict[str, Any] | None = None


class Parameters(BaseModel):
    """What the protocol leaves to the server."""

    model_config = ConfigDict(extra="allow")

    unit_id: UnitId | None = Field(None, description="who or what is predicted for; the same unit meets the same arm")


class InferBody(BaseModel):
    """Rows as tensors."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    id: str | None = Field(None, max_length=256, description="comes back as it was sent")
    inputs: list[TensorIn] = Field(min_length=1, max_length=COLUMNS_MAX)
    parameters: Parameters = Parameters(unit_id=None)
    outputs: list[dict[str, Any]] | None = Field(None, description="taken and not used: all outputs come back")


class TensorOut(BaseModel):
    """One output."""

    name: str
    shape: list[int]
    datatype: Datatype
    data: list[Scalar]


class InferOut(BaseModel):
    """Outputs `predict`, `predict_proba` for a classification, and for each row `prediction_id`, `arm`, `version`."""

    model_name: str
    model_version: str = Field(description="that of the first row; the output `version` has one a row")
    id: str | None = None
    outputs: list[TensorOut]


class Live(BaseModel):
    """The process answers."""

    live: bool


class Ready(BaseModel):
    """A model can answer."""

    ready: bool


class ServerOut(BaseModel):
    """What this server is."""

    name: str
    version: str
    extensions: list[str]


class TensorMetadata(BaseModel):
    """Name, type and shape of a tensor; -1 is the number of rows."""

    name: str
    datatype: Datatype
    shape: list[int]


class ModelOut(BaseModel):
    """What a model takes and gives."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


def routes(router: Router) -> APIBlueprint:
    """The routes below /v2."""
    api = APIBlueprint("infer", __name__, abp_tags=[Tag(name="open inference protocol")], url_prefix="/v2")
    absent: dict[Any, Any] = {404: Problem, 503: Problem}

    @api.get("", summary="What this server is", responses={200: ServerOut})
    def server() -> dict[str, Any]:
        return {"name": "mlops-assets", "version": VERSION, "extensions": []}

    @api.get("/health/live", summary="The process answers", responses={200: Live})
    def live() -> dict[str, Any]:
        return {"live": True}

    @api.get("/health/ready", summary="A model can answer", responses={200: Ready, 503: Problem})
    def ready() -> dict[str, Any]:
        if not router.models.ready():
            raise NotReadyError("no use case has a champion yet")
        return {"ready": True}

    @api.get("/models/<name>", summary="What a model takes and gives", responses={200: ModelOut, **absent})
    def model(path: UseCasePath) -> dict[str, Any]:
        return _metadata(router, router.use_case(path.name))

    @api.get("/models/<name>/ready", summary="This model can answer", responses={200: Ready, **absent})
    def model_ready(path: UseCasePath) -> dict[str, Any]:
        router.arms(router.use_case(path.name))
        return {"ready": True}

    @api.post("/models/<name>/infer", summary="Predict rows", responses={200: InferOut, **absent})
    def infer(path: UseCasePath, body: InferBody) -> dict[str, Any]:
        use_case = router.use_case(path.name)
        rows = rows_of(body.inputs, use_case.request_columns)
        given = give_answers(router, use_case, rows, body.parameters.unit_id, g.caller.id)
        told = {"model_name": use_case.name, "model_version": str(given[0].record.version), "id": body.id}
        return told | {"outputs": _outputs(given)}

    return api


def rows_of(inputs: Sequence[TensorIn], columns: Sequence[str]) -> list[Row]:
    """Rows of tensors.

    Raises
    ------
    RefusedInputError
        If the shapes do not hold the data, the inputs differ in rows, or a table has another number of columns.
    """
    one = inputs[0]
    if len(inputs) == 1 and len(one.shape) == 2 and one.name not in columns:
        named = _columns_of_table(one, columns)
    else:
        named = {tensor.name: _flat(tensor) for tensor in inputs}
    lengths = {name: len(values) for name, values in named.items()}
    if len(set(lengths.values())) != 1:
        raise RefusedInputError(f"inputs differ in rows: {', '.join(f'{k} has {n}' for k, n in lengths.items())}"[:500])
    count = next(iter(lengths.values()))
    if not 1 <= count <= ROWS_MAX:
        raise RefusedInputError(f"1 to {ROWS_MAX} rows are due, got {count}; send more to /use-cases/<name>/batch")
    return [dict(zip(named, row, strict=True)) for row in zip(*named.values(), strict=True)]


def _columns_of_table(table: TensorIn, columns: Sequence[str]) -> dict[str, list[Scalar]]:
    n_rows, n_columns = table.shape
    if n_columns != len(columns):
        raise RefusedInputError(f"input {table.name!r} has {n_columns} columns, due are {', '.join(columns)}")
    values = _flat(table)
    return {name: values[place::n_columns] for place, name in enumerate(columns)} if n_rows else {table.name: []}


def _flat(tensor: TensorIn) -> list[Scalar]:
    values = [one for value in tensor.data for one in (value if isinstance(value, list) else [value])]
    size = tensor.shape[0] * (tensor.shape[1] if len(tensor.shape) == 2 else 1)
    if len(values) != size:
        raise RefusedInputError(
            f"input {tensor.name!r} has {len(values)} values, its shape {tensor.shape} holds {size}"
        )
    return values


def _outputs(given: list[Given]) -> list[dict[str, Any]]:
    records = [one.record for one in given]
    found = [
        _tensor("predict", _datatype(records[0].answered), [one.answered for one in records]),
        _tensor("prediction_id", "BYTES", [one.prediction_id for one in records]),
        _tensor("arm", "BYTES", [one.arm for one in records]),
        _tensor("version", "INT64", [one.version for one in records]),
        _tensor("degraded", "BOOL", [one.degraded for one in records]),
    ]
    if all(one.abstained is not None for one in records):
        found.append(_tensor("abstained", "BOOL", [one.abstained for one in records]))
    shares = [list(one.probabilities.values()) for one in given if one.probabilities is not None]
    if shares and len({len(row) for row in shares}) == 1:
        flat = [share for row in shares for share in row]
        found.append(
            {"name": "predict_proba", "shape": [len(shares), len(shares[0])], "datatype": "FP64", "data": flat}
        )
    return found


def _tensor(name: str, datatype: str, data: list[Any]) -> dict[str, Any]:
    return {"name": name, "shape": [len(data)], "datatype": datatype, "data": data}


def _datatype(value: Any) -> str:
    return {int: "INT64", float: "FP64"}.get(type(value), "BYTES")


def _metadata(router: Router, use_case: UseCase) -> dict[str, Any]:
    champion, arms = router.arms(use_case)
    served = [champion] + ([arms.challenger] if arms.challenger is not None else [])
    kinds = {name: use_case.columns[name].kind for name in use_case.request_columns}
    inputs = [
        {"name": name, "datatype": "FP64" if kind == "numeric" else "BYTES", "shape": [-1]}
        for name, kind in kinds.items()
    ]
    answer = "FP64" if use_case.task == "regression" else _datatype((champion.model.classes or ("",))[0])
    outputs = [{"name": "predict", "datatype": answer, "shape": [-1]}]
    if champion.model.classes is not None:
        outputs.append({"name": "predict_proba", "datatype": "FP64", "shape": [-1, len(champion.model.classes)]})
    return {
        "name": use_case.name,
        "versions": [str(one.version) for one in served],
        "platform": champion.model.engine,
        "inputs": inputs,
        "outputs": outputs,
    }
