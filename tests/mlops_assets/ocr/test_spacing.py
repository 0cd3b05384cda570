import numpy as np

from mlops_assets.ocr.spacing import Glyph, split, wide_gaps

NAN = float("nan")


def line(width: int, *inked: tuple[int, int], height: int = 20) -> np.ndarray:
    """A white line with black blocks from and to these columns."""
    image = np.full((height, width, 3), 255, np.uint8)
    for left, right in inked:
        image[4:-4, left:right] = 0
    return image


def texts(words: list[list[Glyph]]) -> list[str]:
    return ["".join(glyph.text for glyph in word) for word in words]


def test_a_gap_of_half_the_height_parts_words_and_a_small_one_does_not() -> None:
    assert wide_gaps(line(100, (10, 20), (22, 32), (34, 44), (56, 66))).tolist() == [0.5]  # 44 to 56: 12 of 20 high


def test_print_that_is_spaced_out_has_no_gaps() -> None:
    assert wide_gaps(line(100, (0, 10), (20, 30), (40, 50), (60, 70))).tolist() == []


def test_an_empty_line_has_no_gaps() -> None:
    assert wide_gaps(np.full((20, 50, 3), 255, np.uint8)).tolist() == []


def test_a_line_is_cut_at_blanks_and_at_wide_gaps() -> None:
    image = line(100, (2, 10), (12, 20), (22, 30), (60, 70))
    glyphs = [Glyph("T", 1, 0.06), Glyph("O", 1, 0.16), Glyph(" ", 1, NAN), Glyph(":", 1, 0.26), Glyph("5", 1, 0.65)]

    assert texts(split(glyphs, image)) == ["TO", ":", "5"]


def test_ideographs_are_not_cut_at_gaps() -> None:
    image = line(100, (2, 10), (12, 20), (50, 60))

    assert texts(split([Glyph("谢", 1, 0.06), Glyph("谢", 1, 0.55)], image)) == ["谢谢"]


def test_light_print_on_dark_paper_is_cut_too() -> None:
    assert wide_gaps(255 - line(100, (10, 20), (22, 32), (34, 44), (56, 66))).tolist() == [0.5]


def test_nothing_recognised_gives_no_words() -> None:
    assert split([], line(50)) == []
