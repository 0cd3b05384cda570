"""The A/B page: per use case who serves, how traffic is split, how many labels there are, and what follows."""

from dataclasses import dataclass

import sqlalchemy as sa
from flask import Blueprint, Response, make_response, render_template

from mlops_assets.spec import UseCase
from resources.state.predictions import Arm, count_arms, count_labels
from resources.state.promotions import Promotion
from resources.state.promotions import history as promotion_history
from resources.state.routing import Routing
from resources.state.verdicts import StoredVerdict, last_verdict, latest
from serving.models import Arms, Served
from serving.pages.interval import IntervalDrawing, draw_interval
from serving.router import Router

CONTENT_SECURITY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
PROMOTIONS_SHOWN = 5
NOTHING: dict[Arm, int] = {"A": 0, "B": 0}


@dataclass(frozen=True)
class ArmView:
    """One arm: its version and engine, None when it is empty, and what it did so far."""

    name: str
    role: str
    version: int | None
    engine: str | None
    share: float
    answers: int
    labels: int


@dataclass(frozen=True)
class Card:
    """All the page says about one use case."""

    use_case: UseCase
    state: str
    sentence: str
    arms: tuple[ArmView, ArmView]
    routing: Routing
    problems: dict[str, str]
    verdict: StoredVerdict | None
    drawing: IntervalDrawing | None
    promotions: list[Promotion]


def routes(router: Router) -> Blueprint:
    """GET /ab."""
    pages = Blueprint("pages", __name__, template_folder=".")

    @pages.get("/ab")
    def ab() -> Response:
        with router.state.read() as connection:
            cards = [_card(connection, router, use_case) for use_case in router.use_cases.values()]
        cards.sort(key=lambda card: card.state == "waiting")
        response = make_response(render_template("ab.html", cards=cards, now=router.clock()))
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY
        return response

    return pages


def _card(connection: sa.Connection, router: Router, use_case: UseCase) -> Card:
    arms, routing = router.models.of(use_case.name), router.splits.of(use_case.name)
    verdict = _verdict(connection, use_case.name, arms)
    state, sentence = _state(arms, verdict)
    return Card(
        use_case,
        state,
        sentence,
        _arm_views(connection, use_case.name, arms, routing),
        routing,
        arms.problems,
        verdict,
        draw_interval(verdict, use_case.decision.margin),
        promotion_history(connection, use_case.name, PROMOTIONS_SHOWN),
    )


def _verdict(connection: sa.Connection, name: str, arms: Arms) -> StoredVerdict | None:
    """The verdict over the two that serve; without an experiment the last one there was."""
    if arms.champion is not None and arms.challenger is not None:
        return last_verdict(connection, name, arms.champion.version, arms.challenger.version)
    return latest(connection, name)


def _state(arms: Arms, verdict: StoredVerdict | None) -> tuple[str, str]:
    """A word and a sentence for where this use case stands."""
    if arms.champion is None:
        return "waiting", "No model yet: the first champion is trained as soon as enough rows were accepted."
    if arms.challenger is None:
        return "steady", f"Version {arms.champion.version} answers every request. No experiment is running."
    if verdict is not None and verdict.decisive:
        return "decided", verdict.sentence
    fresh = "Both versions score each request; the truth will decide between them."
    return "running", verdict.sentence if verdict is not None else fresh


def _arm_views(connection: sa.Connection, name: str, arms: Arms, routing: Routing) -> tuple[ArmView, ArmView]:
    champion, challenger = arms.champion, arms.challenger
    share_b = routing.split_b if challenger is not None else 0.0
    answers, labels = NOTHING, NOTHING
    if champion is not None:
        pair = (champion.version, challenger.version if challenger is not None else None)
        answers = count_arms(connection, name, *pair)
        labels = count_labels(connection, name, *pair)
    return (
        _arm_view("A", "Champion", champion, 1 - share_b, answers["A"], labels["A"]),
        _arm_view("B", "Challenger", challenger, share_b, answers["B"], labels["B"]),
    )


def _arm_view(name: str, role: str, served: Served | None, share: float, answers: int, labels: int) -> ArmView:
    version, engine = (served.version, served.model.engine) if served is not None else (None, None)
    return ArmView(name, role, version, engine, share, answers, labels)
