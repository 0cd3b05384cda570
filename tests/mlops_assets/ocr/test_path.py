import numpy as np
import pytest

from mlops_assets.ocr.path import likeliest

CHARACTERS = ["", "1", "2", "a", ".", " "]


def chances(*steps: dict[str, float]) -> np.ndarray:
    """The network is as sure of each step as said; the rest is the empty character's."""
    table = np.zeros((len(steps), len(CHARACTERS)), np.float32)
    for row, step in zip(table, steps, strict=True):
        for character, chance in step.items():
            row[CHARACTERS.index(character)] = chance
        row[0] = 1 - row.sum()
    return table


def texts(*steps: dict[str, float]) -> str:
    return "".join(glyph.text for glyph in likeliest(chances(*steps), CHARACTERS, 1.0))


def test_repetitions_are_one_character_and_a_pause_parts_two() -> None:
    assert texts({"a": 0.9}, {"a": 0.9}, {}, {"a": 0.9}, {"1": 0.8}) == "aa1"


def test_a_blank_is_told_by_its_largest_chance_between_two_characters() -> None:
    first, second = likeliest(chances({"1": 0.9}, {" ": 0.2}, {" ": 0.7}, {"a": 0.8}), CHARACTERS, 1.0)

    assert (first.text, first.blank) == ("1", 0.0)
    assert (second.text, second.blank) == ("a", pytest.approx(0.7))
    assert second.confidence == pytest.approx(0.8)


def test_characters_stand_at_their_share_of_the_line_not_of_its_padding() -> None:
    (glyph,) = likeliest(chances({}, {"a": 0.9}, {}, {}), CHARACTERS, 0.5)

    assert glyph.centre == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("between", "read"),
    [
        ({" ": 0.8, ".": 0.005}, "1.2"),  # print so faint that the network hardly thinks of a point
        ({" ": 0.8}, "12"),
        ({" ": 0.1, ".": 0.05}, "12"),  # no blank is read, so nothing stands there
    ],
)
def test_a_blank_between_digits_is_a_faint_point_where_the_network_thinks_of_one(between, read: str) -> None:
    assert texts({"1": 0.9}, between, {"2": 0.9}) == read


def test_nothing_parts_a_faint_point_from_its_number() -> None:
    read = likeliest(chances({"1": 0.9}, {" ": 0.8, ".": 0.1}, {" ": 0.9}, {"2": 0.9}), CHARACTERS, 1.0)

    assert [(glyph.text, glyph.blank) for glyph in read] == [("1", 0.0), (".", 0.0), ("2", 0.0)]


def test_a_blank_between_words_is_never_a_point() -> None:
    assert texts({"1": 0.9}, {" ": 0.8, ".": 0.15}, {"a": 0.9}) == "1a"


def test_nothing_read_is_no_glyph() -> None:
    assert likeliest(chances({}, {" ": 0.9}), CHARACTERS, 1.0) == []
