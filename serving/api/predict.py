"""Predictions: assign the unit to an arm, score, log, answer."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from mlops_assets.spec import UseCase
from resources.state.predictions import Prediction
from resources.state.routing import Routing
from serving.errors import Problem, RefusedInputError
from serving.models import Arms, Served
from serving.router import Router
from serving.routing import choose_arm
from serving.scorer import Scored, score

ROWS_MAX = 1000
Features = dict[str, str | int | float | bool | None]
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
    degraded: bool = Field(description="the registry was out of reach, or A answered in place of a failing B")


class PredictionsOut(BaseModel):
    """Answers in the order of the rows."""

    predictions: list[PredictionOut]


class Given(RootModel[PredictionOut | PredictionsOut]):
    """One answer to `features`, a list of them to `rows`."""


GIVEN: dict[Any, Any] = {200: Given}


@dataclass(frozen=True)
class Asked:
    """What all rows of one request have in common."""

    use_case: UseCase
    routing: Routing
    champion: Served
    arms: Arms
    at: datetime


def routes(router: Router) -> APIBlueprint:
    """POST /predict and POST /use-cases/<name>/predictions."""
    api = APIBlueprint("predict", __name__, abp_tags=[Tag(name="predict")], abp_responses={404: Problem, 503: Problem})

    @api.post("/predict", summary="Predict one row or several", responses=GIVEN)
    def predict(body: NamedPredictBody) -> dict[str, Any]:
        return _answer(router, router.use_case(body.use_case), body)

    @api.post("/use-cases/<name>/predictions", summary="Predict for one use case", responses=GIVEN)
    def predict_for(path: UseCasePath, body: PredictBody) -> dict[str, Any]:
        return _answer(router, router.use_case(path.name), body)

    return api


def _answer(router: Router, use_case: UseCase, body: PredictBody) -> dict[str, Any]:
    """The body of the response; every row of it is in the log by then."""
    (champion, arms), routing = router.arms(use_case), router.splits.of(use_case.name)
    rows = [body.features] if body.features is not None else body.rows or []
    ids = [str(uuid.uuid4()) for _ in rows]
    units = [_unit(use_case, body, row, prediction_id) for row, prediction_id in zip(rows, ids, strict=True)]
    chosen = [choose_arm(unit, routing.salt, routing.split_b) for unit in units]
    try:
        scored = score(champion, arms.challenger, rows, chosen, use_case.routing.paired)
    except ValueError as error:
        raise RefusedInputError(f"{use_case.name}: {error}") from error
    asked = Asked(use_case, routing, champion, arms, router.clock())
    records = [_record(asked, *one) for one in zip(ids, units, rows, scored, strict=True)]
    router.log.append(records)
    given = [_shown(record, one, arms) for record, one in zip(records, scored, strict=True)]
    return given[0] if body.features is not None else {"predictions": given}


def _unit(use_case: UseCase, body: PredictBody, row: Features, prediction_id: str) -> str:
    """Who is predicted for: as sent, else the use case's unit column, else this request alone."""
    if body.unit_id is not None:
        return body.unit_id
    named = row.get(use_case.unit) if use_case.unit is not None else None
    return prediction_id if named is None else str(named).replace("\x00", "")[:256]


def _record(asked: Asked, prediction_id: str, unit: str, row: Features, one: Scored) -> Prediction:
    arms = asked.arms
    return Prediction(
        prediction_id=prediction_id,
        use_case=asked.use_case.name,
        unit_id=unit,
        arm=one.arm,
        champion_version=asked.champion.version,
        challenger_version=arms.challenger.version if arms.challenger else None,
        champion_value=one.champion.value if one.champion else None,
        challenger_value=one.challenger.value if one.challenger else None,
        answered=one.answer.value,
        features=row,
        phase=asked.routing.phase,
        at=asked.at,
        degraded=arms.degraded or one.degraded,
    )


def _shown(record: Prediction, one: Scored, arms: Arms) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "prediction_id": record.prediction_id,
        "use_case": record.use_case,
        "unit_id": record.unit_id,
        "arm": record.arm,
        "version": record.challenger_version if record.arm == "B" else record.champion_version,
        "value": record.answered,
        "degraded": record.degraded,
    }
    if one.answer.probabilities is not None:
        shown["probabilities"] = one.answer.probabilities
    return shown
