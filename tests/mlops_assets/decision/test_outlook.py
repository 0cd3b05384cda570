import pytest

from mlops_assets.decision.confidence import Interval
from mlops_assets.decision.outlook import labels_to_go
from mlops_assets.spec import Decision

WINE = Decision(loss="zero_one", labels_min=50)
MARGIN = Decision(loss="zero_one", margin=0.1, labels_min=50)


@pytest.mark.parametrize(
    ("interval", "decision", "to_go"),
    [
        (Interval(0.02, -0.02, 0.06), WINE, 300),  # promote: 100 * (0.04 / 0.02)**2 - 100
        (Interval(-0.02, -0.06, 0.02), WINE, 300),  # reject, its mirror
        (Interval(0.2, 0.05, 0.35), MARGIN, 130),  # promote: 100 * (0.15 / 0.1)**2 - 100 = 125, two figures
        (Interval(0.0, -0.2, 0.2), MARGIN, 300),  # equivalent: both ends from 0.2 to within 0.1
        (Interval(0.05, -0.1, 0.2), MARGIN, 800),  # equivalent: the upper end, 0.15 away, has 0.05 of room
    ],
)
def test_the_interval_shrinks_with_the_root_of_the_labels(interval, decision, to_go):
    assert labels_to_go(interval, 100, decision) == to_go


def test_there_is_no_verdict_before_the_fewest_labels():
    assert labels_to_go(Interval(0.5, 0.1, 0.9), 20, WINE) == 30


@pytest.mark.parametrize(
    ("interval", "labels"),
    [
        (Interval(0.0, -0.2, 0.2), 100),  # without a margin no number of labels tells equal models apart
        (Interval(0.001, -0.2, 0.2), 100),  # 40,000 times as many
        (Interval(0.3, 0.31, 0.4), 100),  # the difference did not stay the same
        (Interval(0.0, -1.0, 1.0), 0),
    ],
)
def test_what_cannot_be_said_is_not_said(interval, labels):
    assert labels_to_go(interval, labels, WINE) is None
