import json
import runpy
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlops_assets.decision.verdict import decide
from mlops_assets.demo.twin import draw_wine
from mlops_assets.drift.reference import build_reference
from mlops_assets.drift.score import score_drift
from mlops_assets.use_cases.load import load_use_case

ROOT = Path(__file__).resolve().parents[3]
REAL = ROOT.parent / "shared" / "data" / "wine"
TWIN = files("mlops_assets.demo").joinpath("wine_twin.json")


@pytest.fixture(scope="module")
def use_case():
    return load_use_case(Path(str(files("mlops_assets.use_cases").joinpath("wine_quality.yaml"))))


def test_the_twin_says_that_it_is_synthetic_and_stays_small():
    text = TWIN.read_text(encoding="utf-8")
    assert json.loads(text)["about"].startswith("Synthetic: ")
    assert len(text) < 80_000


@pytest.mark.parametrize("colour", ["red", "white"])
def test_rows_have_the_columns_of_the_use_case_within_its_bounds(use_case, colour):
    drawn = draw_wine(colour, 3000, random_state=1)
    assert list(drawn) == list(use_case.columns)
    for name, column in use_case.columns.items():
        assert drawn[name].between(column.min, column.max).all()
    assert drawn["quality"].isin(range(3, 10)).all()
    assert (drawn["pH"] == drawn["pH"].round(2)).all()


@pytest.mark.parametrize("colour", ["red", "white"])
def test_drawn_rows_have_the_means_and_spreads_that_the_twin_states(colour):
    drawn = draw_wine(colour, 40_000, random_state=2)
    groups = json.loads(TWIN.read_text(encoding="utf-8"))["colours"][colour]["groups"]
    for quality in ("5", "6", "7"):
        rows = drawn[drawn["quality"] == int(quality)].drop(columns="quality")
        shift = (rows.mean() - groups[quality]["mean"]).abs() / groups[quality]["std"]
        assert shift.max() < 0.1
        assert rows.std().to_numpy() == pytest.approx(groups[quality]["std"], rel=0.25)


def test_density_and_alcohol_move_against_each_other_as_in_wine():
    assert draw_wine("white", 3000, random_state=3)[["density", "alcohol"]].corr().iloc[0, 1] < -0.6


def test_the_same_seed_gives_the_same_rows_and_another_one_others():
    assert draw_wine("red", 50, random_state=4).equals(draw_wine("red", 50, random_state=4))
    assert not draw_wine("red", 50, random_state=4).equals(draw_wine("red", 50, random_state=5))


def test_no_rows_keep_their_columns():
    assert draw_wine("red", 0, random_state=0).shape == (0, 12)


def test_another_colour_is_refused():
    with pytest.raises(ValueError, match="colour 'rose' is unknown; available: red, white"):
        draw_wine("rose", 1, random_state=0)


def test_white_drifts_from_red_and_more_red_does_not(use_case):
    reference = build_reference(draw_wine("red", 800, random_state=6), use_case)
    for seed in range(10):
        assert score_drift(reference, draw_wine("red", 300, seed), use_case.drift).status == "no_drift"
    report = score_drift(reference, draw_wine("white", 300, 7), use_case.drift)
    assert report.status == "drift"
    assert "total sulfur dioxide" in report.drifted


@pytest.mark.slow
def test_a_model_that_saw_white_beats_the_red_one_within_two_thousand_labels(use_case):
    from sklearn.ensemble import RandomForestClassifier

    red, white = draw_wine("red", 1500, random_state=8), draw_wine("white", 3500, random_state=9)
    champion, challenger = (
        RandomForestClassifier(100, min_samples_leaf=2, random_state=0).fit(
            rows.drop(columns="quality"), rows["quality"]
        )
        for rows in (red[:1000], pd.concat([red[:1000], white[:1500]]))
    )
    assert 0.5 < champion.score(red[1000:].drop(columns="quality"), red["quality"][1000:]) < 0.7
    asked = white[1500:]
    wrong = [model.predict(asked.drop(columns="quality")) != asked["quality"] for model in (champion, challenger)]
    assert decide(*(np.asarray(loss, dtype=float) for loss in wrong), use_case.decision).outcome == "promote"


@pytest.mark.skipif(not REAL.exists(), reason=f"the real Wine Quality files are not at {REAL}")
def test_the_script_writes_the_twin_that_is_shipped(tmp_path):
    runpy.run_path(str(ROOT / "scripts" / "make_wine_twin.py"))["main"](REAL, tmp_path / "twin.json")
    assert (tmp_path / "twin.json").read_text(encoding="utf-8") == TWIN.read_text(encoding="utf-8")
