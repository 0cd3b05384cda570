import numpy as np
import pytest

from mlops_assets.ocr.calibration import Calibration
from mlops_assets.ocr.engines.engine import Availability, Engine, Token
from mlops_assets.ocr.ensemble import read_lines
from mlops_assets.ocr.vote import overlapping, vote

EVEN = ([0.0, 1.0], [0.0, 1.0])
HALVED = ([0.0, 1.0], [0.0, 0.5])
MAPS = Calibration({"a": EVEN, "b": EVEN, "a agreed": EVEN, "b agreed": EVEN, "a disputed": HALVED, "b disputed": EVEN})


def token(text: str, confidence: float, start: float, end: float) -> Token:
    return Token(text, confidence, start, end)


def engine(name: str, *lines: list[Token]) -> Engine:
    heard = list(lines)
    return Engine(
        name, lambda: Availability(True, "made up"), lambda asked, _: [heard.pop(0) for _ in asked], lambda: "1"
    )


def test_probabilities_lie_on_straight_lines_between_the_points() -> None:
    maps = Calibration({"a": ([0.2, 0.6], [0.1, 0.9])})

    assert maps.probability("a", 0.3) == pytest.approx(0.3)  # a quarter of the way from 0.1 to 0.9
    assert maps.probability("a", 0.0) == 0.1
    assert maps.probability("a", 1.0) == 0.9


def test_the_maps_of_the_project_rise_and_hold_every_state() -> None:
    maps = Calibration.load().maps

    assert set(maps) == {
        f"{name}{state}" for name in ("rapidocr", "tesseract") for state in ("", " agreed", " disputed")
    }
    for x, y in maps.values():
        assert list(x) == sorted(x) and list(y) == sorted(y)
        assert min(*x, *y) >= 0 and max(*x, *y) <= 1


def test_words_over_each_other_are_one_group_however_they_are_cut() -> None:
    ours, theirs = token("TEL:03", 0.9, 0.0, 0.5), [token("TEL", 0.9, 0.0, 0.2), token(": 03", 0.9, 0.3, 0.5)]
    apart = token("end", 0.9, 0.45, 0.9)

    assert list(overlapping([ours, apart], theirs)) == [([ours], theirs), ([apart], [])]


def test_the_likelier_of_two_words_wins_with_its_own_probability() -> None:
    voted = vote([token("R0", 0.9, 0, 1)], [token("RM", 0.6, 0, 1)], ("a", "b"), MAPS)

    assert voted == [token("RM", 0.6, 0, 1)]  # 0.9 is worth 0.45 where engine a is disputed


def test_a_word_that_both_read_is_taken_once() -> None:
    voted = vote([token("RM", 0.7, 0, 0.9)], [token("RM", 0.8, 0.1, 1)], ("a", "b"), MAPS)

    assert voted == [token("RM", 0.8, 0.1, 1)]


def test_a_word_that_one_alone_read_stays_as_disputed() -> None:
    assert vote([token("x", 0.8, 0, 1)], [], ("a", "b"), MAPS) == [token("x", 0.4, 0, 1)]
    assert vote([], [token("x", 0.8, 0, 1)], ("a", "b"), MAPS) == [token("x", 0.8, 0, 1)]


def line(width: int) -> np.ndarray:
    return np.zeros((10, width, 3), np.uint8)


def read_again(lines: list[np.ndarray], *, first: list[list[Token]], second: list[list[Token]]) -> list[list[str]]:
    """Words of each line, of which those of less than 0.8 are unsure."""
    found = read_lines(lines, [engine("a", *first), engine("b", *second)], "eng", MAPS, sure=0.8)
    return [[word.text for word in words] for words in found]


SURE, UNSURE, NONE = [token("sure", 0.95, 0, 1)], [token("unsure", 0.5, 0, 1)], list[Token]()


def test_only_unsure_and_empty_lines_are_read_again() -> None:
    second = [[token("again", 0.9, 0, 1)], [token("seen", 0.9, 0, 1)]]

    assert read_again([line(100)] * 3, first=[SURE, UNSURE, NONE], second=second) == [["sure"], ["again"], ["seen"]]


def test_a_few_unsure_lines_are_not_worth_a_second_engine() -> None:
    again = [[token("again", 0.9, 0, 1)]]

    assert read_again([line(1000), line(400)], first=[SURE, UNSURE], second=again) == [
        ["sure"],
        ["unsure"],
    ]  # 40 of 140
    assert read_again([line(1000), line(500)], first=[SURE, UNSURE], second=again) == [["sure"], ["again"]]  # 50 of 150


def test_what_is_hardly_a_word_is_left_out() -> None:
    assert read_again([line(100)], first=[NONE], second=[[token("~", 0.19, 0, 1)]]) == [[]]
    assert read_again([line(100)], first=[NONE], second=[[token("x", 0.2, 0, 1)]]) == [["x"]]


def test_one_engine_alone_gives_its_calibrated_words() -> None:
    only = Engine(
        "a", lambda: Availability(True, "made up"), lambda lines, _: [[token("word", 0.5, 0, 1)]], lambda: "1"
    )

    assert read_lines([line(100)], [only], "eng", MAPS) == [[token("word", 0.5, 0, 1)]]
