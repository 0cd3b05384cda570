"""The whole loop on real film reviews: short ones first, then long ones."""

import json
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest

from mlops_assets.demo.reviews import FILE, LONG, SHORT, read_reviews

pytestmark = pytest.mark.slow

USE_CASE = "ratings"
SHARED = Path(__file__).parents[3] / "shared" / "data" / "reviews"
FIRST, LATER, LANDED, TRAFFIC = 1500, 400, 2600, 900
TEXT = ("training.families=[tfidf_linear]", "training.explain_rows=50")


@pytest.fixture
def parts(tmp_path: Path) -> dict[str, Path]:
    """The file's reviews in parts, each as a file of the use case's format."""
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not there; this story needs real data")
    reviews = read_reviews(SHARED / FILE).sample(frac=1, random_state=0)
    lengths = reviews["text"].str.len()
    short, long = reviews[lengths <= SHORT], reviews[lengths >= LONG]
    frames = {
        "first": short[:FIRST],
        "later": short[FIRST : FIRST + LATER],
        "long": long[:LANDED],
        "traffic": long[LANDED : LANDED + TRAFFIC],
    }
    for name, frame in frames.items():
        frame.to_csv(tmp_path / f"{name}.tsv", index=False, sep="\t")
    return {name: tmp_path / f"{name}.tsv" for name in frames}


def test_long_reviews_raise_an_alarm_and_end_in_a_promotion(home, parts: dict[str, Path], tmp_path: Path) -> None:
    home.edit(Path(str(files("mlops_assets.use_cases"))) / "review_rating.yaml", USE_CASE, *TEXT)

    home.mlops("land", parts["first"], "--use-case", USE_CASE)
    home.mlops("run", "--once", USE_CASE)
    home.mlops("land", parts["later"], "--use-case", USE_CASE)
    home.mlops("run", "--once", USE_CASE)
    status = home.status(USE_CASE)
    assert status["batches"] == {"accepted": 2}
    assert (status["champion"], status["challenger"], status["drift"]["status"]) == (1, None, "no_drift")

    home.mlops("land", parts["long"], "--use-case", USE_CASE)
    home.mlops("run", "--once", USE_CASE)
    status = home.status(USE_CASE)
    assert (status["drift"]["status"], status["champion"], status["challenger"]) == ("drift", 1, 2)
    assert "text (characters)" in status["drift"]["sentence"] or "text (words)" in status["drift"]["sentence"]

    with home.router():
        sent = home.mlops("simulate", USE_CASE, "--from", parts["traffic"], "--requests", TRAFFIC, "--json")
    assert sum(json.loads(sent.splitlines()[-1])["truths"].values()) == TRAFFIC
    home.mlops("run", "--once", USE_CASE)
    status = home.status(USE_CASE)
    assert (status["champion"], status["verdict"]["outcome"]) == (2, "promote"), status["verdict"]

    one = home.mlops("train", USE_CASE, "training.families=[tfidf_forest]", "--json")
    assert json.loads(one.splitlines()[-1])["status"] in ("registered", "refused")
    reports = sorted((home.root / "lake" / USE_CASE / "candidates").glob("*/report.json"))
    report = json.loads(reports[-1].read_text(encoding="utf-8"))
    assert {row["family"] for row in report["leaderboard"]} == {"dummy", "tfidf_forest"}
    assert len(report["explained"]["words"]["names"]) >= 5

    home.mlops("predict", parts["traffic"], "--use-case", USE_CASE, "--output", tmp_path / "answers.tsv")
    answers = pd.read_csv(tmp_path / "answers.tsv", sep="\t")
    assert (answers["prediction"] - answers["score"]).abs().mean() < 1.3  # the mean score alone errs by 1.8
