import numpy as np
import pytest

from mlops_assets.drift.codes import label_coding, numeric_coding
from mlops_assets.drift.source import build_source
from mlops_assets.drift.table import CodedTable


@pytest.fixture
def source():
    x, labels = np.array([1.0, 2.0, 3.0, np.nan]), ["a", "b", "a", None]
    codings = {"c": label_coding({"a": 2, "b": 1}), "x": numeric_coding(np.array([1.0, 2.0, 3.0]))}
    codes = np.stack([codings["c"].encode(labels), codings["x"].encode(x)], axis=1)
    return build_source(CodedTable(codings, codes))


def test_rows_and_counts_of_codes_add_up_to_the_same_sums(source):
    by_rows = source.sums(source.features[[0, 3]].sum(0)[None], np.array([2.0]))
    counts = np.stack([np.bincount(column, minlength=256) for column in source.table.codes[[0, 3]].T]).astype(float)
    by_counts = source.sums_of_counts(counts, 2)
    assert by_rows.numeric == pytest.approx(by_counts.numeric, abs=1e-6)
    assert by_rows.labels[0] == pytest.approx(by_counts.labels[0])
    assert list(by_counts.labels[0][0]) == [1, 0, 0, 1]  # a, b, unseen, missing


def test_present_values_are_counted_by_column(source):
    assert source.present == {"c": 3, "x": 3}


def test_one_column_has_no_joint_structure():
    assert (
        build_source(CodedTable({"x": numeric_coding(np.arange(3.0))}, np.zeros((3, 1), dtype=np.uint8))).joint is None
    )


def test_labels_have_their_names(source):
    assert [source.table.level_name(0, at) for at in (0, 1)] == ["a", "b"]
    hashed = label_coding({str(n): 1 for n in range(300)})
    codes = hashed.encode([str(n) for n in range(300)])[:, None]
    assert CodedTable({"c": hashed}, codes).level_name(0, 3) == "bucket 3"
