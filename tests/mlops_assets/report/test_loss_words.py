import numpy as np
import pytest

from mlops_assets.decision.harm import Harm
from mlops_assets.loss.estimate import LossEstimate
from mlops_assets.loss.model_report import SEEN, ModelReport
from mlops_assets.loss.shift import score_losses
from mlops_assets.loss.sketch import sketch_losses
from mlops_assets.report.loss_words import harm_sentence, model_sentence
from mlops_assets.spec import DriftPolicy, RetrainPolicy


def report(*batches: tuple[int, int], reference=(1600, 400)) -> ModelReport:
    """Right and wrong answers by batch."""
    sketches = [sketch_losses(np.repeat([0, 1], counts), 1.0) for counts in (reference, *batches)]
    shift = score_losses(sketches[0], sketches[1:], DriftPolicy(), two_points=True)
    return ModelReport("drift" if shift.drifted else "no_drift", loss=shift)


def estimated(*doubts: str) -> ModelReport:
    return ModelReport("no_labels", estimate=LossEstimate(0.25, 0.2, 0.3, 0.05, 0.0, 0.1, 500, doubts, 800))


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (
            report((400, 100)),
            "Model without drift: mean loss 0.2 on 500 labelled rows, 1.00 times the 0.2 at training (limit 1.1, p = 1 "
            "at any time, alarm at 0.05)",
        ),
        (report((200, 300)), "Model drift: mean loss 0.6 on 500 labelled rows, 3.00 times the 0.2 at training (limit"),
        (report((400, 100), (300, 200), (300, 200)), "training, risen for 2 batches (limit 1.1, p < 1e-06"),
        (report((0, 60), reference=(200, 0)), "any multiple of the 0 at training"),
        (SEEN, "Model: cannot say, the champion was trained on this batch"),
        (estimated(), "no labels came with the batch; its mean loss is estimated at 0.25 (0.2 to 0.3)"),
        (estimated("a is new", "b is new"), "an estimate of its loss would not hold: a is new; b is new"),
    ],
)
def test_the_model_has_its_sentence(model, words):
    assert words in model_sentence(model)


def test_harm_has_its_sentence():
    harm = Harm("labels", True, "500 labels of this batch", 0.06, 0.02, 0.1, 0.26)
    assert harm_sentence(harm, RetrainPolicy()) == (
        "Harm: +0.06 loss a row (+0.02 to +0.1, 500 labels of this batch), +600 over 10,000 rows"
    )
    assert harm_sentence(harm, RetrainPolicy(when="harm", cost=700)).endswith("rows, a retrain costs 700")
    assert harm_sentence(Harm("unknown", False, "a is new"), RetrainPolicy()) == "Harm: cannot say, a is new"
    calm = Harm("labels", False, "500 labels of this batch", -0.01, -0.05, 0.03, 0.19)
    assert harm_sentence(calm, RetrainPolicy()).startswith("No proven harm: -0.01 loss a row (-0.05 to +0.03,")
