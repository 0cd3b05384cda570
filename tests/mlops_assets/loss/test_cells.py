import numpy as np
import pandas as pd
import pytest

from mlops_assets.loss.cells import MISSING, OTHER, cells_of, likeness


def test_numbers_have_bins_of_equal_shares_and_a_cell_for_what_is_missing():
    cells = cells_of(np.append(np.arange(120.0), [np.nan] * 40), "numeric")
    assert cells.n == 2 + 12
    assert cells.shares[MISSING] == pytest.approx(0.25)
    assert cells.shares[2:] == pytest.approx([0.75 / 12] * 12)
    assert cells.place([-5.0, np.nan, 500.0, np.inf]).tolist() == [2, MISSING, 13, MISSING]
    assert cells.outside([-1.0, 0.0, 119.0, 120.0, np.nan]).tolist() == [True, False, False, True, False]


def test_labels_have_a_cell_each_and_a_new_one_is_outside():
    cells = cells_of(pd.Series(["red", "red", "blue", np.nan]), "category")
    assert cells.labels == ("red", "blue")
    assert cells.place(pd.Series(["blue", "violet", np.nan])).tolist() == [3, OTHER, MISSING]
    assert cells.outside(pd.Series(["blue", "violet", np.nan])).tolist() == [False, True, False]


def test_a_value_that_is_missing_where_training_had_all_is_outside():
    assert cells_of(np.arange(10.0), "numeric").outside([3.0, np.nan]).tolist() == [False, True]
    assert cells_of(pd.Series(["red", "blue"]), "category").outside(pd.Series(["red", None])).tolist() == [False, True]


def test_of_very_many_labels_the_rare_share_a_cell_and_none_is_outside():
    cells = cells_of(pd.Series([str(at) for at in range(40)] + ["often"] * 60), "category")
    assert len(cells.labels) == 30
    assert not cells.outside(pd.Series(["never seen"])).any()


def test_texts_are_told_by_their_length():
    cells = cells_of(pd.Series(["a", "bb", "ccc"]), "text")
    assert cells.outside(pd.Series(["", "bb", "dddd"])).tolist() == [True, False, True]


def test_a_column_without_a_value_or_with_one_value_has_cells():
    empty, constant = cells_of([np.nan] * 5, "numeric"), cells_of([7.0] * 5, "numeric")
    assert not empty.outside([3.0, np.nan]).any()
    assert constant.outside([7.0, 8.0]).tolist() == [False, True]
    assert constant.n == 3


def test_the_same_distribution_is_worth_all_rows_and_half_of_the_cells_half_of_them():
    cells = cells_of(np.arange(120.0), "numeric")
    assert likeness(cells, cells.place(np.arange(120.0))) == pytest.approx(1)
    # all rows in 6 of 12 cells: q = 1/6 against p = 1/12, sum(q**2 / p) = 6 * (1/36) * 12 = 2
    assert likeness(cells, cells.place(np.arange(60.0))) == pytest.approx(0.5)
