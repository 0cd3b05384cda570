"""The printed part of a page at the size that suits the engines, and where its lines are."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mlops_assets.ocr import networks
from mlops_assets.ocr.image import Image, Quads
from mlops_assets.ocr.preparation.noise import stretch
from mlops_assets.ocr.preparation.strays import find_strays

COARSE = 4  # one pixel in so many, each way, is looked at to find the margins
DARK = 0.92  # ink is darker than this share of the paper around it
MARGIN = 24  # pixels left around the print
LETTER_PX = 22  # height of letters that Tesseract reads best; its manual asks for capitals of at least 20
LETTER_DETECTED_PX = 12  # height of letters that the network finds lines of
SCALES = (0.4, 3.0)
SIDE_DETECTED_MAX = 1280  # pixels in which lines are looked for
SIDE_SHRUNK_MIN = 800  # and what is larger is not made smaller than this: letters may seem larger than they are
ROWS_STEP = 4  # one row in so many tells whether a page is blurred
STEEP_SHARE = 0.99  # of neighbouring pixels that differ by less than the steepest edges do
STEEP_MIN = 0.36  # of the way from ink to paper in one pixel; a page without steeper edges is blurred


@dataclass(frozen=True)
class Sheet:
    """The printed part of a page.

    Attributes
    ----------
    image
        RGB, cropped, then scaled.
    left, top : int
        Where it was cut from the page, pixels of the page.
    scale : float
        Pixels of the sheet for one of the page.
    quads
        Corners of its lines of text, shape (n_lines, 4, 2), pixels of the sheet.
    """

    image: Image
    left: int
    top: int
    scale: float
    quads: Quads


def lay_out(page: Image) -> Sheet:
    """Cut the margins, scale to a good letter size, find the lines.

    Print is looked for on a page with its faint print made dark. The sheet keeps the greys of the scan: soft letters
    run together when they are made darker, and are read worse.
    """
    dark = stretch(page)
    left, top, right, bottom = find_print(dark)
    cut, seen = page[top:bottom, left:right], dark[top:bottom, left:right]
    height = letter_height(seen)
    scale = float(np.clip(LETTER_PX / height, *SCALES)) if height else 1.0
    image, quads = resize(cut, scale), find_lines(seen, height) * scale
    strays = find_strays(resize(seen, scale), quads, height * scale) if height else quads[:0]
    return Sheet(image, left, top, scale, np.concatenate([quads, strays]))


def find_lines(cut: Image, height: float) -> Quads:
    """Corners of the lines of text, looked for at a size that the letters need and the memory allows."""
    longer = max(cut.shape[:2])
    wanted = LETTER_DETECTED_PX / height if height else 1.0
    smallest = SIDE_DETECTED_MAX if is_blurred(cut) else SIDE_SHRUNK_MIN
    scale = min(max(wanted, min(1.0, smallest / longer)), SIDE_DETECTED_MAX / longer, SCALES[1])
    return networks.detect(resize(cut, scale)) / scale


def is_blurred(cut: Image) -> bool:
    """True where no edge is steep: such letters run together and are lost to the network when they are made smaller."""
    grey = cv2.cvtColor(cut[::ROWS_STEP], cv2.COLOR_RGB2GRAY)
    if grey.shape[1] < 2:
        return False
    steps = cv2.absdiff(grey[:, 1:], grey[:, :-1])
    ink, paper = np.percentile(grey, (1, 95))
    return bool(np.quantile(steps, STEEP_SHARE) < STEEP_MIN * (paper - ink))


def find_print(page: Image) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is printed, with a margin; the whole page where nothing is."""
    grey = cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    small = cv2.resize(grey, (max(width // COARSE, 1), max(height // COARSE, 1)), interpolation=cv2.INTER_AREA)
    ink = small < cv2.GaussianBlur(small, (0, 0), 15) * DARK
    across = _span(ink.sum(axis=0) > 2, width)
    down = _span(ink.sum(axis=1) > 2, height)
    return across[0], down[0], across[1], down[1]


def letter_height(cut: Image) -> float:
    """Pixels of the median letter's longer side, 0 where no letters stand out."""
    grey = cv2.cvtColor(cut, cv2.COLOR_RGB2GRAY)
    ink = cv2.adaptiveThreshold(grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 15)
    _, _, found, _ = cv2.connectedComponentsWithStats(ink)
    width, height, area = found[1:, 2], found[1:, 3], found[1:, 4]
    longer = np.maximum(width, height)
    letters = longer[(longer >= 6) & (longer <= 120) & (longer <= 6 * np.minimum(width, height)) & (area >= 12)]
    return float(np.median(letters)) if len(letters) >= 10 else 0.0


def resize(image: Image, scale: float) -> Image:
    """The image at another scale; the same image at scale 1."""
    height, width = image.shape[:2]
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return image if size == (width, height) else np.asarray(cv2.resize(image, size, interpolation=how), np.uint8)


def _span(printed: NDArray[np.bool_], size: int) -> tuple[int, int]:
    where = np.flatnonzero(printed)
    if not len(where):
        return 0, size
    return max(int(where[0]) * COARSE - MARGIN, 0), min(int(where[-1] + 1) * COARSE + MARGIN, size)
