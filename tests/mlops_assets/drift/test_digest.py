from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from mlops_assets.drift.digest import digest, merge
from mlops_assets.drift.reference import finish
from mlops_assets.drift.sketch import SAMPLE_MAX


def parts_of(frame, use_case, cuts):
    rng = np.random.default_rng(0)
    edges = [0, *cuts, len(frame)]
    return [digest(frame.iloc[a:b], use_case, rng) for a, b in pairwise(edges)]


def test_the_digest_of_parts_is_that_of_the_whole(use_case, draw):
    frame = draw(900, 1)
    first, second, third = parts_of(frame, use_case, [200, 210])
    whole, merged = digest(frame, use_case, np.random.default_rng(0)), merge(merge(first, second), third)
    assert (merged.rows, len(merged.sample)) == (900, 900)
    for name, sketch in whole.columns.items():
        other = merged.columns[name]
        assert (other.n, other.missing) == (sketch.n, sketch.missing)
        if hasattr(sketch, "counts"):
            assert other.counts == sketch.counts
        else:
            assert (other.mean, other.std) == pytest.approx((sketch.mean, sketch.std))
    again = merged.sample.sort_values(["size", "weight"]).reset_index(drop=True)
    expected = frame[list(again)].sort_values(["size", "weight"]).reset_index(drop=True)
    pd.testing.assert_frame_equal(again, expected)


def test_the_order_of_parts_does_not_matter(use_case, draw):
    first, second = parts_of(draw(300, 1), use_case, [100])
    tables = [finish(one, use_case, draws=50).table.codes for one in (merge(first, second), merge(second, first))]
    assert np.array_equal(*tables)


def test_a_merged_sample_is_bounded_and_each_part_has_its_share(use_case):
    frame = pd.DataFrame({"size": np.repeat([0.0, 1.0], [30_000, 10_000])})
    merged = merge(*parts_of(frame, use_case, [30_000]))
    assert len(merged.sample) == SAMPLE_MAX
    assert merged.sample["size"].mean() == pytest.approx(0.25, abs=0.02)  # 4.6 standard errors


def test_parts_of_other_columns_are_refused(use_case, draw):
    first, second = (
        digest(draw(9, 1), use_case, np.random.default_rng(0)),
        digest(draw(9, 1).drop(columns="size"), use_case, np.random.default_rng(0)),
    )
    with pytest.raises(ValueError, match="only one side has size"):
        merge(first, second)
