import numpy as np
import pytest

from mlops_assets.drift.codes import label_coding, numeric_coding
from mlops_assets.drift.findings import TOGETHER, column_findings, joint_findings, shifts
from mlops_assets.drift.groups import costs
from mlops_assets.drift.joint import scored_rows, sum_rows
from mlops_assets.drift.source import build_source
from mlops_assets.drift.table import CodedTable

ROWS = 2000
X = np.random.default_rng(0).normal(size=ROWS)
LABELS = np.array(["a", "b", "c", "d"] * (ROWS // 4), dtype=object)


@pytest.fixture(scope="module")
def source():
    codings = {"x": numeric_coding(np.sort(X)), "c": label_coding({"a": 1, "b": 1, "c": 1, "d": 1})}
    return build_source(CodedTable(codings, np.stack([codings["x"].encode(X), codings["c"].encode(LABELS)], axis=1)))


def findings(source, x, labels, missing_too=True):
    codes = np.stack([source.table.codings["x"].encode(x), source.table.codings["c"].encode(labels)], axis=1)
    counts = np.stack([np.bincount(column, minlength=256) for column in codes.T]).astype(float)
    batch, cost = source.sums_of_counts(counts, len(x)), costs([source])
    scores, present = scored_rows(source.table, codes)
    together = sum_rows(scores[None].astype(float), present[None].astype(float))
    found = column_findings(source, batch, dict.fromkeys(("x", "c"), missing_too), cost)
    found += joint_findings(source, together, np.flatnonzero(together.present[0] == 0), cost)
    return {(one.column, one.kind): one for one in found}, batch


def test_effects_are_in_the_unit_of_their_kind(source):
    x, labels = np.sort(X)[: ROWS // 2], np.repeat(np.array(["a", "new"], dtype=object), [900, 100])
    found, batch = findings(source, x, labels)
    # the lower half of a normal distribution: its mean is -sqrt(2 / pi)
    assert found["x", "shift"].effect == pytest.approx(-np.sqrt(2 / np.pi), abs=0.02)
    assert abs(found["x", "tail"].effect) == pytest.approx(0.05, abs=0.002)  # twice as many below, none above
    assert found["x", "shape"].effect == pytest.approx(0.5, abs=0.01)  # half of the rows would have to move
    assert (found["c", "label"].effect, found["c", "label"].detail) == (pytest.approx(0.65), "a")
    assert found["c", "unseen"].effect == pytest.approx(0.1)
    assert shifts(source, batch)["x"] == pytest.approx((-np.sqrt(2 / np.pi), ROWS // 2), abs=0.02)


def test_columns_together_have_one_finding_for_pairs_and_one_for_all(source):
    found, _ = findings(source, X, np.where(X > 0, "a", "b").astype(object))
    assert found[TOGETHER, "correlation"].detail in ("x and c", "c and x")
    assert found[TOGETHER, "correlation"].score > 10
    assert found[TOGETHER, "overall"].effect > 0


def test_a_missing_share_counts_where_it_is_asked_for(source):
    x = np.where(np.arange(ROWS) < 200, np.nan, X)
    assert findings(source, x, LABELS)[0]["x", "missing"].effect == pytest.approx(0.1)
    assert ("x", "missing") not in findings(source, x, LABELS, missing_too=False)[0]


def test_a_column_without_values_has_no_part_in_pairs(source):
    found, batch = findings(source, np.full(300, np.nan), LABELS[:300])
    assert found[TOGETHER, "correlation"].score < 1
    assert shifts(source, batch) == {}
