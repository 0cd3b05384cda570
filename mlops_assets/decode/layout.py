"""A recognised document in numbers: how much stands on it, where, and what it is made of."""

import re
from statistics import median

from mlops_assets.ocr.document import Document, Page, Word

AMOUNT = re.compile(r"^\D{0,3}\d{1,3}([.,' ]?\d{3})*[.,]\d{2}\D{0,2}$")
RAGGED = 0.02  # of the page's width: left edges that are closer belong to one margin


def layout_numbers(document: Document) -> dict[str, float]:
    """The numbers by name; a document without words has zeros, and no height of words or margin.

    Returns
    -------
    dict
        pages, words, lines : counts, the first over all pages, the others a page
        confidence : mean confidence of the words, 0..1
        characters : mean number of characters a word
        digits, capitals : share of the characters that are digits, and of the letters that are upper case, 0..1
        amounts : share of the words that are sums of money such as 12.50 or $1,200.00, 0..1
        aspect : width over height of the first page
        covered : share of the page's area below the words' boxes, 0..1
        filled : share of the page's height between its first and its last word, 0..1
        word_height : median height of a word over the page's height, 0..1
        words_a_line : mean number of words a line
        margins : left edges of lines that no other line's edge is near, a line, 0..1; many in tables and forms
        right_side : share of the words whose middle lies in the right half of the page, 0..1
    """
    words = [word for page in document.pages for word in page.words]
    pages, lines = len(document.pages), [line for page in document.pages for line in _lines(page)]
    text = "".join(word.text for word in words)
    letters = [character for character in text if character.isalpha()]
    boxes = [(page, word) for page in document.pages for word in page.words]
    return {
        "pages": float(pages),
        "words": _mean(len(words), pages),
        "lines": _mean(len(lines), pages),
        "confidence": document.confidence,
        "characters": _mean(len(text), len(words)),
        "digits": _mean(sum(character.isdigit() for character in text), len(text)),
        "capitals": _mean(sum(character.isupper() for character in letters), len(letters)),
        "amounts": _mean(sum(AMOUNT.match(word.text) is not None for word in words), len(words)),
        "aspect": document.pages[0].width / document.pages[0].height if pages else 0.0,
        "covered": _mean(sum(_area(word) / (page.width * page.height) for page, word in boxes), pages),
        "filled": _mean(sum(_span(page) for page in document.pages), pages),
        "word_height": median((word.bottom - word.top) / page.height for page, word in boxes) if boxes else 0.0,
        "words_a_line": _mean(len(words), len(lines)),
        "margins": _mean(sum(_margins(page) for page in document.pages), len(lines)),
        "right_side": _mean(sum((word.left + word.right) / 2 > page.width / 2 for page, word in boxes), len(boxes)),
    }


def _lines(page: Page) -> list[list[Word]]:
    lines: dict[int, list[Word]] = {}
    for word in page.words:
        lines.setdefault(word.line, []).append(word)
    return list(lines.values())


def _margins(page: Page) -> int:
    """Left edges of lines, those closer than RAGGED to the one before counted once."""
    edges = sorted(min(word.left for word in line) for line in _lines(page))
    return sum(
        after - before > RAGGED * page.width for before, after in zip([-page.width, *edges], edges, strict=False)
    )


def _area(word: Word) -> int:
    return (word.right - word.left) * (word.bottom - word.top)


def _span(page: Page) -> float:
    """Share of the page's height from the top of its highest to the bottom of its lowest word."""
    if not page.words:
        return 0.0
    return (max(word.bottom for word in page.words) - min(word.top for word in page.words)) / page.height


def _mean(total: float, count: int) -> float:
    return total / count if count else 0.0
