"""The text that a page of a PDF carries itself: taken where the drawn page shows just that, otherwise left to OCR."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mlops_assets.ocr.document import Page
from mlops_assets.ocr.engines.engine import Token
from mlops_assets.ocr.image import Image
from mlops_assets.ocr.printed import Printed, ToPixels, joined, printed_lines, runs_to_the_right
from mlops_assets.ocr.recognise import ordered_words, processor_seconds

ENGINE = "pdf"
LETTERS_MIN = 20  # fewer are a stamp or a page number
BROKEN_MAX = 0.02  # share of letters that mean nothing; bullets of symbol fonts are some
HIDDEN_MAX = 0.02  # share of words that the drawn page does not show
LOOSE_MAX = 0.1  # letters beside the words, for each in them; a logo has some
CONTRAST_MIN = 24  # grey levels between a word and its paper; what has less is not seen
INK_BELOW_PAPER = 15  # grey levels
LETTER = (0.3, 3.0)  # height of what may be a letter, for that of a word's box
GAP_MAX = 1.5  # of a line's height; words further apart are pieces of their own, such as cells of a row
Grey = NDArray[np.uint8]


def read_layer(page: Any, to_pixels: ToPixels, image: Image, number: int) -> Page | None:
    """The page's words as the PDF states them; None where they are not what is seen on the drawn page.

    Parameters
    ----------
    page
        Of pypdfium2.
    to_pixels
        From points of the page to pixels of its drawing.
    image
        The drawn page, RGB of shape (height, width, 3).
    number
        Of the page, from 1.
    """
    before = processor_seconds()
    lines = printed_lines(page.get_textpage(), to_pixels)
    letters = [letter for line in lines for word in line for letter in word]
    broken = sum(letter.broken for letter in letters)
    if len(letters) < LETTERS_MIN or broken > BROKEN_MAX * len(letters):
        return None
    if not runs_to_the_right([word for line in lines for word in line]):
        return None
    words = [[joined(word) for word in line] for line in lines]
    if not shows(image, [word for line in words for word in line], pictures(page, to_pixels), len(letters)):
        return None
    pieces = [piece for line in words for piece in cells(line)]
    quads = np.array([_corners(joined(piece)) for piece in pieces], np.float32)
    found = tuple(ordered_words(quads, [_tokens(piece) for piece in pieces]))
    height, width = image.shape[:2]
    return Page(number, width, height, found, ENGINE, 0, 0.0, processor_seconds() - before)


def shows(image: Image, words: Sequence[Printed], covers: Sequence[Printed], letters: int) -> bool:
    """True where the drawn page shows nearly every word, and few letters beside them.

    Parameters
    ----------
    covers
        Pictures; a word on one of them may be under it, so it is not taken for shown.
    letters : int
        In the words.
    """
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
    hidden = sum(_covered(word, covers) or not _stands_out(grey, word) for word in words)
    return hidden <= HIDDEN_MAX * len(words) and loose_letters(grey, words) <= LOOSE_MAX * letters


def loose_letters(grey: Grey, words: Sequence[Printed]) -> int:
    """How many pieces of ink of the size of a letter lie outside the words."""
    tall = float(np.median([word.bottom - word.top for word in words]))
    around = 2 * round(tall) + 1
    ink = cv2.adaptiveThreshold(grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, around, INK_BELOW_PAPER)
    for word in words:
        ink[max(word.top, 0) : word.bottom + 1, max(word.left - 1, 0) : word.right + 2] = 0
    _, _, found, _ = cv2.connectedComponentsWithStats(ink)
    width, height = found[1:, 2] / tall, found[1:, 3] / tall
    return int(np.sum((LETTER[0] <= height) & (height <= LETTER[1]) & (width <= LETTER[1])))


def pictures(page: Any, to_pixels: ToPixels) -> list[Printed]:
    """Where pictures are drawn."""
    import pypdfium2.raw as pdfium

    bounds = [one.get_bounds() for one in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE])]
    found = []
    for left, bottom, right, top in bounds:
        (x, y), (u, v) = to_pixels(left, top), to_pixels(right, bottom)
        found.append(Printed("", min(x, u), min(y, v), max(x, u), max(y, v)))
    return found


def cells(line: Sequence[Printed]) -> Iterator[list[Printed]]:
    """Words of a line that stand together."""
    whole = joined(line)
    reach = GAP_MAX * (whole.bottom - whole.top)
    piece = [line[0]]
    for before, after in pairwise(line):
        if not 0 <= after.left - before.right + reach <= 2 * reach:
            yield piece
            piece = []
        piece.append(after)
    yield piece


def _covered(word: Printed, covers: Sequence[Printed]) -> bool:
    x, y = (word.left + word.right) / 2, (word.top + word.bottom) / 2
    return any(one.left <= x <= one.right and one.top <= y <= one.bottom for one in covers)


def _stands_out(grey: Grey, word: Printed) -> bool:
    seen = grey[max(word.top, 0) : max(word.bottom, 0), max(word.left, 0) : max(word.right, 0)]
    return bool(seen.size) and int(seen.max()) - int(seen.min()) >= CONTRAST_MIN


def _corners(box: Printed) -> list[tuple[int, int]]:
    return [(box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)]


def _tokens(piece: Sequence[Printed]) -> list[Token]:
    whole = joined(piece)
    width = max(whole.right - whole.left, 1)
    return [
        Token(word.text, 1.0, (word.left - whole.left) / width, (word.right - whole.left) / width) for word in piece
    ]
