import numpy as np
import pytest

from mlops_assets.windows.counting import numbered_key, spread


@pytest.mark.parametrize(
    ("n_rows", "taken", "expected"),
    [
        (4, 0, {0: range(4)}),
        (3, 0, {0: range(3)}),
        (9, 2, {0: range(2), 1: range(2, 6), 2: range(6, 9)}),
        (1, 4, {1: range(1)}),
        (0, 3, {}),
    ],
)
def test_rows_fill_windows_of_four_one_after_the_other(n_rows, taken, expected):
    assert spread(n_rows, taken, 4) == expected


def test_every_row_of_every_batch_is_in_one_window_and_no_window_has_more_than_its_size():
    random, taken, held = np.random.default_rng(0), 0, {}
    for _ in range(50):
        n_rows = int(random.integers(0, 30))
        found = spread(n_rows, taken, 7)
        assert [at for positions in found.values() for at in positions] == list(range(n_rows))
        for number, positions in found.items():
            held[number] = held.get(number, 0) + len(positions)
        taken += n_rows
    assert set(list(held.values())[:-1]) == {7}
    assert sum(held.values()) == taken


def test_names_sort_as_their_windows_do():
    names = [numbered_key(number, 50) for number in (0, 9, 10, 99_999_999)]
    assert names == sorted(names)
