"""Predictions asked for with JSON: one row, or several."""

from typing import Annotated, Any

from flask import g
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from mlops_assets.spec import UseCase
from serving.answering import give_answers
from serving.asked import Given
from serving.errors import Problem
from serving.router import Router

ROWS_MAX = 1000
Features = dict[str, float | int | str | bool | None]  # a number is tried first
UnitId = Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[^\x00-\x1f]*$")]
WINE: dict[str, Any] = {
    "fixed acidity": 7.4,
    "volatile acidity": 0.7,
    "citric acid": 0.0,
    "residual sugar": 1.9,
    "chlorides": 0.076,
    "free sulfur dioxide": 11.0,
    "total sulfur dioxide": 34.0,
    "density": 0.9978,
    "pH": 3.51,
    "sulphates": 0.56,
    "alcohol": 9.4,
}
EXAMPLE: dict[str, Any] = {"unit_id": "bottle-17", "features": WINE}
NAMED: dict[str, Any] = {"use_case": "wine_quality", **EXAMPLE}


class PredictBody(BaseModel):
    """One row in `features`, or several in `rows`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    unit_id: UnitId | None = Field(None, description="who or what is predicted for; the same unit meets the same arm")
    features: Features | None = Field(None, description="column: value")
    rows: list[Features] | None = Field(None, min_length=1, max_length=ROWS_MAX)

    @model_validator(mode="after")
    def _one_of_both(self) -> "PredictBody":
        if (self.features is None) == (self.rows is None):
            raise ValueError("send either features (one row) or rows (several)")
        return self


class NamedPredictBody(PredictBody):
    """The same, naming the use case; without a name it is the one that is served."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [NAMED]})

    use_case: str | None = None


class UseCasePath(BaseModel):
    """The use case in the address."""

    name: str


class PredictionOut(BaseModel):
    """One answer; send its prediction_id with the truth to POST /feedback."""

    prediction_id: str
    use_case: str
    unit_id: str
    arm: str = Field(description="A: the champion answered, B: the challenger")
    version: int
    value: str | int | float
    probabilities: dict[str, float] | None = None
    abstained: bool | None = Field(None, description="true: not one class alone is possible, ask a person; else absent")
    candidates: list[str] | None = Field(None, description="classes that stay possible, most probable first")
    degraded: bool = Field(description="the registry was out of reach, or A answered in place of a failing B")


class PredictionsOut(BaseModel):
    """Answers in the order of the rows."""

    predictions: list[PredictionOut]


class GivenOut(RootModel[PredictionOut | PredictionsOut]):
    """One answer to `features`, a list of them to `rows`."""


GIVEN: dict[Any, Any] = {200: GivenOut}


def routes(router: Router) -> APIBlueprint:
    """POST /predict and POST /use-cases/<name>/predictions."""
    api = APIBlueprint("predict", __name__, abp_tags=[Tag(name="predict")], abp_responses={404: Problem, 503: Problem})

    @api.post("/predict", summary="Predict one row or several", responses=GIVEN)
    def predict(body: NamedPredictBody) -> dict[str, Any]:
        return told(router, router.use_case(body.use_case), body, g.caller.id)

    @api.post("/use-cases/<name>/predictions", summary="Predict for one use case", responses=GIVEN)
    def predict_for(path: UseCasePath, body: PredictBody) -> dict[str, Any]:
        return told(router, router.use_case(path.name), body, g.caller.id)

    return api


def told(router: Router, use_case: UseCase, body: PredictBody, asked_by: str | None) -> dict[str, Any]:
    """What is answered; when it returns, the answers are in the log."""
    if body.features is not None:
        return shown(give_answers(router, use_case, [body.features], body.unit_id, asked_by)[0])
    given = give_answers(router, use_case, body.rows or [], body.unit_id, asked_by)
    return {"predictions": [shown(one) for one in given]}


def shown(given: Given) -> dict[str, Any]:
    """One answer as callers see it."""
    record = given.record
    told: dict[str, Any] = {
        "prediction_id": record.prediction_id,
        "use_case": record.use_case,
        "unit_id": record.unit_id,
        "arm": record.arm,
        "version": record.version,
        "value": record.answered,
        "degraded": record.degraded,
    }
    if given.probabilities is not None:
        told["probabilities"] = given.probabilities
    if given.candidates is not None:
        told |= {"abstained": record.abstained, "candidates": given.candidates}
    return told
