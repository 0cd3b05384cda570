import math

import pytest
from pydantic import ValidationError

from mlops_assets.spec import UseCase, parse_label
from mlops_assets.spec.tables import LOSSES, METRICS, TAKES
from mlops_assets.use_cases.load import SpecError, check_use_case

COLUMNS = {
    "id": {"kind": "id"},
    "day": {"kind": "datetime"},
    "time": {"kind": "text", "feature": False},
    "at": {"kind": "datetime", "derive": {"take": "joined", "of": ["day", "time"]}},
    "hour": {"kind": "numeric", "derive": {"take": "hour", "of": ["at"]}},
    "size": {"kind": "numeric"},
    "unused": {"kind": "numeric", "feature": False},
    "label": {"kind": "category"},
    "minutes": {"kind": "numeric"},
}


def values(**changes) -> dict:
    return {
        "name": "shop",
        "description": "a shop",
        "task": "classification",
        "target": "label",
        "time": "at",
        "format": {"kind": "parquet"},
        "columns": COLUMNS,
        "training": {"metric": "accuracy"},
        "decision": {"loss": "zero_one"},
    } | changes


def build(**changes) -> UseCase:
    return check_use_case(values(**changes), source="shop.yaml")


REGRESSION = {
    "task": "regression",
    "target": "minutes",
    "training": {"metric": "mae"},
    "decision": {"loss": "absolute"},
}


def column(**keys) -> dict:
    """The columns with one more, `x`."""
    return {"columns": COLUMNS | {"x": keys}}


