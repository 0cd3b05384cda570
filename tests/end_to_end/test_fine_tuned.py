"""The whole loop with a fine-tuned model as the family: reviews of films first, then of games, with other words."""

import json
from pathlib import Path

import pytest

from mlops_assets.demo.grammar import draw_reviews

pytestmark = pytest.mark.slow

NAME = "opinions"
YAML = """
name: opinions
description: Rating of a review, from its words.
owner: team:reviews
task: regression
target: score
format: {{kind: json_lines}}
columns:
  id: {{kind: id}}
  text: {{kind: text}}
  score: {{kind: numeric, nullable: false, min: -4, max: 4}}
landing: {{quiet_s: 0}}
validation: {{rows_min: 50}}
retrain: {{rows_min: 400, cooldown_s: 0}}
training:
  metric: mae
  engine: lean
  budget_s: 600
  folds: 2
  tune_best: 0
  explain_rows: 20
  families: [bert]
  bert: {{model: {model}, learning_rate: 3.0e-4, epochs_max: 2, length_max: 32, threads: 1}}
decision: {{loss: absolute, loss_max: 4, margin: 0.05, labels_min: 50, uneven_labels: warn}}
"""


def test_a_fine_tuned_model_learns_new_words_and_is_promoted(home, minilm: Path, tmp_path: Path) -> None:
    home.use_cases.mkdir(parents=True)
    (home.use_cases / f"{NAME}.yaml").write_text(YAML.format(model=minilm), encoding="utf-8")
    files = {name: tmp_path / f"{name}.jsonl" for name in ("first", "later", "games", "traffic")}
    for seed, (name, rows) in enumerate({"first": 500, "later": 150, "games": 600, "traffic": 200}.items()):
        reviews = draw_reviews("game" if name in ("games", "traffic") else "film", rows, random_state=seed)
        reviews.to_json(files[name], orient="records", lines=True)

    for name in ("first", "later"):
        home.mlops("land", files[name], "--use-case", NAME)
        home.mlops("run", "--once", NAME)
    status = home.status(NAME)
    assert (status["champion"], status["drift"]["status"]) == (1, "no_drift"), status["drift"]

    home.mlops("land", files["games"], "--use-case", NAME)
    home.mlops("run", "--once", NAME)
    status = home.status(NAME)
    assert (status["champion"], status["challenger"]) == (1, 2), status["retrain"]
    reports = sorted((home.root / "lake" / NAME / "candidates").glob("*/report.json"))
    assert [json.loads(report.read_text(encoding="utf-8"))["model"] for report in reports] == ["bert", "bert"]

    with home.router():
        home.mlops("simulate", NAME, "--from", files["traffic"], "--requests", 150)
    home.mlops("run", "--once", NAME)
    status = home.status(NAME)
    assert (status["champion"], status["verdict"]["outcome"]) == (2, "promote"), status["verdict"]
