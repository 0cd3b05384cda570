import pytest

from mlops_assets.drift.holm import holm


def test_by_hand():
    # sorted 0.01, 0.03, 0.04 times 3, 2, 1 = 0.03, 0.06, 0.04; the last may not fall below the one before it
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_never_above_one():
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_no_test_no_value():
    assert holm([]) == []
