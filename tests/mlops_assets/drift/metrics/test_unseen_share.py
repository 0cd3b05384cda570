import numpy as np

from mlops_assets.drift.metrics.unseen_share import unseen_share


def test_share_of_rows_in_cells_the_reference_never_filled():
    # 3 of 10 rows sit in the cell with no reference row
    assert unseen_share(np.array([4.0, 1.0, 0.0]), np.array([7.0, 0.0, 3.0])) == 0.3
