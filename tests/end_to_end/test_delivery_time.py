"""The whole loop on real deliveries: everything but groceries first, then groceries, which take a fifth of the time."""

import json
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest

pytestmark = pytest.mark.slow

USE_CASE = "deliveries"
FIRST, LATER, GROCERIES, ASKED = 5000, 1500, 800, 200


@pytest.fixture
def parts(deliveries: Path, tmp_path: Path) -> dict[str, Path]:
    """The file in parts, as texts, so that blanks and the like stay what they are."""
    table = pd.read_csv(deliveries / "amazon_delivery.csv", dtype=str, keep_default_na=False)
    is_grocery = table["Category"].str.strip() == "Grocery"
    others, groceries = table[~is_grocery], table[is_grocery]
    frames = {
        "first": others[:FIRST].loc[lambda rows: rows["Order_Time"] != "NaN "],  # they would be a batch too small
        "later": others[FIRST : FIRST + LATER],
        "groceries": groceries[:GROCERIES],
        "traffic": groceries[GROCERIES:],
        "asked": others[-ASKED:].drop(columns=["Delivery_Time"]),
    }
    for name, frame in frames.items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    return {name: tmp_path / f"{name}.csv" for name in frames}


def test_groceries_raise_an_alarm_and_end_in_a_promotion(home, parts, tmp_path: Path) -> None:
    # its first weeks lie in other towns: the champion is to know all of them
    changes = ("retrain.rows_min=4900", "stream.window=14d")
    home.edit(Path(str(files("mlops_assets.use_cases"))) / "delivery_time.yaml", USE_CASE, *changes)

    assert home.mlops("land", parts["first"], "--use-case", USE_CASE, "--every", "14d").count("landed /") > 2
    home.mlops("run", "--once", USE_CASE)
    status = home.status(USE_CASE)
    assert (status["champion"], status["challenger"], status["drift"]) == (1, None, None)

    home.mlops("land", parts["later"], "--use-case", USE_CASE)
    home.mlops("run", "--once", USE_CASE)
    status = home.status(USE_CASE)
    assert (status["drift"]["status"], status["drift"]["model_status"]) == ("no_drift", "no_drift")
    assert status["challenger"] is None

    home.mlops("land", parts["groceries"], "--use-case", USE_CASE)
    home.mlops("run", "--once", USE_CASE)
    status = home.status(USE_CASE)
    assert (status["drift"]["status"], status["drift"]["worst_column"]) == ("drift", "Delivery_Time")
    assert status["drift"]["model_status"] == "drift"
    assert (status["champion"], status["challenger"]) == (1, 2)
    assert "most of all Delivery_Time" in status["retrain"]["cause"]

    with home.router():
        sent = home.mlops("simulate", USE_CASE, "--from", parts["traffic"], "--requests", 150, "--json")
    assert sum(json.loads(sent.splitlines()[-1])["truths"].values()) == 150
    home.mlops("run", "--once", USE_CASE)
    status = home.status(USE_CASE)
    assert (status["champion"], status["challenger"]) == (2, 1)  # the one before is watched for a while
    assert status["verdict"]["outcome"] == "promote"
    assert status["verdict"]["low"] > 0.5  # the margin of the use case

    home.mlops("rollback", USE_CASE)
    home.mlops("run", "--once", USE_CASE)
    assert home.status(USE_CASE)["champion"] == 1

    home.mlops("predict", parts["asked"], "--use-case", USE_CASE, "--output", tmp_path / "answers.csv")
    answers = pd.read_csv(tmp_path / "answers.csv")
    assert len(answers) == ASKED
    assert answers["prediction"].between(10, 300).all()

    page = Path(home.mlops("report", "summary", USE_CASE).splitlines()[-1]).read_text(encoding="utf-8")
    assert page.count("<img") == 1
    assert "most of all Delivery_Time" in page
    assert "goes with Delivery_Time" in page
    explored = Path(home.mlops("report", "eda", USE_CASE).splitlines()[-1])
    assert explored.read_text(encoding="utf-8").count("<td>closed</td>") >= 2
    assert len(list(explored.parent.glob("2022*-14d.html"))) >= 2
    log = pd.read_csv(Path(home.mlops("log", "export", USE_CASE, "--format", "csv").splitlines()[-1]))
    assert len(log) == 150
    printed = Path(home.mlops("report", "ab", USE_CASE).splitlines()[0]).read_text(encoding="utf-8")
    assert "<td>mae</td>" in printed
    assert (home.root / "reports" / USE_CASE / "interval.png").stat().st_size > 1000
