"""The geometry by hand, then a drawn page laid every way."""

import numpy as np
import pytest

from mlops_assets.ocr.preparation.upright import find_skew, prepare, runs_downwards, straightened, taller, turned
from mlops_assets.ocr.recognise import recognise
from mlops_assets.spec.documents import Reading
from tests.mlops_assets.ocr.drawn import draw

LINES = ["Total amount to be paid 128.50", "Thank you for your visit today", "Invoice number 4711 of March"]


def quad(left: float, top: float, right: float, bottom: float) -> list[list[float]]:
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


@pytest.mark.parametrize(("turn", "where"), [(0, (10, 20)), (90, (20, 190)), (180, (190, 80)), (270, (80, 10))])
def test_points_turn_with_their_page_of_200_by_100(turn: int, where: tuple[int, int]) -> None:
    point = np.array([[10, 20]], np.float32)

    assert turned(point, turn, 200, 100).tolist() == [list(where)]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_points_turn_as_pixels_do(turn: int) -> None:
    image = np.zeros((10, 20))
    image[3, 5] = 1

    row, column = np.argwhere(np.rot90(image, turn // 90))[0]

    assert turned(np.array([5.5, 3.5]), turn, 20, 10).tolist() == [column + 0.5, row + 0.5]


def test_tall_lines_run_downwards() -> None:
    assert runs_downwards(np.array([quad(0, 0, 20, 300), quad(50, 0, 150, 20)], np.float32))
    assert not runs_downwards(np.array([quad(0, 0, 300, 20)], np.float32))
    assert not runs_downwards(np.zeros((0, 4, 2), np.float32))


def test_skew_is_the_slope_of_the_long_lines_and_turning_by_it_lays_them_straight() -> None:
    slanted = [[[0, y], [100, y + 10], [98, y + 30], [-2, y + 20]] for y in (0, 50, 100)]

    skew = find_skew(np.array(slanted, np.float32))
    straight = straightened(np.array(slanted, np.float32), skew, 100, 120)

    assert skew == pytest.approx(5.7106, abs=1e-3)  # arctan(10 / 100)
    assert straight[0, 0, 1] == pytest.approx(straight[0, 1, 1], abs=1e-3)


def test_two_lines_are_too_few_to_tell_a_skew() -> None:
    assert find_skew(np.array([quad(0, 0, 100, 10)] * 2, np.float32)) == 0.0


@pytest.mark.slow
@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_page_is_read_whatever_way_it_lies(quarters: int) -> None:
    upright = np.asarray(draw(LINES))

    page = recognise(np.rot90(upright, quarters), 1, Reading(engines=("rapidocr",)))

    assert page.text.splitlines() == LINES
    assert page.turn == (360 - 90 * quarters) % 360
    assert (page.height, page.width) == upright.shape[:2]
    first = page.words[0]
    assert (first.left, first.top) == pytest.approx((40, 22), abs=15)  # where it was drawn


@pytest.mark.slow
def test_a_page_that_lies_askew_is_straightened() -> None:
    page = recognise(
        np.asarray(draw(LINES).rotate(4, expand=True, fillcolor="white")), 1, Reading(engines=("rapidocr",))
    )

    assert page.text.splitlines() == LINES
    assert page.skew == pytest.approx(-4, abs=0.5)


@pytest.mark.slow
def test_an_empty_page_has_no_lines() -> None:
    prepared = prepare(np.full((200, 300, 3), 255, np.uint8))

    assert (prepared.lines, prepared.turn, prepared.skew) == ((), 0, 0.0)


def test_lines_are_cut_with_a_twentieth_of_their_height_above_and_below() -> None:
    assert taller(np.array([quad(10, 20, 110, 60)], np.float32)).tolist() == [quad(10, 18, 110, 62)]
