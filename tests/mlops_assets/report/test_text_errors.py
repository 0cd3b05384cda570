import numpy as np
import pytest

from mlops_assets.report.text_errors import error_by_length, errors_by_length_png


def test_bins_hold_equally_many_texts_shortest_first():
    lengths, errors = np.arange(20)[::-1], np.arange(20, dtype=float)[::-1] * 2
    middles, means, spreads = error_by_length(lengths, errors)
    # ten bins of two: lengths 0 and 1 err 0 and 2, mean 1; deviation 1 over the root of 2
    assert middles.tolist() == [0.5 + 2 * each for each in range(10)]
    assert means.tolist() == [1.0 + 4 * each for each in range(10)]
    assert spreads == pytest.approx([1 / np.sqrt(2)] * 10)


def test_few_texts_get_as_many_bins():
    assert len(error_by_length(np.array([5, 3]), np.array([1.0, 0.0]))[0]) == 2


@pytest.mark.slow
@pytest.mark.parametrize("n_rows", [1, 50])
def test_numbers_and_labels_are_drawn(n_rows):
    lengths = np.arange(n_rows) + 1
    labels = np.array(["good", "bad"])[np.arange(n_rows) % 2]
    for answers, truth in ((lengths / 2, lengths / 3), (labels, labels[::-1])):
        assert errors_by_length_png(lengths, answers, truth)[:4] == b"\x89PNG"
