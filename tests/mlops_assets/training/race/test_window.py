import numpy as np


def test_rows_add_up_in_order(rows):
    both = rows(0, 3) + rows(1, 2)
    assert both.window.tolist() == [0, 0, 0, 1, 1]
    assert both.X["x"].tolist() == [*rows(0, 3).X["x"], *rows(1, 2).X["x"]]
    assert both.X.index.tolist() == [0, 1, 2, 3, 4]


def test_rows_are_chosen_by_mask_and_by_position(rows):
    all_of_them = rows(0, 4)
    by_mask = all_of_them.where(np.array([False, True, False, True]))
    by_position = all_of_them.where(np.array([1, 3]))
    assert by_mask.y.tolist() == by_position.y.tolist() == all_of_them.y[[1, 3]].tolist()
    assert by_mask.X["x"].tolist() == all_of_them.X["x"].iloc[[1, 3]].tolist()


def test_the_last_are_the_last(rows):
    assert rows(0, 4).last(2).y.tolist() == rows(0, 4).y[2:].tolist()
    assert len(rows(0, 4).last(9)) == 4