SENTENCES = {
    "decision.segments: 'minutes' is no category column of requests; there are: ": {
        "decision": {"loss": "zero_one", "segments": ["minutes"]}
    },
    "labels_max 10 is below labels_min, 50: no verdict fits": {"decision": {"loss": "zero_one", "labels_max": 10}},
    "name: 'Shop 1' must be lower-case letters, digits and _": {"name": "Shop 1"},
    "target: 'nothing' is not a column; columns: id, day": {"target": "nothing"},
    "time: 'nothing' is not a column": {"time": "nothing"},
    "time: 'size' is numeric; a datetime column is due": {"time": "size"},
    "unit: 'nothing' is not a column": {"unit": "nothing"},
    "training.metric: 'mae' does not fit classification; available: accuracy": {"training": {"metric": "mae"}},
    "training.metric: 'speed' does not fit classification": {"training": {"metric": "speed"}},
    "decision.loss: 'absolute' does not fit classification; available: zero_one": {"decision": {"loss": "absolute"}},
    "target: 'label' is category; regression needs a numeric column": REGRESSION | {"target": "label"},
    "target: 'day' is datetime; classification needs a numeric or category column": {"target": "day"},
    "training.order: 'time' needs a time column": {"time": None, "training": {"metric": "accuracy", "order": "time"}},
    "training.groups: 'shop' is not a column": {"training": {"metric": "accuracy", "groups": "shop"}},
    "training.groups: folds in time order cut groups": {
        "training": {"metric": "accuracy", "order": "time", "groups": "id"}
    },
    "training.abstain_error: a regression gives no probabilities": REGRESSION
    | {"training": {"metric": "mae", "abstain_error": 0.1}},
    "retrain.days: a span of days needs a time column": {"time": None, "retrain": {"days": 3}},
    "stream: windows of event time need a time column; set time": {"time": None, "stream": {}},
    "stream.window: '1 day' is not a length of time; write a whole number and a unit: 30s, 15min": {
        "stream": {"window": "1 day"}
    },
    "stream.window: '0h' is no length": {"stream": {"window": "0h"}},
    "stream.lateness: '-1d' is not a length of time": {"stream": {"lateness": "-1d"}},
    "columns: no feature is left": {"time": None, "columns": {"id": {"kind": "id"}, "label": {"kind": "category"}}},
    "columns: '_row' is a name that this project gives a column of its own; rename it": {
        "columns": COLUMNS | {"_row": {"kind": "numeric"}}
    },
    "columns: '_y' is a name that this project": {"columns": COLUMNS | {"_y": {"kind": "numeric"}}, "stream": {}},
    "columns: '_loss_keep' is a name": {"columns": COLUMNS | {"_loss_keep": {"kind": "numeric"}}, "stream": {}},
    "columns: ' ' is no name; give the column one": {"columns": COLUMNS | {" ": {"kind": "numeric"}}},
    "columns.x.derive.of: 'later' must stand above it": {
        "columns": COLUMNS | {"x": {"kind": "numeric", "derive": {"take": "hour", "of": ["later"]}}}
    },
    "'minutes_between' takes 2 column(s), got ['at']": column(
        kind="numeric", derive={"take": "minutes_between", "of": ["at"]}
    ),
    "'hour' gives a numeric column, not text": column(kind="text", derive={"take": "hour", "of": ["at"]}),
    "'min' is for numeric columns, this one is text": column(kind="text", min=1),
    "'allowed' has 'True', which is no number, and this column is numeric": column(kind="numeric", allowed=[1, True]),
    "min 3.0 is above max 2.0": column(kind="numeric", min=3, max=2),
    "'format' is for datetime columns, this one is numeric": column(kind="numeric", format="%Y"),
    "'batches' and 'days' exclude each other": {"retrain": {"batches": 2, "days": 3}},
    "'cost' counts where 'when' is harm or both; here it is drift": {"retrain": {"when": "drift", "cost": 5}},
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_what_cannot_go_together_is_refused_with_file_key_and_what_would_do(sentence):
    with pytest.raises(SpecError) as refused:
        build(**SENTENCES[sentence])
    assert str(refused.value).startswith("shop.yaml: ")
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_use_case_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        build().name = "other"


def test_features_leave_out_target_ids_times_and_what_says_so():
    assert list(build().features) == ["hour", "size", "minutes"]
    assert list(build(**REGRESSION).features) == ["hour", "size", "label"]


def test_a_file_brings_what_is_not_derived():
    assert list(build().read_columns) == ["id", "day", "time", "size", "unused", "label", "minutes"]


def test_a_request_brings_what_features_need_in_the_order_of_the_file():
    # hour needs at, at needs day and time; unused, id and the target are not needed
    assert build().request_columns == ("day", "time", "size", "minutes")


@pytest.mark.parametrize(("metric", "task", "greater"), [(name, *found) for name, found in METRICS.items()])
def test_the_direction_of_each_metric(metric, task, greater):
    changes = REGRESSION if task == "regression" else {}
    assert build(**changes | {"training": {"metric": metric}}).greater_is_better is greater
    assert greater == (metric not in ("log_loss", "mae", "rmse"))


def test_each_task_has_metrics_and_losses():
    assert {task for task, _ in METRICS.values()} == set(LOSSES.values()) == {"classification", "regression"}


def test_each_derivation_says_what_it_takes_and_gives():
    assert {kind for _, kind in TAKES.values()} == {"datetime", "numeric"}
    assert all(1 <= count <= 4 for count, _ in TAKES.values())


@pytest.mark.parametrize(
    ("value", "label"), [(" good ", "good"), (5, "5"), (5.0, "5"), (True, "True"), ("true", "True")]
)
def test_a_category_label_becomes_text(value, label):
    assert parse_label(value, build()) == label


@pytest.mark.parametrize(("value", "label"), [(5, 5), (5.0, 5), ("6", 6), ("6.0", 6)])
def test_a_numeric_class_becomes_a_whole_number(value, label):
    found = parse_label(value, build(target="minutes"))
    assert (found, type(found)) == (label, int)


@pytest.mark.parametrize(("value", "label"), [(5, 5.0), ("2.5", 2.5)])
def test_a_regression_label_becomes_a_float(value, label):
    found = parse_label(value, build(**REGRESSION))
    assert (found, type(found)) == (label, float)


@pytest.mark.parametrize("value", [None, math.nan])
def test_a_missing_label_is_refused(value):
    with pytest.raises(ValueError, match="label: a label is due"):
        parse_label(value, build())


def test_half_a_class_is_refused():
    with pytest.raises(ValueError, match=r"minutes: a whole number is due, got 5\.5"):
        parse_label(5.5, build(target="minutes"))


def test_words_where_a_number_is_due_are_refused():
    with pytest.raises(ValueError, match="could not convert"):
        parse_label("many", build(**REGRESSION))


@pytest.mark.parametrize(
    ("routing", "words"),
    [
        ({"ramp": [{"after_h": 1, "split_b": 0.1}]}, "'ramp' must begin with a step at after_h: 0"),
        ({"ramp": [{"after_h": 0, "split_b": 0.1}, {"after_h": 1, "split_b": 0.05}]}, "split_b must not fall"),
        ({"ramp": [{"after_h": 0, "split_b": 0.1}, {"after_h": 0, "split_b": 0.2}]}, "must be ordered by after_h"),
        ({"kind": "shadow", "paired": False}, "kind 'shadow' needs paired: true"),
    ],
)
def test_an_experiment_that_cannot_work_is_refused(routing, words):
    with pytest.raises(SpecError, match=f"shop.yaml: routing: .*{words}"):
        build(routing=routing)
