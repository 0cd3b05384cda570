"""Salt and pepper taken out, and faint print made dark, where there is any."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mlops_assets.ocr.image import Image

EXTREME = 8  # a speck is nearly black or nearly white
CONTRAST = 64  # and far from its neighbours
ALIKE_MAX = 2  # neighbours as extreme
SPECKS_MIN = 0.01  # share of the pixels; clean scans and thin print have fewer
DARK = 0.92  # ink is darker than this share of the paper
INK_PERCENTILE = 5
RANGE_MIN = 100  # grey levels between paper and ink; print that spans fewer is stretched


def remove_specks(image: Image) -> Image:
    """Specks replaced by the median of their 3 x 3 neighbourhood, where there are many; all else stays sharp.

    Notes
    -----
    The switching median filter of Sun and Neuvo (1994), Detail-preserving median based filters in image processing,
    which here spares what has neighbours of its kind.
    """
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
    median = np.asarray(cv2.medianBlur(grey, 3), np.uint8)
    specks = find_specks(grey, median)
    if specks.mean() < SPECKS_MIN:
        return image
    return np.repeat(np.where(specks, median, grey)[:, :, None], 3, axis=2)


def find_specks(grey: NDArray[np.uint8], median: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """True where a pixel is extreme, far from the median of its neighbourhood, and nearly alone in that."""
    apart = cv2.absdiff(grey, median) > CONTRAST
    return np.asarray(apart & (_alone(grey <= EXTREME) | _alone(grey >= 255 - EXTREME)))


def _alone(extreme: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """True where at most ALIKE_MAX of the eight neighbours are extreme too; a corner of print has three."""
    around = cv2.boxFilter(extreme.astype(np.uint8), cv2.CV_16U, (3, 3), normalize=False)
    return np.asarray(extreme & (around <= ALIKE_MAX + 1))


def stretch(image: Image) -> Image:
    """Grey levels from black to white where the page spans few of them."""
    low, high = ink_and_paper(image[::4, ::4])
    if high - low >= RANGE_MIN or high - low < 1:
        return image
    return np.asarray(np.clip((image - low) * (255 / (high - low)), 0, 255), np.uint8)


def ink_and_paper(image: Image) -> tuple[float, float]:
    """Grey levels of dark ink and of paper, however little of the page is printed."""
    paper = float(np.percentile(image, 99.5))
    ink = image[image < DARK * paper]
    return (float(np.percentile(ink, INK_PERCENTILE)) if len(ink) else paper), paper
