"""What a person may write wrong: each answered with exit code 2 and one line naming file or variable, key and value."""

import pytest

GOOD = """\
name: shop
description: a shop
task: regression
target: price
time: sold_at
format: {kind: delimited, separator: ","}
columns:
  size: {kind: numeric, min: 0}
  sold_at: {kind: datetime}
  price: {kind: numeric}
landing: {quiet_s: 2}
drift: {rows_min: 50}
retrain: {rows_min: 500}
training: {metric: mae, engine: lean}
routing: {split_b: 0.2}
decision: {loss: absolute}
"""

BROKEN = {
    # what the line should have been: (what stands there, words that the answer has)
    "name: shop": [("name: Shop 1", ["name", "'Shop 1'", "lower-case"]), ("", ["name", "required"])],
    "task: regression": [("task: guessing", ["task", "'guessing'", "'classification' or 'regression'"])],
    "target: price": [("target: cost", ["target", "'cost'", "size, sold_at, price"])],
    "time: sold_at": [("time: size", ["time", "'size'", "datetime"])],
    'separator: ","': [
        ('separator: ";;"', ["format.delimited.separator", "';;'", "1 character"]),
        ('seperator: ","', ["seperator", "unknown key", "separator, decimal, encoding"]),
    ],
    "kind: delimited": [("kind: excel", ["format", "delimited", "parquet"])],
    "size: {kind: numeric, min: 0}": [
        ("size: {kind: number}", ["columns.size.kind", "'number'"]),
        ("size: {kind: numeric, min: low}", ["columns.size.min", "'low'", "number"]),
        ("size: {kind: numeric, min: 3, max: 2}", ["columns.size", "min 3.0 is above max 2.0"]),
        ("size: {kind: numeric, minimum: 0}", ["columns.size.minimum", "unknown key", "nullable"]),
        ("size: {kind: numeric, derive: {take: year, of: [sold_at]}}", ["columns.size.derive.take", "'year'"]),
        ("size: {kind: numeric, derive: {take: hour, of: [at]}}", ["columns.size.derive.of", "'at'", "above"]),
        ("size: 3", ["columns.size", "3"]),
    ],
    "landing: {quiet_s: 2}": [
        ("landing: {quiet_s: -1}", ["landing.quiet_s", "-1"]),
        ("landing: {same_bytes: ask}", ["landing.same_bytes", "'ask'", "'skip' or 'process'"]),
    ],
    "drift: {rows_min: 50}": [("drift: {alpha: 2}", ["drift.alpha", "2", "less than or equal to 1"])],
    "retrain: {rows_min: 500}": [
        ("retrain: {rows_min: '500'}", ["retrain.rows_min", "'500'", "integer"]),
        ("retrain: {batches: 2, days: 3}", ["retrain", "'batches' and 'days' exclude each other"]),
    ],
    "metric: mae": [("metric: accuracy", ["training.metric", "'accuracy'", "mae, rmse, r2"])],
    "engine: lean": [("engine: magic", ["training.engine", "'magic'", "'pycaret' or 'lean'"])],
    "split_b: 0.2": [("split_b: 1.5", ["routing.split_b", "1.5"])],
    "loss: absolute": [("loss: zero_one", ["decision.loss", "'zero_one'", "absolute, squared"])],
    "description: a shop": [("description: [a shop", ["YAML"])],
}
CASES = [(right, wrong, words) for right, cases in BROKEN.items() for wrong, words in cases]


@pytest.fixture
def answered(mlops):
    """Exit code of a command, and the lines on standard error."""

    def answered(*arguments: str) -> tuple[int, list[str]]:
        done = mlops(*arguments)
        return done.code, done.err

    return answered


def test_the_good_one_is_good(answered, tmp_path):
    path = tmp_path / "shop.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert answered("use-case", "check", str(path)) == (0, [])


@pytest.mark.parametrize(("right", "wrong", "words"), CASES, ids=[wrong or "nothing" for _, wrong, _ in CASES])
def test_a_broken_use_case_is_one_line_with_file_key_value_and_what_is_allowed(answered, tmp_path, right, wrong, words):
    assert GOOD.count(right) == 1
    path = tmp_path / "shop.yaml"
    path.write_text(GOOD.replace(right, wrong), encoding="utf-8")
    code, lines = answered("use-case", "check", str(path))
    assert code == 2
    (line,) = lines
    assert line.startswith(f"error: {path}: ")
    assert [word for word in words if word not in line] == []


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("MLOPS_ROUTER_PORT", "eighty", ["MLOPS_ROUTER_PORT", "'eighty'", "integer"]),
        ("MLOPS_MLFLOW_PORT", "0", ["MLOPS_MLFLOW_PORT", "'0'", "greater than or equal to 1"]),
        ("MLOPS_HOMES", "x", ["MLOPS_HOMES is unknown", "MLOPS_HOME,"]),
    ],
)
def test_a_broken_variable_is_one_line(answered, monkeypatch, name, value, words):
    monkeypatch.setenv(name, value)
    code, lines = answered("use-case", "list")
    assert (code, len(lines)) == (2, 1)
    assert lines[0].startswith("error: environment: ")
    assert [word for word in words if word not in lines[0]] == []


@pytest.mark.parametrize("url", ["postgresql+psycopg://me:hunter2@127.0.0.1:1/state", "nonsense://me:hunter2@db/state"])
def test_a_password_is_not_shown_when_the_database_cannot_be_opened(answered, monkeypatch, url):
    monkeypatch.setenv("MLOPS_STATE_URL", url)
    code, lines = answered("status")
    assert (code, len(lines)) == (2, 1)
    assert "hunter2" not in lines[0]


def test_an_unknown_use_case_is_one_line_with_those_there_are(answered):
    code, lines = answered("use-case", "check", "beer")
    assert code == 2
    assert lines == [
        "error: use case 'beer' is unknown; available: delivery_time, document_type, review_rating, wine_quality"
    ]


def test_at_least_25_broken_configurations_are_tried():
    assert len(CASES) + 3 >= 25
