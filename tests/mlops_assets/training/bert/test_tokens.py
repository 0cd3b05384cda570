from itertools import islice

import numpy as np

from mlops_assets.training.bert.tokens import batches_of_like_length, padded, shuffled_batches


def test_padding_stands_behind_the_text_and_outside_the_mask():
    ids, mask = padded([[101, 7, 102], [101, 102]])
    assert ids.tolist() == [[101, 7, 102], [101, 102, 0]]
    assert mask.tolist() == [[1, 1, 1], [1, 1, 0]]


def test_rows_of_like_length_share_a_batch():
    assert [batch.tolist() for batch in batches_of_like_length([9, 1, 8, 2, 5], 2)] == [[1, 3], [4, 2], [0]]


def test_each_row_comes_once_an_epoch_in_another_order():
    lengths = (np.arange(50) % 7).tolist()
    batches = shuffled_batches(lengths, 8, random_state=1)
    epochs = [np.concatenate(list(islice(batches, 7))).tolist() for _ in range(2)]  # 50 rows are 7 batches of 8
    assert [sorted(epoch) for epoch in epochs] == [list(range(50))] * 2
    assert epochs[0] != epochs[1]
