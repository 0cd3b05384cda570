"""A use case that nobody planned for: text, numbers and categories in one table, from YAML alone."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlops_assets.demo.grammar import draw_reviews

pytestmark = pytest.mark.slow

NAME = "repair_hours"
YAML = """
name: repair_hours
description: Hours that a repair takes, from the complaint, the machine and its age.
owner: team:workshop
task: regression
target: hours
format: {kind: json_lines}
columns:
  ticket: {kind: id}
  complaint: {kind: text}
  machine: {kind: category}
  age: {kind: numeric, min: 0, max: 60}
  hours: {kind: numeric, nullable: false, min: 0, max: 100}
landing: {quiet_s: 0}
validation: {rows_min: 50}
retrain: {rows_min: 500, cooldown_s: 0}
training:
  {metric: mae, engine: lean, budget_s: 600, folds: 2, tune_best: 0, explain_rows: 30, preprocessing: [scaled],
   families: [tfidf_linear, lightgbm], prefer: cheaper_if_equivalent}
decision: {loss: absolute, loss_max: 30, margin: 0.1, labels_min: 50, slower_max: 1000, uneven_labels: warn}
"""


def repairs(n: int, seed: int, *, other_machines: bool = False) -> pd.DataFrame:
    """Bad words, old machines and presses take longer; the other machines are robots, with words of their own."""
    random = np.random.default_rng(seed)
    reviews = draw_reviews("game" if other_machines else "film", n, random_state=seed)
    age = random.uniform(0, 30, n).round(1)
    machine = random.choice(["robot"] if other_machines else ["press", "lathe"], n)
    slow = pd.Series(machine).map({"press": 8.0, "lathe": 0.0, "robot": 15.0})
    hours = (20 - 3 * reviews["score"] + 0.2 * age + slow + random.normal(0, 1, n)).clip(0, 100).round(2)
    return pd.DataFrame(
        {"ticket": reviews["id"], "complaint": reviews["text"], "machine": machine, "age": age, "hours": hours}
    )


def test_text_numbers_and_categories_close_the_loop_from_yaml_alone(home, tmp_path: Path) -> None:
    home.use_cases.mkdir(parents=True)
    (home.use_cases / f"{NAME}.yaml").write_text(YAML, encoding="utf-8")
    assert f"{NAME}: good" in home.mlops("use-case", "check", NAME)
    frames = {
        "first": repairs(700, 1),
        "later": repairs(200, 2),
        "robots": repairs(600, 3, other_machines=True),
        "traffic": repairs(200, 4, other_machines=True),
    }
    for name, frame in frames.items():
        frame.to_json(tmp_path / f"{name}.jsonl", orient="records", lines=True)

    for name in ("first", "later"):
        home.mlops("land", tmp_path / f"{name}.jsonl", "--use-case", NAME)
        home.mlops("run", "--once", NAME)
    status = home.status(NAME)
    assert status["batches"] == {"accepted": 2}
    assert (status["champion"], status["drift"]["status"]) == (1, "no_drift")

    home.mlops("land", tmp_path / "robots.jsonl", "--use-case", NAME)
    home.mlops("run", "--once", NAME)
    status = home.status(NAME)
    assert (status["drift"]["status"], status["drift"]["model_status"]) == ("drift", "drift")
    assert (status["champion"], status["challenger"]) == (1, 2), status["retrain"]["reason"]

    with home.router():
        home.mlops("simulate", NAME, "--from", tmp_path / "traffic.jsonl", "--requests", 150)
    home.mlops("run", "--once", NAME)
    status = home.status(NAME)
    assert (status["champion"], status["verdict"]["outcome"]) == (2, "promote"), status["verdict"]
