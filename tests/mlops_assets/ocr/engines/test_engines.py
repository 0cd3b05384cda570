from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import mlops_assets.ocr.engines as engines
from mlops_assets.ocr.engines import ENGINES
from mlops_assets.ocr.engines.engine import Engine, Token
from mlops_assets.ocr.engines.tesseract import BORDER, parse, stack
from mlops_assets.ocr.preparation.upright import prepare
from tests.mlops_assets.ocr.drawn import draw

HEAD = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"


def test_the_table_lists_every_file_of_its_folder() -> None:
    files = {path.stem for path in Path(engines.__file__).parent.glob("*.py")} - {"__init__", "engine"}

    assert files == set(ENGINES)
    assert all(engine.name == name for name, engine in ENGINES.items())


def test_tesseract_s_words_are_parsed_with_quotes_and_without_blanks() -> None:
    word, blank, line = '10\t20\t30\t8\t91.5\t"a', "50\t20\t5\t8\t-1\t ", "0\t0\t9\t9\t-1\t"
    rows = f"5\t1\t1\t1\t1\t1\t{word}\n5\t1\t1\t1\t1\t2\t{blank}\n4\t1\t1\t1\t1\t0\t{line}\n"

    assert list(parse(HEAD + rows)) == [('"a', 0.915, 10, 40, 24.0)]


def test_lines_are_stacked_on_white_with_a_border() -> None:
    grey = np.full((10, 30, 3), 200, np.uint8)

    sheet, tops = stack([grey, grey[:, :20]])

    assert sheet.shape == (2 * (10 + 2 * BORDER), 30 + 2 * BORDER, 3)
    assert tops == [0, 10 + 2 * BORDER]
    assert sheet.min() >= 254  # paper was made white


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES.values(), ids=list(ENGINES))
def test_every_engine_gives_words_in_order_with_shares_and_confidence(engine: Engine) -> None:
    if not engine.available().usable:
        pytest.skip(engine.available().sentence)
    lines = prepare(np.asarray(draw(["Total amount due 128.50", "Thank you"]))).lines

    read = engine.read_lines(lines, "eng")

    assert [" ".join(word.text for word in line) for line in read] == ["Total amount due 128.50", "Thank you"]
    for line in read:
        assert all(0 <= word.start < word.end <= 1 and 0.5 < word.confidence <= 1 for word in line)
        assert all(before.end <= after.start + 0.05 for before, after in pairwise(line))
    assert engine.read_lines([], "eng") == []
    assert all(isinstance(word, Token) for line in read for word in line)
