"""When the text of a PDF is what its page shows, and when it is not: each guard has a page that it alone refuses."""

import numpy as np
import pytest

from mlops_assets.ocr import opening
from mlops_assets.ocr.child import read_pages
from mlops_assets.ocr.document import Page
from mlops_assets.ocr.opening import open_pages
from mlops_assets.ocr.printed import Printed
from mlops_assets.ocr.text_layer import cells
from mlops_assets.spec.documents import Reading
from tests.mlops_assets.ocr.printed_pdf import pdf, picture, text

LINES = ("Invoice number 4711 of March", "Total amount due 128.50")


def opened(data: bytes) -> Page | np.ndarray:
    (page,) = open_pages(data, Reading())
    return page


def is_left_to_ocr(data: bytes) -> bool:
    return isinstance(opened(data), np.ndarray)


def test_text_that_is_seen_is_taken_word_for_word_and_stands_where_it_is_drawn() -> None:
    page = opened(pdf(text(*LINES)))

    assert isinstance(page, Page)
    assert (page.text.splitlines(), page.engine, page.turn, page.skew) == (list(LINES), "pdf", 0, 0.0)
    assert {word.confidence for word in page.words} == {1.0}
    assert (page.width, page.height) == (1112, 834)  # 400 x 300 points at 200 dpi, rounded up
    first, second = page.words[0], page.words[1]
    assert (first.left, first.bottom) == pytest.approx((40 * 200 / 72, 40 * 200 / 72), abs=10)
    assert first.right < second.left
    assert page.words[4].line == 0 != page.words[5].line


def test_columns_are_read_one_after_the_other() -> None:
    left = [f"the left column number {n} runs on" for n in "abcdef"]
    right = [f"the right column number {n} runs on" for n in "abcdef"]

    page = opened(pdf(text(*left, left=20) + text(*right, left=210)))

    assert isinstance(page, Page)
    assert page.text.splitlines() == left + right


def test_a_page_that_is_turned_for_the_reader_is_read_as_it_is_seen() -> None:
    upright_when_turned = b"0 1 -1 0 400 0 cm " + text(*LINES, top=360)

    page = opened(pdf(upright_when_turned, turn=90))

    assert isinstance(page, Page)
    assert page.text.splitlines() == list(LINES)
    assert page.height > page.width


def test_a_small_logo_beside_the_text_does_not_matter() -> None:
    assert not is_left_to_ocr(pdf(text(*LINES, *LINES, *LINES) + picture(300, 20, 40, 20)))


@pytest.mark.parametrize(
    "how",
    ["3 Tr", "1 g", "1 0 0 1 0 -4000 Tm"],
    ids=["without ink", "white on white", "off the page"],
)
def test_text_that_is_not_seen_is_not_taken(how: str) -> None:
    assert is_left_to_ocr(pdf(text(*LINES, how=how)))


def test_text_without_ink_is_left_out_of_a_page_of_text() -> None:
    page = opened(pdf(text(*LINES) + text("Pay to somebody else", how="3 Tr", top=100)))

    assert isinstance(page, Page)
    assert page.text.splitlines() == list(LINES)


def test_a_scan_with_the_text_of_another_engine_on_it_is_left_to_ocr() -> None:
    assert is_left_to_ocr(pdf(picture(0, 0, 400, 300) + text(*LINES)))
    assert is_left_to_ocr(pdf(text(*LINES) + picture(0, 0, 400, 300)))


def test_a_scan_with_a_printed_line_beside_it_is_left_to_ocr() -> None:
    letters = b"".join(b"%d %d 5 8 re f " % (20 + 10 * (n % 30), 20 + 16 * (n // 30)) for n in range(60))

    assert is_left_to_ocr(pdf(letters + text(*LINES)))


def test_letters_without_a_meaning_are_left_to_ocr() -> None:
    private = b"1 begincodespacerange <00> <ff> endcodespacerange 1 beginbfrange <20> <7f> <E020> endbfrange"
    meaning = b"6 0 obj << /Length %d >>\nstream\n%s\nendstream endobj" % (len(private), private)

    assert is_left_to_ocr(pdf(text(*LINES), font="/ToUnicode 6 0 R", objects=meaning))


@pytest.mark.parametrize(
    ("code", "seen"), [(b"D83DDE00", "\U0001f600"), (b"D83D", "\ufffd"), (b"DE00", "\ufffd"), (b"0000", "\ufffd")]
)
def test_a_letter_is_whole_or_told_as_none(code: bytes, seen: str) -> None:
    lines = [*(f"line number {number} of a page of text" for number in "abcdefgh"), "the last one ends in z"]
    meaning = b"1 begincodespacerange <00> <ff> endcodespacerange 1 beginbfchar <7A> <%s> endbfchar" % code
    stream = b"6 0 obj << /Length %d >>\nstream\n%s\nendstream endobj" % (len(meaning), meaning)

    page = opened(pdf(text(*lines), font="/ToUnicode 6 0 R", objects=stream))

    assert isinstance(page, Page)
    assert page.text.endswith(f"the last one ends in {seen}")
    page.text.encode()


def test_a_page_number_alone_is_no_text_layer() -> None:
    assert is_left_to_ocr(pdf(text("Page 1 of 7")))
    assert is_left_to_ocr(pdf(b""))


def test_text_that_runs_downwards_is_left_to_ocr() -> None:
    assert is_left_to_ocr(pdf(text(*LINES, how="0 -1 1 0 0 290 Tm")))


def test_a_page_of_text_is_drawn_and_judged_within_the_limits(monkeypatch) -> None:
    monkeypatch.setattr(opening, "read_layer", lambda *_: pytest.fail("looked at before its size was checked"))

    with pytest.raises(opening.DocumentError, match="pixels_max"):
        list(open_pages(pdf(text(*LINES)), Reading(pixels_max=1000)))


def test_a_document_of_text_is_told_without_an_engine() -> None:
    page, done = read_pages(pdf(text(*LINES)), Reading(engines=("tesseract",)))

    assert (page["page"]["engine"], page["page"]["words"][0]["text"], done) == ("pdf", "Invoice", {"done": True})


def test_words_far_apart_are_cells_of_their_own() -> None:
    row = [Printed("Total", 0, 0, 50, 20), Printed("due", 58, 0, 90, 20), Printed("128.50", 121, 0, 180, 20)]

    # 8 pixels between the first two, 31 between the others; 1.5 x 20 = 30 part
    assert [[word.text for word in cell] for cell in cells(row)] == [["Total", "due"], ["128.50"]]
