import numpy as np
import pytest

from mlops_assets.report.interval_png import interval_png
from mlops_assets.spec import Decision

PNG = b"\x89PNG\r\n\x1a\n"

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("labels", [1, 2, 30, 400])
@pytest.mark.parametrize("margin", [0.0, 0.05])
def test_the_interval_is_drawn_from_the_first_label_on(labels, margin):
    differences = np.random.default_rng(0).choice([1.0, 0.0, -1.0], labels)
    assert interval_png(differences, Decision(loss="zero_one", margin=margin), "title").startswith(PNG)


def test_equal_models_are_drawn_as_well():
    assert interval_png(np.zeros(50), Decision(loss="zero_one"), "title").startswith(PNG)


def test_the_same_evidence_gives_the_same_picture():
    differences = np.random.default_rng(0).choice([1.0, 0.0], 40)
    pictures = {interval_png(differences, Decision(loss="zero_one"), "title") for _ in range(2)}
    assert len(pictures) == 1
