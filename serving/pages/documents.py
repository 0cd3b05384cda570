"""The page of documents: how serving went over two weeks, what is strange in it, and the documents that came last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import sqlalchemy as sa
from flask import Blueprint, Response
from numpy.typing import NDArray

from mlops_assets.anomalies.find import LIMIT, SERIES, Course, Finding
from mlops_assets.anomalies.windows import REQUESTS_MIN
from mlops_assets.spec import UseCase
from resources.state.documents import OcrResult, StoredDocument, newest_documents, predictions_of, results_of
from resources.state.prediction import Value
from resources.state.predictions import predictions
from serving.courses import Told
from serving.documents.documents import reading_of
from serving.pages.page import Page
from serving.pages.sparkline import SPARK_STYLE, frequent, sparkline
from serving.router import Router

PAGE = Page("documents.html", ("page.css", "documents.css"), SPARK_STYLE)
DOCUMENTS_SHOWN = 10
CLASSES_SHOWN = 4


@dataclass(frozen=True)
class SeriesView:
    """One series: its drawing, what it usually is and is now in words, and its finding, None before this week's."""

    name: str
    chart: str
    usual: str
    now: str
    finding: Finding | None


@dataclass(frozen=True)
class DocumentView:
    """One document: what was read last, and what was answered last, None before the first answer."""

    document: StoredDocument
    reading: OcrResult | None
    answer: Value | None
    abstained: bool


@dataclass(frozen=True)
class Card:
    """All the page says about one use case; `waiting` documents wait for OCR in this process."""

    use_case: UseCase
    state: str
    sentence: str
    series: list[SeriesView]
    reads_documents: bool
    waiting: int
    documents: list[DocumentView]


def routes(router: Router) -> Blueprint:
    """GET /documents."""
    pages = Blueprint("documents_page", __name__, template_folder=".")

    @pages.get("/documents")
    def show_documents() -> Response:
        with router.state.read() as connection:
            cards = [_card(connection, router, use_case) for use_case in router.use_cases.values()]
        cards.sort(key=lambda card: (card.state != "alarm", not card.reads_documents, not card.series))
        return PAGE.show(router, cards, limit=LIMIT, requests_min=REQUESTS_MIN)

    return pages


def _card(connection: sa.Connection, router: Router, use_case: UseCase) -> Card:
    told, queue = router.course(connection, use_case.name), router.documents.queues.get(use_case.name)
    state, sentence = _state(told)
    return Card(
        use_case=use_case,
        state=state,
        sentence=sentence,
        series=[_series(told, name) for name in SERIES if name in told.courses and _tells(told.courses[name])],
        reads_documents=reading_of(use_case) is not None,
        waiting=queue.waiting() if queue is not None else 0,
        documents=[_document(connection, one) for one in newest_documents(connection, use_case.name, DOCUMENTS_SHOWN)],
    )


def _state(told: Told) -> tuple[str, str]:
    """A word and a sentence for how it goes."""
    alarms = [one for one in told.findings if one.since is not None]
    if alarms:
        names = ", ".join(one.series for one in alarms)
        since = min(one.since for one in alarms if one.since is not None)
        return "alarm", f"Not as it was: {names}, since {moment(since)} UTC."
    if not told.courses:
        return "waiting", f"Not enough requests yet: a window takes {REQUESTS_MIN}."
    return "steady", "Nothing is strange this week."


def _tells(course: Course) -> bool:
    """False for a share that is zero everywhere, such as abstentions of a model that never abstains."""
    return bool(np.any(course.values))


def _series(told: Told, name: str) -> SeriesView:
    course = told.courses[name]
    finding = next((one for one in told.findings if one.series == name), None)
    since = finding.since.timestamp() if finding is not None and finding.since is not None else None
    usual, now = (
        _words(name, value, course.classes) for value in (np.median(course.values, axis=0), course.values[-1])
    )
    chart = sparkline(
        [end.timestamp() for end in course.ends], course.values, since, f"{name}: usually {usual}, now {now}"
    )
    return SeriesView(name, chart, usual, now, finding)


def _words(name: str, value: NDArray[np.float64], classes: Sequence[str]) -> str:
    if classes:
        order = frequent(value[np.newaxis, :])[:CLASSES_SHOWN]
        return ", ".join(f"{classes[place]} {100 * value[place]:.0f} %" for place in order)
    number = float(value)
    if name.startswith("seconds"):
        return f"{number:.1f} s" if number >= 1 else f"{1000 * number:.3g} ms"
    return f"{100 * number:.3g} %"


def _document(connection: sa.Connection, document: StoredDocument) -> DocumentView:
    readings = results_of(connection, document.id, limit=1)
    made = predictions_of(connection, document.id, limit=1)
    query = sa.select(predictions.c.answered, predictions.c.abstained).where(predictions.c.prediction_id.in_(made))
    answer, abstained = connection.execute(query).first() or (None, None)
    return DocumentView(document, readings[0] if readings else None, answer, bool(abstained))


def moment(at: datetime) -> str:
    """A moment to the minute."""
    return at.strftime("%Y-%m-%d %H:%M")
