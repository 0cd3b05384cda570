import math

import numpy as np
import pytest

from mlops_assets.drift.codes import label_coding, numeric_coding
from mlops_assets.drift.groups import GROUP_OF_KIND, costs, count_tests, surprise
from mlops_assets.drift.source import build_source
from mlops_assets.drift.table import CodedTable
from mlops_assets.spec import Floors


@pytest.fixture
def source():
    codings = {"x": numeric_coding(np.arange(9.0)), "c": label_coding({"a": 2, "b": 1})}
    codes = np.stack([codings["x"].encode(np.arange(9.0)), codings["c"].encode(list("aaabbbaab"))], axis=1)
    return build_source(CodedTable(codings, codes))


def test_the_tests_of_each_group_by_hand(source):
    # one number: 11; two labels on two sides: 4; one pair on two sides; a sum and two components on two sides
    assert count_tests(source) == {"missing": 2, "values": 11, "labels": 4, "unseen": 1, "correlation": 2, "overall": 5}


def test_a_group_costs_its_tests_and_all_groups_together(source):
    assert costs([source])["labels"] == pytest.approx(math.log10(4 * 6))
    assert costs([source, source])["labels"] == pytest.approx(math.log10(8 * 6))


def test_the_largest_score_after_costs_counts():
    cost = {"values": 2.0, "unseen": 0.0}
    found = [{"values": np.array([4.0, 4.0])}, {"unseen": np.array([0.0, 4.0])}]
    assert surprise(found, cost) == pytest.approx([4.499 - 2, 4.499], abs=1e-3)  # P(z > 4) = 3.17e-5


def test_every_kind_of_score_has_its_floor():
    assert set(GROUP_OF_KIND) == set(Floors.model_fields)
