"""The whole loop on real scans that OCR reads: clean exports first, then photos and thermal receipts."""

from pathlib import Path

import pandas as pd
import pytest
import requests

from mlops_assets.ocr.engines import ENGINES
from resources.settings import read_settings
from tests.end_to_end.conftest import SHARED
from tests.end_to_end.test_document_type import SHIPPED
from tests.stage.real_scans import archive_of, head_of, read_labels

pytestmark = pytest.mark.slow

SCANS = SHARED / "documents"
LANDED, SENT = 24, 12  # receipts of the second batch, and of those that are uploaded afterwards
CHANGES = (
    "format.engines=[tesseract]",
    "training.families=[tfidf_linear]",
    "training.holdout_share=0.15",
    "drift.rows_min=20",
    "retrain.rows_min=60",
    "decision.labels_min=10",
    "routing.split_b=1",  # few receipts: the challenger answers each
)


@pytest.fixture
def scans() -> pd.DataFrame:
    if not (SCANS / "labels.csv").is_file():
        pytest.skip(f"{SCANS} is not there; this story needs real scans")
    if not ENGINES["tesseract"].available().usable:
        pytest.skip(ENGINES["tesseract"].available().sentence)
    return read_labels(SCANS)


def test_receipts_drift_are_learned_and_win(home, tmp_path, scans) -> None:
    receipt = scans["label"] == "receipt"
    receipts = list(scans[receipt].itertuples(index=False, name=None))
    home.edit(SHIPPED, "scans", *CHANGES)

    land(home, tmp_path / "clean.zip", scans[~receipt].itertuples(index=False, name=None))
    told = home.mlops("run", "--once", "scans")
    assert f"{(~receipt).sum()} rows accepted, 0 in quarantine" in told
    assert home.status("scans")["champion"] == 1

    land(home, tmp_path / "receipts.zip", receipts[:LANDED])
    home.mlops("run", "--once", "scans")
    status = home.status("scans")
    assert (status["drift"]["status"], status["champion"], status["challenger"]) == ("drift", 1, 2)

    with home.router():
        answers = pd.DataFrame([upload(SCANS / file) for file, _ in receipts[LANDED:][:SENT]])
    assert set(answers["version"]) == {2}
    assert (answers["value"] == "receipt").mean() > 0.5
    assert answers["ocr_confidence"].between(0.2, 1).all()
    home.mlops("run", "--once", "scans")
    status = home.status("scans")
    assert (status["champion"], status["verdict"]["outcome"]) == (2, "promote")


def land(home, path: Path, scans) -> None:
    path.write_bytes(archive_of(SCANS, scans))
    home.mlops("land", path, "--use-case", "scans")


def upload(path: Path) -> dict:
    """The router's answer about one receipt, after it was told the truth."""
    base = f"http://127.0.0.1:{read_settings().router_port}"
    form = {"use_case": "scans", "return_all_scores": "true"}
    answer = requests.post(f"{base}/upload-and-predict", data=form, files={"file": head_of(path)}, timeout=600)
    assert answer.status_code == 200, answer.text
    prediction = answer.json()["prediction"]
    truth = {"prediction_id": prediction["prediction_id"], "truth": "receipt"}
    assert requests.post(f"{base}/feedback", json=truth, timeout=600).status_code == 200
    return prediction
