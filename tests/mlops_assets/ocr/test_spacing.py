import numpy as np
import pytest

from mlops_assets.ocr.spacing import Glyph, gap_widths, split

HEIGHT = 20


def line(width: int, *inked: tuple[int, int]) -> np.ndarray:
    """A white line with black blocks from and to these columns."""
    image = np.full((HEIGHT, width, 3), 255, np.uint8)
    for left, right in inked:
        image[4:-4, left:right] = 0
    return image


def glyphs(text: str, *inked: tuple[int, int], width: int = 100, blanks: dict[int, float] | None = None) -> list[Glyph]:
    """One character on each block; the network's chance of a blank before some of them."""
    return [
        Glyph(letter, 1.0, (left + right) / 2 / width, (blanks or {}).get(number, 0.0))
        for number, (letter, (left, right)) in enumerate(zip(text, inked, strict=True))
    ]


def texts(words: list[list[Glyph]]) -> list[str]:
    return ["".join(glyph.text for glyph in word) for word in words]


CLOSE = ((10, 20), (22, 32), (34, 44))
APART = ((10, 20), (22, 32), (42, 52))  # 10 columns between the second and the third


def test_gaps_are_told_in_heights_of_the_line() -> None:
    assert gap_widths(glyphs("abc", *APART), line(100, *APART)).tolist() == [0.1, 0.5]


def test_characters_that_touch_have_no_gap() -> None:
    assert gap_widths(glyphs("ab", (10, 20), (20, 30)), line(100, (10, 30))).tolist() == [0.0]


def test_light_print_on_dark_paper_has_the_same_gaps() -> None:
    assert gap_widths(glyphs("abc", *APART), 255 - line(100, *APART)).tolist() == [0.1, 0.5]


@pytest.mark.parametrize(
    ("blank", "blocks", "words"),
    [
        (0.15, CLOSE, ["NO:"]),  # neither the network nor the eye
        (0.15, APART, ["NO", ":"]),  # the network leaves it open, and the gap is wide
        (0.9, CLOSE, ["NO", ":"]),  # the network reads a blank, and the gap does not speak against it
        (0.0, APART, ["NO:"]),  # the network is sure that there is none
    ],
)
def test_words_are_parted_where_network_and_eye_together_say_so(blank: float, blocks, words: list[str]) -> None:
    assert texts(split(glyphs("NO:", *blocks, blanks={2: blank}), line(100, *blocks))) == words


def test_a_very_wide_gap_parts_words_that_the_network_joins() -> None:
    blocks = ((2, 12), (14, 24), (70, 80))

    assert texts(split(glyphs("5kg", *blocks), line(100, *blocks))) == ["5k", "g"]


def test_print_that_is_spaced_out_is_one_word() -> None:
    blocks = ((0, 10), (20, 30), (40, 50), (60, 70))

    assert texts(split(glyphs("TOTA", *blocks, blanks=dict.fromkeys((1, 2, 3), 0.05)), line(100, *blocks))) == ["TOTA"]


def test_a_gap_does_not_part_a_number_at_a_point_that_is_hardly_printed() -> None:
    blocks = ((10, 20), (25, 25), (30, 40), (42, 52))
    image = line(100, *blocks)
    blanks = {1: 0.15, 2: 0.15}

    assert texts(split(glyphs("2.30", *blocks, blanks=blanks), image)) == ["2.30"]
    assert texts(split(glyphs("a.bc", *blocks, blanks=blanks), image)) == ["a", ".", "bc"]
    assert texts(split(glyphs("2.30", *blocks, blanks={2: 0.9}), image)) == ["2.", "30"]  # as the network reads it


def test_ideographs_are_parted_by_the_network_alone() -> None:
    blocks = ((2, 12), (14, 24), (70, 80))
    image = line(100, *blocks)

    assert texts(split(glyphs("谢谢您", *blocks), image)) == ["谢谢您"]
    assert texts(split(glyphs("谢谢您", *blocks, blanks={1: 0.9}), image)) == ["谢", "谢您"]


def test_nothing_recognised_gives_no_words() -> None:
    assert split([], line(50)) == []
