import pytest

from mlops_assets.decode.layout import AMOUNT, layout_numbers
from mlops_assets.ocr.document import Document, Page, Word


def page(*words: Word, width: int = 200, height: int = 100) -> Page:
    return Page(1, width, height, words, "drawn", turn=0, skew=0.0, seconds=0.0)


TOTAL = Word("Total", 0.9, 10, 10, 60, 20, line=0, block=0)
SUM = Word("12.50", 0.7, 110, 10, 160, 20, line=0, block=0)
CODE = Word("AB", 0.5, 12, 50, 32, 60, line=1, block=0)


def test_the_numbers_of_a_small_page_worked_by_hand() -> None:
    found = layout_numbers(Document((page(TOTAL, SUM, CODE),), "eng"))
    assert found == pytest.approx(
        {
            "pages": 1,
            "words": 3,
            "lines": 2,
            "confidence": 0.75,  # (5 * 0.9 + 5 * 0.7 + 2 * 0.5) / 12 characters
            "characters": 4,  # 12 characters in 3 words
            "digits": 4 / 12,
            "capitals": 3 / 7,  # T, A and B of seven letters
            "amounts": 1 / 3,
            "aspect": 2,
            "covered": 0.06,  # boxes of 500 + 500 + 200 of 20,000 pixels
            "filled": 0.5,  # from 10 to 60 of 100
            "word_height": 0.1,
            "words_a_line": 1.5,
            "margins": 0.5,  # edges at 10 and 12 are one: 4 pixels are 2 % of the width; one margin, two lines
            "right_side": 1 / 3,  # only the sum's middle, 135, is right of 100
        }
    )


def test_counts_are_means_over_pages_and_the_first_page_has_the_aspect() -> None:
    found = layout_numbers(Document((page(TOTAL, SUM), page(CODE, width=50)), "eng"))
    assert (found["pages"], found["words"], found["lines"], found["aspect"]) == (2, 1.5, 1, 2)
    assert found["filled"] == pytest.approx(0.1)


def test_edges_farther_apart_are_margins_of_their_own() -> None:
    apart = Word("AB", 0.5, 20, 50, 40, 60, line=1, block=0)
    assert layout_numbers(Document((page(TOTAL, SUM, apart),), "eng"))["margins"] == 1


def test_a_page_without_words_has_zeros() -> None:
    found = layout_numbers(Document((page(),), "eng"))
    assert {name for name, value in found.items() if value} == {"pages", "aspect"}


@pytest.mark.parametrize("word", ["12.50", "$1,200.00", "RM9.00", "1.200,00", "3,50€"])
def test_sums_of_money(word: str) -> None:
    assert AMOUNT.match(word) is not None


@pytest.mark.parametrize("word", ["12", "12.5", "2026-11-27", "4711", "a.bc"])
def test_what_is_no_sum_of_money(word: str) -> None:
    assert AMOUNT.match(word) is None
