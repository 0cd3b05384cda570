import numpy as np
import pytest

from mlops_assets.drift.codes import label_coding, numeric_coding
from mlops_assets.drift.evidence import level_z, missing_z, numeric_z, unseen_z
from mlops_assets.drift.source import build_source
from mlops_assets.drift.table import CodedTable


@pytest.fixture(scope="module")
def source():
    rng = np.random.default_rng(0)
    x = rng.normal(size=4000)
    labels = rng.choice(["a", "b", "c"], 4000, p=[0.6, 0.3, 0.1])
    codings = {"x": numeric_coding(np.sort(x)), "c": label_coding({"a": 3, "b": 2, "c": 1})}
    return build_source(CodedTable(codings, np.stack([codings["x"].encode(x), codings["c"].encode(labels)], axis=1)))


def sums(source, x, labels):
    coded = [coding.encode(part) for coding, part in zip(source.table.codings.values(), (x, labels), strict=True)]
    counts = np.stack([np.bincount(one, minlength=256) for one in coded]).astype(float)
    return source.sums_of_counts(counts, len(x)), source.sums(source.total[None], np.array([float(source.rows)]))


def labels(n):
    return np.random.default_rng(9).choice(["a", "b", "c"], n, p=[0.6, 0.3, 0.1])


def test_scores_are_standard_normal_by_chance(source):
    rng = np.random.default_rng(1)
    found = [numeric_z(*sums(source, rng.normal(size=300), labels(300))) for _ in range(300)]
    for kind in ("shift", "spread"):
        values = np.array([one[kind][0, 0] for one in found])
        assert (values.mean(), values.std()) == (pytest.approx(0, abs=0.6), pytest.approx(1, abs=0.15))


@pytest.mark.parametrize(
    ("change", "kind", "sign"),
    [
        (lambda x: x + 0.5, "shift", 1),
        (lambda x: x - 0.5, "shift", -1),
        (lambda x: 1.5 * x, "spread", 1),
        (lambda x: x / 1.5, "spread", -1),
        (lambda x: np.where(x > 1.645, 2 * x, x), "extremes", 1),
        (lambda x: np.where(x < -1.645, 2 * x, x), "extremes", 1),
        (lambda x: np.where(np.abs(x) < 0.6, 0.6, x), "shape", 1),
        (lambda x: np.where(x > 1, 3.0, x), "tail", 1),
    ],
)
def test_each_kind_of_shift_has_its_score(source, change, kind, sign):
    x = np.random.default_rng(2).normal(size=500)
    still, moved = (numeric_z(*sums(source, values, labels(500)))[kind][0, 0] for values in (x, change(x)))
    assert abs(still) < 3.5
    assert sign * moved > 6


def test_only_a_rise_of_the_missing_share_scores(source):
    x = np.random.default_rng(3).normal(size=500)
    more, _ = missing_z(*sums(source, np.where(np.arange(500) < 25, np.nan, x), labels(500)))
    batch, rest = sums(source, x, labels(500))
    assert more[0, 0] > 6
    assert missing_z(rest, batch)[0][0, 0] == 0


def test_a_label_scores_by_its_share_and_a_new_one_by_itself(source):
    rare = np.array(["a"] * 290 + ["new"] * 10)
    batch, rest = sums(source, np.zeros(300), rare)
    assert level_z(batch.labels[0], rest.labels[0])[0, 1] < -10  # no b where 30 % are due
    assert unseen_z(batch.labels[0], rest.labels[0])[0] > 5
    assert unseen_z(rest.labels[0], rest.labels[0])[0] == 0


def test_labels_that_only_a_drawn_batch_has_count_as_unseen():
    # of two rows with label 1, both are in the batch: the rest has never seen it
    batch, rest = np.array([[5.0, 2.0, 0.0, 0.0]]), np.array([[50.0, 0.0, 0.0, 0.0]])
    assert level_z(batch, rest)[0, 1] == 0
    assert unseen_z(batch, rest)[0] > 1


def test_an_empty_batch_scores_nothing(source):
    batch, rest = sums(source, np.full(5, np.nan), [None] * 5)
    assert all((z == 0).all() for z in numeric_z(batch, rest).values())
    assert (level_z(batch.labels[0], rest.labels[0]) == 0).all()
    assert unseen_z(batch.labels[0], rest.labels[0]) == 0
