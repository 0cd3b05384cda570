import pytest

from mlops_assets.drift.metrics.missing_share import missing_share


@pytest.mark.parametrize(("counts", "rise"), [((5, 100, 20, 100), 0.15), ((5, 100, 0, 10), -0.05), ((0, 7, 0, 3), 0.0)])
def test_rise_in_points(counts, rise):
    assert missing_share(*counts) == pytest.approx(rise)
