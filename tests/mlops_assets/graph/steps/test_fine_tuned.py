"""A fine-tuned model through a retrain: fitted, judged, recorded, written."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from mlops_assets.bundle.load import load_bundle
from mlops_assets.graph.steps.candidate import fit_candidate
from mlops_assets.graph.steps.training_record import training_run
from mlops_assets.use_cases.load import find_use_case
from resources.state.retrains import Retrain

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def fitted(settings, reviews):
    """The winner between the baseline and a BERT, on 270 rows."""
    use_case = find_use_case("review_rating", None, ["training.engine=lean", "training.folds=2"])
    changed = {"families": ("bert",), "explain_rows": 20, "bert": settings(epochs_max=1)}
    use_case = use_case.model_copy(update={"training": use_case.training.model_copy(update=changed)})
    texts = [f"{text} {number}" for number in range(3) for text in reviews["text"]]
    frame = pd.DataFrame({"id": range(270), "score": [*reviews["score"]] * 3, "text": texts, "_batch": "a"})
    frame["id"] = frame["id"].astype(str)
    return fit_candidate(frame, use_case, None, frozenset(), lambda line: None)


def test_the_report_tells_how_the_fit_went(fitted):
    report = fitted.report()
    assert report["model"] == "bert"
    assert report["fit_record"]["curve"]
    assert {row["candidate"]: row["reason"] for row in report["leaderboard"]}["bert"].startswith(
        "scored on the last of 2 folds; all "
    )
    assert fitted.metrics["mae"] < 2  # the baseline errs by 3


def test_the_run_holds_settings_versions_curve_and_errors(fitted):
    at = datetime(2026, 11, 27, tzinfo=UTC)
    retrain = Retrain(
        1, "review_rating", "run", "hash", ["a-1"], 270, "first", 0, "prepared", None, None, None, at, None
    )
    run = training_run(fitted, fitted.use_case, retrain)
    assert {"library.torch", "library.transformers", "library.tokenizers", "fit.stopped", "fit.parity"} < set(
        run.params
    )
    assert run.params["training.bert"]["learning_rate"] == 2e-4
    assert {"epoch", "train_loss", "held_out_loss"} < set(run.tables["fit_curve.json"][0])
    assert {"holdout_mae", "holdout_rmse", "holdout_r2"} < set(run.metrics)
    assert "plots/fit_curve.png" in run.artifacts
    assert "plots/words.png" in run.artifacts


def test_its_bundle_answers(fitted, tmp_path):
    fitted.write(tmp_path / "bundle", data_hash="hash", created="now")
    bundle = load_bundle(tmp_path / "bundle")
    assert bundle.manifest.candidate == "bert"
    good, bad = bundle.answer_rows([{"text": "a good film"}, {"text": "a bad film"}]).values
    assert good > bad
