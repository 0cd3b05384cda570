"""GET /documents: how serving goes, what is strange in it, and the documents that came last."""

import io
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from fake_reader import scan

from mlops_assets.bundle.abstention import Abstention
from resources.state.minutes import ModelMinute, PerformanceMinute, add_minutes
from serving.pages.sparkline import HEIGHT, WIDTH, sparkline

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday
HOSTILE = '<img src=x onerror="alert(1)">.png'


@pytest.fixture
def registry(registry):
    registry.add("letters", 1, "champion", value="bill", classes=["bill", "letter"], needs="")
    return registry


def send(client, text, name="scan.png", path="/upload-and-predict"):
    body = {"file": (io.BytesIO(scan(text)), name)}
    return client.post(path, data=body, content_type="multipart/form-data")


def fill(state, router, *, errors: float) -> None:
    """Windows of 60 requests until noon, the share of errors another one in the last of them."""
    router.courses.clock = lambda: NOON
    random, span, n = np.random.default_rng(7), timedelta(minutes=5), 900
    performance, models = [], []
    for number in range(n):
        at = NOON - span * (n - number)
        failed = int(random.binomial(60, errors if number > n - 30 else 0.02))
        performance.append(PerformanceMinute("letters", "answer", at, 60, failed, {"0.02": 60 - failed}))
        bills = int(random.binomial(60, 0.7))
        mix = {"bill": bills, "<b>letter": 60 - bills}
        models.append(ModelMinute("letters", 1, at, 60, 6, 54 + random.normal(0, 1), {"1.0": 60}, mix))
    with state.write() as connection:
        add_minutes(connection, performance, models)


def test_documents_are_shown_with_what_was_read_and_answered(client):
    send(client, "Amount due", name="bill.png")
    send(client, "!encrypted", name="secret.pdf")
    page = client.get("/documents").text
    assert page.index("secret.pdf") < page.index("bill.png")
    assert "the document is encrypted" in page
    assert "90 % sure" in page
    assert "<td>bill</td>" in page
    assert "left to people" not in page
    assert "Not enough requests yet: a window takes 50." in page


def test_before_the_first_document_the_page_says_how_to_send_one_to_this_router(client):
    page = client.get("/documents", base_url="http://127.0.0.1:6150").text
    assert "curl -F file=@scan.png http://127.0.0.1:6150/upload-and-predict" in page


def test_an_answer_that_is_left_to_people_says_so(client, router):
    object.__setattr__(router.models.of("letters").champion.model, "abstention", Abstention(0.1, 0.0, 100))
    send(client, "Amount due")
    assert "left to people" in client.get("/documents").text


def test_payloads_in_names_and_texts_appear_escaped_only(client, state, router):
    send(client, "<script>alert(2)</script>", name=HOSTILE)
    fill(state, router, errors=0.02)
    answer = client.get("/documents")
    assert "&lt;img src=x onerror=" in answer.text
    for payload in ("<img", "<script", "<b>letter"):
        assert payload not in answer.text
    assert "&lt;b&gt;letter" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_page_has_no_script_and_stands_still_when_told(client):
    assert "<script" not in client.get("/documents").text
    assert 'http-equiv="refresh"' in client.get("/documents").text
    assert 'http-equiv="refresh"' not in client.get("/documents?still=1").text
    assert '<a href="/documents">' in client.get("/ab").text


def test_a_course_without_a_change_is_steady(client, state, router):
    fill(state, router, errors=0.02)
    page = client.get("/documents").text
    assert "Nothing is strange this week." in page
    for shown in ("usually</span> 20 ms", "confidence", "bill 7", "abstentions"):
        assert shown in page


def test_a_change_is_an_alarm_on_the_page_and_in_the_metrics(client, state, router):
    fill(state, router, errors=0.4)
    page = client.get("/documents").text
    assert "Not as it was: errors, since" in page
    assert 'class="since"' in page
    told = client.get("/metrics").text
    assert 'mlops_anomaly{series="errors",use_case="letters"} 1.0' in told
    assert 'mlops_anomaly{series="classes",use_case="letters"} 0.0' in told


def test_a_line_goes_through_its_values():
    drawn = sparkline([0.0, 5.0, 10.0], np.array([0.0, 1.0, 0.5]), 5.0, "a < b")
    # room of 0.08 above and below: y is 56 (1.08 - value) / 1.16
    assert 'points="0.0,52.1 500.0,3.9 1000.0,28.0"' in drawn
    assert '<line class="since" x1="500.0" x2="500.0"' in drawn
    assert 'aria-label="a &lt; b"' in drawn
    assert (WIDTH, HEIGHT) == (1000, 56)


def test_shares_are_stacked_the_most_frequent_first():
    drawn = sparkline([0.0, 1.0], np.array([[0.25, 0.75], [0.25, 0.75]]), None, "")
    first, second = drawn.split("<polygon")[1:]
    assert 'class="layer l0" points="0.0,14.0 1000.0,14.0 1000.0,56.0 0.0,56.0"' in first
    assert 'class="layer l1" points="0.0,0.0 1000.0,0.0 1000.0,14.0 0.0,14.0"' in second


def test_one_window_and_equal_values_are_drawn():
    assert "1000.0,28.0" in sparkline([3.0], np.array([0.5]), None, "")
    assert sparkline(list(range(2000)), np.zeros(2000), None, "").count(",") == 500
