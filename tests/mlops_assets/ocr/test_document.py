import json

import pytest

from mlops_assets.ocr.document import Document, Page, Word


def word(text: str, confidence: float, line: int) -> Word:
    return Word(text, confidence, 0, 0, 10, 10, line, 0)


def page(number: int, *words: Word) -> Page:
    return Page(number, 100, 50, words, "tesseract", turn=90, skew=-1.5, seconds=0.2)


def test_text_has_lines_and_pages() -> None:
    document = Document((page(1, word("a", 1, 0), word("b", 1, 0), word("c", 1, 1)), page(2, word("d", 1, 0))), "eng")

    assert document.text == "a b\nc\fd"


def test_confidence_weighs_words_by_their_length() -> None:
    document = Document((page(1, word("abc", 0.9, 0)), page(2, word("d", 0.5, 0))), "eng")

    assert document.confidence == pytest.approx((3 * 0.9 + 0.5) / 4)


def test_a_document_without_words_has_no_confidence() -> None:
    assert Document((page(1),), "eng").confidence == 0.0
    assert Document((page(1),), "eng").text == ""


def test_a_document_survives_json() -> None:
    document = Document((page(1, word("ä", 0.25, 0)), page(2)), "deu")

    assert Document.from_dict(json.loads(json.dumps(document.to_dict()))) == document
