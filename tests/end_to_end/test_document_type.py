"""The whole loop on scans: papers in one language first, then in another."""

import json
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest

from mlops_assets.decode import document
from tests.stage.told_reader import ToldReader, told_archive

pytestmark = pytest.mark.slow

SHIPPED = Path(str(files("mlops_assets.use_cases"))) / "document_type.yaml"


def test_papers_of_another_language_raise_an_alarm_and_end_in_a_promotion(home, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(document, "Reader", ToldReader)
    changes = ("training.families=[tfidf_linear]", "decision.labels_min=30")
    home.edit(SHIPPED, "papers", *changes)
    archives = {
        "first": told_archive("english", 120, 1, broken=2),
        "later": told_archive("english", 120, 2),
        "changed": told_archive("spanish", 120, 3),
        "traffic": told_archive("spanish", 120, 4),
    }
    paths = {name: tmp_path / f"{name}.zip" for name in archives}
    for name, path in paths.items():
        path.write_bytes(archives[name])

    home.mlops("land", paths["first"], "--use-case", "papers")
    told = home.mlops("run", "--once", "papers")
    assert "120 rows accepted, 2 in quarantine" in told
    assert home.status("papers")["champion"] == 1

    home.mlops("land", paths["later"], "--use-case", "papers")
    home.mlops("run", "--once", "papers")
    status = home.status("papers")
    assert (status["drift"]["status"], status["champion"], status["challenger"]) == ("no_drift", 1, None)

    home.mlops("land", paths["changed"], "--use-case", "papers")
    home.mlops("run", "--once", "papers")
    status = home.status("papers")
    assert (status["drift"]["status"], status["champion"], status["challenger"]) == ("drift", 1, 2)

    with home.router():
        sent = home.mlops("simulate", "papers", "--from", paths["traffic"], "--requests", 120, "--json")
    assert sum(json.loads(sent.splitlines()[-1])["truths"].values()) == 120
    home.mlops("run", "--once", "papers")
    status = home.status("papers")
    assert (status["champion"], status["verdict"]["outcome"]) == (2, "promote")

    answers = pd.read_csv(home.mlops("predict", paths["first"], "--use-case", "papers").splitlines()[-1])
    known = answers["label"].notna()
    assert (answers["prediction"] == answers["label"])[known].mean() > 0.9
    assert answers["abstained"].dtype == bool
    assert answers["problem"][~known].tolist() == ["the scan is of no use [unreadable]"] * 2
