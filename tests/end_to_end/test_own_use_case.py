"""Use cases made by `mlops use-case init` from files that nobody planned for, through the whole loop without Python."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.slow

FARES = ("fare_amount", "extra", "mta_tax", "tip_amount", "tolls_amount", "improvement_surcharge", "total_amount")
FARES += ("payment_type", "congestion_surcharge")


def flowers(n: int, seed: int, *, other_field: bool = False) -> pd.DataFrame:
    """Three kinds, one of them rare; in the other field flowers are larger and the order of sizes is reversed."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(["Rose", "Tulpe", "Gelber Enzian"], n, p=[0.6, 0.35, 0.05])
    step = pd.Series(kind).map({"Rose": 3.0, "Tulpe": 5.0, "Gelber Enzian": 8.0})
    height = (95 + (8 - step) * 10 if other_field else step * 10) + rng.normal(0, 6, n)
    return pd.DataFrame(
        {
            "Größe (cm)": height.round(2),
            "petal width": (step + rng.normal(0, 1.5, n)).round(2).where(rng.random(n) > 0.08),
            "frisch?": rng.choice(["true", "false"], n),
            "Farbe": rng.choice([" rot", "gelb ", "weiß", ""], n, p=[0.5, 0.3, 0.15, 0.05]),
            "Bemerkung": "",
            "Tag": pd.date_range("2024-06-01" if other_field else "2024-01-01", periods=n, freq="3h").strftime(
                "%d/%m/%Y"
            ),
            "Sorte": kind,
        }
    )


def houses(n: int, seed: int, *, other_field: bool = False) -> pd.DataFrame:
    """Rents of flats; in the other field flats are larger, and a square metre costs a third."""
    rng = np.random.default_rng(seed)
    size = rng.uniform(110, 160, n) if other_field else rng.uniform(30, 100, n)
    lift = rng.choice([True, False], n)
    rent = size * (3 if other_field else 10) + 80 * lift + rng.normal(0, 20, n)
    return pd.DataFrame(
        {
            "flat no": [f"F-{seed}-{row:05d}" for row in range(n)],
            "Fläche m²": size.round(1),
            "lift": lift,
            "zip.code": rng.choice(["01067", "01069", "01097"], n),
            "rooms": rng.integers(1, 6, n).astype(str),
            "heating": rng.choice(["gas", "n/a", "district, old"], n),
            "empty": None,
            "Miete €": rent.round(2),
        }
    )


STORIES = {
    "flowers": (flowers, ("--target", "Sorte", "--time", "Tag"), "Größe (cm)", {"sep": ";", "decimal": ","}),
    "houses": (houses, ("--target", "Miete €"), "Fläche m²", {"sep": "\t", "encoding": "utf-8-sig"}),
}


@pytest.mark.parametrize("name", STORIES)
def test_a_file_becomes_a_use_case_that_closes_the_loop(name: str, home, tmp_path: Path) -> None:
    make, options, moved, form = STORIES[name]
    frames = {
        "first": make(700, 1),
        "later": make(300, 2),
        "other": make(500, 3, other_field=True),
        "traffic": make(400, 4, other_field=True),
    }
    for part, frame in frames.items():
        frame.to_csv(tmp_path / f"{part}.csv", index=False, **form)

    home.mlops("use-case", "init", tmp_path / "first.csv", "--name", "made", *options)
    assert "made: good" in home.mlops("use-case", "check", "made")
    home.edit(home.use_cases / "made.yaml", "made", "training.families=[tree,lightgbm]")

    home.mlops("land", tmp_path / "first.csv", "--use-case", "made", "--rows", 350)
    home.mlops("run", "--once", "made")
    home.mlops("land", tmp_path / "later.csv", "--use-case", "made")
    home.mlops("run", "--once", "made")
    status = home.status("made")
    assert status["batches"] == {"accepted": 3}
    assert (status["champion"], status["drift"]["status"]) == (1, "no_drift")

    home.mlops("land", tmp_path / "other.csv", "--use-case", "made")
    home.mlops("run", "--once", "made")
    status = home.status("made")
    assert (status["drift"]["status"], status["drift"]["model_status"]) == ("drift", "drift")
    assert f"most of all {moved}" in status["drift"]["sentence"]
    assert (status["champion"], status["challenger"]) == (1, 2), status["retrain"]["reason"]

    with home.router():
        home.mlops("simulate", "made", "--from", tmp_path / "traffic.csv", "--requests", 150)
    home.mlops("run", "--once", "made")
    status = home.status("made")
    assert (status["champion"], status["verdict"]["outcome"]) == (2, "promote")

    home.mlops("predict", tmp_path / "traffic.csv", "--use-case", "made")
    answers = pd.read_csv(tmp_path / "traffic-predicted.csv", **form)
    truth, given = frames["traffic"][options[1]], answers["prediction"]
    is_label = truth.dtype == object
    assert (given == truth).mean() > 0.9 if is_label else (given - truth).abs().mean() < 60
    assert "made" in Path(home.mlops("report", "summary", "made").splitlines()[-1]).read_text(encoding="utf-8")


def test_the_duration_of_a_trip_is_learned_from_its_two_ends(home, deliveries: Path, tmp_path: Path) -> None:
    trips = pd.read_parquet(deliveries / "green_tripdata_2023-03.parquet")
    # The last rows are another kind of record: see the data's README. A day is unlike the next, so days are mixed.
    usual, others = trips[:67507].sample(8000, random_state=0), trips[67507:]
    usual[:6000].to_parquet(tmp_path / "first.parquet")
    usual[6000:].to_parquet(tmp_path / "later.parquet")
    others[:2000].to_parquet(tmp_path / "others.parquet")
    asked = others[2000:2100].drop(columns=["lpep_dropoff_datetime"])
    asked.to_parquet(tmp_path / "asked.parquet")

    moments = ("--target", "lpep_dropoff_datetime", "--time", "lpep_pickup_datetime")
    home.mlops("use-case", "init", deliveries / "green_tripdata_2023-03.parquet", "--name", "trips", *moments)
    target = "columns.minutes_until_lpep_dropoff_datetime"
    later_known = [f"columns.{name}.feature=false" for name in FARES]
    home.edit(home.use_cases / "trips.yaml", "trips", f"{target}.min=1", f"{target}.max=60", *later_known)

    home.mlops("land", tmp_path / "first.parquet", "--use-case", "trips")
    home.mlops("run", "--once", "trips")
    home.mlops("land", tmp_path / "later.parquet", "--use-case", "trips")
    home.mlops("run", "--once", "trips")
    assert home.status("trips")["drift"]["status"] == "no_drift"

    home.mlops("land", tmp_path / "others.parquet", "--use-case", "trips")
    home.mlops("run", "--once", "trips")
    status = home.status("trips")
    assert (status["drift"]["status"], status["drift"]["model_status"]) == ("drift", "drift")
    assert status["retrain"]["status"] == "registered"
    assert status["challenger"] == 2

    home.mlops("predict", tmp_path / "asked.parquet", "--use-case", "trips", "--model", "challenger")
    answers = pd.read_parquet(tmp_path / "asked-predicted.parquet")
    assert answers["prediction"].between(1, 60).all()
