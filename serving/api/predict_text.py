"""Predictions about a text."""

from typing import Annotated, Any

from flask import g
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field

from serving.api.predict import PredictionOut, UnitId, shown
from serving.asked import Given
from serving.documents import several
from serving.documents.answers import predict_text, text_use_case
from serving.errors import Problem
from serving.router import Router

TEXT_CHARACTERS = 1_000_000
TEXTS_MAX = 100
Text = Annotated[str, Field(min_length=1, max_length=TEXT_CHARACTERS)]
EXAMPLE: dict[str, Any] = {"text": "INVOICE No. 17\nAmount due: 120.00 EUR", "return_all_scores": True}
EXAMPLES: dict[str, Any] = {"texts": ["INVOICE No. 17", "Dear Sir or Madam"]}


class AskedBody(BaseModel):
    """What every request about texts and documents may say."""

    model_config = ConfigDict(extra="forbid")

    return_all_scores: bool = Field(False, description="true: `probabilities` of all classes come along")


class TextBody(AskedBody):
    """One text."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    text: Text
    use_case: str | None = Field(None, description="default: the only served one that takes a text")
    unit_id: UnitId | None = Field(None, description="who or what is predicted for; the same unit meets the same arm")


class TextsBody(AskedBody):
    """Several texts."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLES]})

    texts: list[Text] = Field(min_length=1, max_length=TEXTS_MAX)
    use_case: str | None = Field(None, description="default: the only served one that takes a text")


class ScoredOut(PredictionOut):
    """One answer; send its prediction_id with the truth to POST /feedback."""

    confidence: float | None = Field(description="probability of the answer; null for a number")


class TextResultOut(BaseModel):
    """What became of one text: one of `result` and `error` is null."""

    result: ScoredOut | None
    error: several.RefusedOut | None


class TextResultsOut(BaseModel):
    """One result for each text, in order."""

    results: list[TextResultOut]


def routes(router: Router) -> APIBlueprint:
    """POST /predict/text and POST /predict/text/batch."""
    problems: dict[Any, Any] = {404: Problem, 503: Problem}
    api = APIBlueprint("predict_text", __name__, abp_tags=[Tag(name="predict")], abp_responses=problems)

    @api.post("/predict/text", summary="Predict for a text", responses={200: ScoredOut})
    def predict_one(body: TextBody) -> dict[str, Any]:
        use_case = text_use_case(router, body.use_case)
        return scored(predict_text(router, use_case, body.text, body.unit_id, g.caller), body.return_all_scores)

    @api.post("/predict/text/batch", summary="Predict for several texts", responses={200: TextResultsOut})
    def predict_several(body: TextsBody) -> dict[str, Any]:
        """Each text has a result or an error of its own."""
        use_case = text_use_case(router, body.use_case)

        def act(text: str) -> dict[str, Any]:
            return scored(predict_text(router, use_case, text, None, g.caller), body.return_all_scores)

        return several.results_of(body.texts, act, lambda _: {})

    return api


def scored(given: Given, all_scores: bool) -> dict[str, Any]:
    """One answer with its confidence; with the probabilities of all classes where they are wanted."""
    told = shown(given)
    shares = told.pop("probabilities", None)
    confidence = shares.get(str(given.record.answered)) if shares else None
    return told | {"confidence": confidence} | ({"probabilities": shares} if all_scores and shares else {})
