"""The A/B page: per use case who serves, how traffic is split, how many labels there are, and what follows."""

from dataclasses import dataclass
from typing import get_args

import sqlalchemy as sa
from flask import Blueprint, Response

from mlops_assets.decision.outlook import labels_to_go
from mlops_assets.report.ab_words import (
    Light,
    changed,
    loss_words,
    outlook,
    p_words,
    phases_light,
    scaled,
    standing,
    unit_words,
)
from mlops_assets.report.interval_chart import CHART_STYLE, Look, interval_chart
from mlops_assets.spec import Decision, UseCase
from resources.state.audit import Change, last_changes
from resources.state.experiment import sentence
from resources.state.promotions import Promotion, PromotionKind
from resources.state.promotions import history as promotion_history
from resources.state.rules import as_judged
from resources.state.verdicts import StoredVerdict, looks
from serving.contest import Contest, read_contest
from serving.models import Served
from serving.pages.page import Page
from serving.router import Router

PAGE = Page("ab.html", ("page.css",), CHART_STYLE)
ROWS_SHOWN, ROWS_READ = 5, 50


@dataclass(frozen=True)
class ArmView:
    """One arm: its version and engine, None when it is empty, and what it did so far."""

    name: str
    role: str
    version: int | None
    engine: str | None
    answers: int
    labels: int


@dataclass(frozen=True)
class Card:
    """All the page says about one use case; `traffic` and `due` are percentages, of B and up to where A is due."""

    use_case: UseCase
    contest: Contest
    state: str
    sentence: str
    notes: list[str]
    arms: tuple[ArmView, ArmView]
    traffic: float | None
    due: float
    kind: str
    light: Light
    labels: int
    outlook: str | None
    loss: str
    unit: str
    chart: str | None
    promotions: list[Promotion]
    changes: list[Change]


def routes(router: Router) -> Blueprint:
    """GET /ab."""
    pages = Blueprint("pages", __name__, template_folder=".")

    @pages.get("/ab")
    def ab() -> Response:
        with router.state.read() as connection:
            cards = [_card(connection, router, use_case) for use_case in router.use_cases.values()]
        cards.sort(key=lambda card: (not card.contest.running, card.state == "waiting"))
        return PAGE.show(router, cards, changed=changed, p_words=p_words)

    return pages


def _card(connection: sa.Connection, router: Router, use_case: UseCase) -> Card:
    contest = read_contest(connection, router, use_case)
    use_case = as_judged(use_case, contest.verdict)
    decision = use_case.decision
    counted = contest.counted["A"] + contest.counted["B"]
    light = phases_light(contest.phases, contest.routing.phase) if contest.running else Light("none", "No traffic yet.")
    state, words = _state(contest, decision)
    return Card(
        use_case=use_case,
        contest=contest,
        state="alarm" if light.colour == "alarm" else state,
        sentence=words,
        notes=_notes(contest, light),
        arms=_arm_views(contest),
        traffic=100 * contest.counted["B"] / counted if counted else None,
        due=100 * (1 - contest.routing.split_b),
        kind=sentence(contest.routing, router.clock()),
        light=light,
        labels=sum(contest.labels.values()),
        outlook=None if contest.decided else _outlook(contest, decision),
        loss=loss_words(decision),
        unit=unit_words(use_case),
        chart=_chart(connection, contest.verdict, decision),
        promotions=promotion_history(connection, use_case.name, ROWS_SHOWN),
        changes=_other_changes(connection, use_case.name),
    )


def _state(contest: Contest, decision: Decision) -> tuple[str, str]:
    """A word and a sentence for where this use case stands."""
    champion, challenger, verdict = contest.arms.champion, contest.arms.challenger, contest.verdict
    if champion is None:
        return "waiting", "No model yet: the first champion is trained as soon as enough rows were accepted."
    if challenger is None:
        return "steady", f"Version {champion.version} answers every request. No experiment is running."
    if verdict is None:
        return "running", "Both versions score each request; the truth will decide between them."
    words = standing(verdict.standing, contest.interval, verdict.labels, champion.version, challenger.version, decision)
    return ("decided" if verdict.decisive else "running"), words


def _notes(contest: Contest, light: Light) -> list[str]:
    """What is not as it should be."""
    notes = [f"{place}: {reason}" for place, reason in contest.arms.problems.items()]
    if contest.arms.degraded:
        notes.insert(0, "Answers are marked degraded at the moment.")
    if light.colour == "alarm":
        notes.insert(0, "The traffic split is not as set: nothing is promoted until that is explained.")
    if contest.decided and contest.verdict is not None and contest.verdict.takes_over:
        notes += [f"Not promoted: {reason}." for reason in contest.verdict.blocks]
    return notes


def _arm_views(contest: Contest) -> tuple[ArmView, ArmView]:
    def view(name: str, role: str, served: Served | None, answers: int, labels: int) -> ArmView:
        version, engine = (served.version, served.model.engine) if served is not None else (None, None)
        return ArmView(name, role, version, engine, answers, labels)

    answers, labels = contest.answers, contest.labels
    return (
        view("A", "champion", contest.arms.champion, answers["A"], labels["A"]),
        view("B", "challenger", contest.arms.challenger, answers["B"], labels["B"]),
    )


def _outlook(contest: Contest, decision: Decision) -> str:
    labels = contest.verdict.labels if contest.verdict is not None else 0
    to_go = labels_to_go(contest.interval, labels, decision) if contest.interval is not None else None
    return outlook(to_go, labels, decision)


def _other_changes(connection: sa.Connection, name: str) -> list[Change]:
    """Audit rows of all but the changes of champion, which have a table of their own."""
    rows = last_changes(connection, name, ROWS_READ)
    return [row for row in rows if row.action not in get_args(PromotionKind)][:ROWS_SHOWN]


def _chart(connection: sa.Connection, verdict: StoredVerdict | None, decision: Decision) -> str | None:
    """The interval at each look that was stored; None before the first one with a label."""
    if verdict is None:
        return None
    champion, challenger = verdict.champion_version, verdict.challenger_version
    drawn = [
        Look(one.labels, *(scaled(value, decision) for value in (one.estimate, one.low, one.high)))
        for one in looks(connection, verdict.use_case, champion, challenger)
        if one.labels and one.estimate is not None and one.low is not None and one.high is not None
    ]
    sides = f"version {challenger} better", f"version {champion} better"
    return interval_chart(drawn, scaled(decision.margin, decision), *sides) if drawn else None
