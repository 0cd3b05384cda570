import numpy as np

from mlops_assets.ocr.order import reading_order

LINE, STEP = 20, 30


def column(left: int, right: int, top: int, count: int) -> list[tuple[int, int, int, int]]:
    return [(left, top + STEP * row, right, top + STEP * row + LINE) for row in range(count)]


def order(*parts: list[tuple[int, int, int, int]]) -> list[list[list[int]]]:
    return reading_order(np.array([box for part in parts for box in part], float))


def test_a_page_without_lines_has_no_blocks() -> None:
    assert reading_order(np.zeros((0, 4))) == []


def test_pieces_of_one_row_are_read_from_left_to_right() -> None:
    price, article = (500, 2, 560, 22), (0, 0, 300, 20)

    assert order([price], [article]) == [[[1, 0]]]


def test_prices_stay_in_the_row_of_their_article() -> None:
    articles, prices = column(0, 300, 0, 6), column(500, 560, 0, 6)

    assert order(articles, prices) == [[[row, row + 6] for row in range(6)]]


def test_columns_of_running_text_are_read_one_after_the_other() -> None:
    right, left = column(500, 900, 0, 5), column(0, 400, 0, 6)

    assert order(right, left) == [[[5], [6], [7], [8], [9], [10]], [[0], [1], [2], [3], [4]]]


def test_a_heading_across_columns_comes_first_and_whole_lines_below_come_last() -> None:
    left, right = column(0, 400, 100, 5), column(500, 900, 100, 5)
    heading, footer = column(100, 800, 0, 1), column(0, 900, 400, 2)

    assert order(right, footer, left, heading) == [
        [[12]],
        [[7], [8], [9], [10], [11]],
        [[0], [1], [2], [3], [4]],
        [[5], [6]],
    ]


def test_a_short_line_that_stands_apart_below_is_read_after_both_columns() -> None:
    left, right = column(0, 400, 0, 5), column(500, 900, 0, 5)
    below = [(0, 4 * STEP + 80, 200, 4 * STEP + 100)]

    assert order(left, below, right) == [
        [[0], [1], [2], [3], [4]],
        [[6], [7], [8], [9], [10]],
        [[5]],
    ]


def test_a_longer_left_column_is_read_to_its_end_before_the_right_one() -> None:
    left, right = column(0, 400, 0, 9), column(500, 900, 0, 4)

    assert [len(block) for block in order(left, right)] == [9, 4]


def test_three_columns_are_read_in_order() -> None:
    columns = [column(left, left + 250, 0, 6) for left in (0, 300, 600)]

    assert order(*columns) == [[[6 * number + row] for row in range(6)] for number in range(3)]


def test_every_box_is_read_once() -> None:
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 900, (60, 2))
    boxes = np.concatenate([corners, corners + rng.uniform(5, 200, (60, 2))], axis=1)

    read = [number for block in reading_order(boxes) for row in block for number in row]

    assert sorted(read) == list(range(60))
