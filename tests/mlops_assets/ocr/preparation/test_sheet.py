import cv2
import numpy as np
import pytest

from mlops_assets.ocr.preparation import sheet
from mlops_assets.ocr.preparation.sheet import SIDE_DETECTED_MAX, SIDE_SHRUNK_MIN, find_lines, is_blurred, lay_out
from tests.mlops_assets.ocr.drawn import draw

SHARP = np.asarray(draw(["A line of text that fills the page"] * 24, width=700))
BLURRED = np.asarray(cv2.GaussianBlur(SHARP, (0, 0), 1.5), np.uint8)


@pytest.fixture
def looked_at(monkeypatch) -> list[int]:
    """The longer side of each page that the network was shown; it finds nothing."""
    sides: list[int] = []
    nothing = np.zeros((0, 4, 2), np.float32)
    monkeypatch.setattr(sheet.networks, "detect", lambda page: sides.append(max(page.shape[:2])) or nothing)
    return sides


def test_a_page_without_a_steep_edge_is_blurred() -> None:
    assert is_blurred(BLURRED)
    assert not is_blurred(SHARP)


def test_faint_print_is_as_sharp_as_dark_print() -> None:
    assert not is_blurred((SHARP // 4 + 180).astype(np.uint8))


@pytest.mark.parametrize("size", [(1, 1), (5, 1), (1, 5)])
def test_a_page_of_a_few_pixels_is_not_blurred(size: tuple[int, int]) -> None:
    assert not is_blurred(np.full((*size, 3), 255, np.uint8))


def test_lines_of_a_sharp_page_are_found_in_a_small_picture(looked_at) -> None:
    find_lines(SHARP, 40.0)

    assert looked_at == [SIDE_SHRUNK_MIN]


def test_a_blurred_page_is_not_made_smaller_than_the_largest_picture(looked_at) -> None:
    find_lines(BLURRED, 40.0)

    assert max(BLURRED.shape[:2]) < SIDE_DETECTED_MAX
    assert looked_at == [max(BLURRED.shape[:2])]


def test_faint_print_is_found_as_dark_print_is_and_keeps_its_greys(looked_at) -> None:
    faint = (SHARP // 8 + 220).astype(np.uint8)

    dark, found = lay_out(SHARP), lay_out(faint)

    assert (found.left, found.top, found.scale) == (dark.left, dark.top, dark.scale)
    assert looked_at[0] == looked_at[1]
    assert found.image.shape == dark.image.shape
    assert found.image.min() >= 210
