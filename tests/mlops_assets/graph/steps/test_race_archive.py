from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from lightgbm import LGBMRegressor
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

from mlops_assets.graph.steps import race_archive
from mlops_assets.graph.steps.race_archive import Kept, from_bytes, to_bytes
from mlops_assets.spec.race import RacePolicy
from mlops_assets.training.booster import Booster
from mlops_assets.training.race.explained import Explained
from mlops_assets.training.race.policies import POLICIES
from mlops_assets.training.race.race import begin, take_window
from mlops_assets.training.race.rules import Rules
from mlops_assets.training.race.teach import Taught
from mlops_assets.training.race.window import Window

DAY = np.timedelta64(1, "D")


def day(number: int, labels: bool) -> Window:
    random = np.random.default_rng(number)
    X = pd.DataFrame({"x": random.normal(size=40), "colour": random.choice(["red", "blue"], 40)}).astype(
        {"colour": object}
    )
    X.loc[:2, "colour"], X.loc[3, "x"] = np.nan, 0.5
    y = np.where(X["x"] > 0, "above", "below") if labels else X["x"].to_numpy()
    start = np.datetime64("2026-01-01", "ns") + number * DAY
    return Window(f"day {number}", start, X, y, np.full(40, start + 1.5 * 24 * np.timedelta64(3600, "s")))


def rules(labels: bool, **policy) -> Rules:
    prepare = ColumnTransformer(
        [("n", "passthrough", ["x"]), ("c", OneHotEncoder(handle_unknown="ignore"), ["colour"])]
    )
    recipe = Pipeline([("prepare", prepare), ("model", LogisticRegression() if labels else Ridge())])

    def wrong(pipeline, X, y):
        found = pipeline.predict(X)
        return (found != y).astype(float) if labels else np.abs(found - y)

    return Rules(recipe, "linear", RacePolicy(rows_min=40, **policy), wrong, 0.1, stopwatch=lambda: 0.0)


@pytest.mark.parametrize("labels", [True, False])
@pytest.mark.parametrize("windows", [0, 1, 3, 6])
def test_a_race_goes_on_from_its_file_as_it_would_have_without(labels, windows):
    race = begin()
    for number in range(windows):
        race = take_window(race, day(number, labels), rules(labels))
    again = from_bytes(to_bytes(Kept(race, "linear plain", "2026-01-01T00:00:00+00:00", ()))).race
    assert again.turns == race.turns
    assert again.standing == race.standing
    for number in range(windows, windows + 3):
        race = take_window(race, day(number, labels), rules(labels))
        again = take_window(again, day(number, labels), rules(labels))
    assert again.turns == race.turns


def test_what_was_skipped_is_kept_too():
    race = begin()
    for number in range(4):
        race = take_window(race, day(number, labels=False), rules(labels=False))
    owed = replace(race.taught, owed={"continue": race.pending})
    again = from_bytes(to_bytes(Kept(replace(race, taught=owed), "ridge", "", ()))).race
    assert again.taught.owed["continue"].y.tolist() == race.pending.y.tolist()


def test_a_race_of_a_window_without_a_label_is_kept_and_goes_on():
    whole = day(0, labels=False)
    bare = Window(whole.key, whole.start, whole.X[:0], whole.y[:0], whole.known_at[:0])
    race = take_window(begin(), bare, rules(labels=False))
    again = from_bytes(to_bytes(Kept(race, "ridge", "", ()))).race
    for number in range(1, 5):
        race = take_window(race, day(number, labels=False), rules(labels=False))
        again = take_window(again, day(number, labels=False), rules(labels=False))
    assert again.turns == race.turns


def test_rows_come_back_numbered_from_0():
    race = begin()
    for number in range(4):
        race = take_window(race, day(number, labels=True), rules(labels=True))
    again = from_bytes(to_bytes(Kept(race, "linear", "", ()))).race
    pd.testing.assert_frame_equal(again.remembered.rows.X, race.remembered.rows.X)
    pd.testing.assert_frame_equal(again.pending.X, race.pending.X)
    assert again.pending.y.dtype.kind == race.pending.y.dtype.kind == "U"


def test_each_policy_gets_its_own_model_back_and_owes_what_it_owed():
    race = begin()
    for number in range(5):
        race = take_window(race, day(number, labels=False), rules(labels=False, recent=1))
    again = from_bytes(to_bytes(Kept(race, "ridge", "", ()))).race
    X = day(9, labels=False).X
    for name, model in race.taught.models.items():
        assert again.taught.models[name].predict(X).tolist() == model.predict(X).tolist()
    assert (
        len({tuple(model.predict(X)) for model in again.taught.models.values()}) == 3
    )  # of 'continue' and 'refit_all' alike
    assert again.taught.owed == {}


def test_models_that_policies_share_are_written_once():
    race = begin()
    for number in range(3):
        race = take_window(race, day(number, labels=False), rules(labels=False))
    again = from_bytes(to_bytes(Kept(race, "ridge", "", ()))).race
    assert len({id(model) for model in race.taught.models.values()}) == 1
    assert len({id(again.taught.models[name]) for name in POLICIES}) == 1


def test_names_and_explanations_come_back():
    told = Explained("day 1", "keep", {"x": 0.75, "colour": 0.25}, 1e-9, None, "")
    kept = from_bytes(to_bytes(Kept(begin(), "linear plain", "2026-01-05T00:00:00+00:00", (told,))))
    assert (kept.recipe, kept.last, kept.explained) == ("linear plain", "2026-01-05T00:00:00+00:00", (told,))


def test_a_type_that_is_not_trusted_is_not_read(monkeypatch):
    race = begin()
    for number in range(3):
        race = take_window(race, day(number, labels=False), rules(labels=False))
    data = to_bytes(Kept(race, "ridge", "", ()))
    monkeypatch.setattr("skops.io.get_untrusted_types", lambda data: ["os.system"])
    with pytest.raises(ValueError, match=r"types that are not trusted: os.system"):
        from_bytes(data)
    assert "os.system" not in race_archive.TRUSTED


def test_a_boosted_model_comes_back():
    race = begin()
    for number in range(2):
        race = take_window(race, day(number, labels=False), rules(labels=False))
    prepare = ColumnTransformer([("n", "passthrough", ["x"])])
    boosted = Pipeline([("prepare", prepare), ("model", Booster(LGBMRegressor(n_estimators=2, verbose=-1)))])
    X = race.pending.X
    models = dict.fromkeys(POLICIES, boosted.fit(X, race.pending.y))
    again = from_bytes(to_bytes(Kept(replace(race, taught=Taught(models, {}, {})), "lightgbm", "", ()))).race
    assert again.taught.models["keep"].predict(X).tolist() == boosted.predict(X).tolist()


def test_a_race_of_another_format_is_not_gone_on_with(monkeypatch):
    monkeypatch.setattr(race_archive, "FORMAT", 1)
    old = to_bytes(Kept(begin(), "linear plain", "", ()))
    monkeypatch.undo()
    assert from_bytes(old) is None
