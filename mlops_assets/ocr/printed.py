"""The letters that a page of a PDF prints, in its own lines, and the words they make."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

import numpy as np

INVISIBLE = (3, 7)  # text render modes that leave no ink: PDF 32000-1:2008, table 106
MEANINGLESS = ("Cc", "Cn", "Co", "Cs")  # control, unassigned, private, half of a pair
ToPixels = Callable[[float, float], tuple[int, int]]


@dataclass(frozen=True)
class Printed:
    """A letter or a word, and where it is drawn.

    Attributes
    ----------
    left, top, right, bottom : int
        Pixels of the drawn page.
    broken : bool
        True where the PDF does not tell which letter its glyph is.
    """

    text: str
    left: int
    top: int
    right: int
    bottom: int
    broken: bool = False


def printed_lines(text: Any, to_pixels: ToPixels) -> list[list[list[Printed]]]:
    """Lines of words of letters, in the PDF's own order; what is drawn without ink is left out.

    Parameters
    ----------
    text
        The text page of pypdfium2.
    to_pixels
        From points of the page to pixels of its drawing.
    """
    lines: list[list[list[Printed]]] = []
    letters = [
        _letter(text, position, to_pixels) for position in range(text.count_chars()) if _leaves_ink(text, position)
    ]
    for breaks, line in groupby(letters, lambda letter: letter.text in "\r\n"):
        if not breaks:
            lines.append([list(word) for blank, word in groupby(line, lambda one: one.text.isspace()) if not blank])
    return [line for line in lines if line]


def joined(letters: Sequence[Printed]) -> Printed:
    """The word or line that the letters make."""
    boxes = np.array([(one.left, one.top, one.right, one.bottom) for one in letters])
    left, top = boxes[:, :2].min(axis=0).tolist()
    right, bottom = boxes[:, 2:].max(axis=0).tolist()
    return Printed(_readable("".join(one.text for one in letters)), left, top, right, bottom)


def runs_to_the_right(words: Sequence[Sequence[Printed]]) -> bool:
    """True where letters follow each other from left to right on the drawn page, for most of them."""
    steps = [(after.left - before.left, after.top - before.top) for word in words for before, after in pairwise(word)]
    return bool(steps) and sum(across > abs(down) for across, down in steps) > 0.9 * len(steps)


def _letter(text: Any, position: int, to_pixels: ToPixels) -> Printed:
    import pypdfium2.raw as pdfium

    letter = "-" if pdfium.FPDFText_IsHyphen(text, position) == 1 else chr(pdfium.FPDFText_GetUnicode(text, position))
    if letter.isspace():
        return Printed(letter, 0, 0, 0, 0)
    left, bottom, right, top = text.get_charbox(position, loose=True)
    (x, y), (u, v) = to_pixels(left, top), to_pixels(right, bottom)
    broken = pdfium.FPDFText_HasUnicodeMapError(text, position) == 1 or _means_nothing(letter)
    return Printed(letter, min(x, u), min(y, v), max(x, u), max(y, v), broken)


def _readable(text: str) -> str:
    """The text with pairs of halves joined, as pdfium gives emoji; what still means nothing is U+FFFD."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return "".join("\ufffd" if _means_nothing(letter) else letter for letter in whole)


def _means_nothing(letter: str) -> bool:
    return letter == "\ufffd" or unicodedata.category(letter) in MEANINGLESS


def _leaves_ink(text: Any, position: int) -> bool:
    """False for a letter that is not drawn; blanks that pdfium adds belong to no object and stay."""
    import pypdfium2.raw as pdfium

    drawn = pdfium.FPDFText_GetTextObject(text, position)
    return not drawn or pdfium.FPDFTextObj_GetTextRenderMode(drawn) not in INVISIBLE
