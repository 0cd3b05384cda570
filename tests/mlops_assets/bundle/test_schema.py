import numpy as np
import pandas as pd
import pytest

from mlops_assets.bundle.errors import InputError
from mlops_assets.bundle.schema import InputSchema
from mlops_assets.spec import Column

ROW = {"day": "2026-11-20", "size in cm": 1.5, "weight": 1.2, "colour": "red", "side": "left", "words": "good"}


@pytest.fixture()
def schema(use_case):
    return InputSchema.from_use_case(use_case("classification"))


def test_raw_values_become_x_with_derived_columns(schema):
    X = schema.to_frame([ROW])
    assert list(X) == ["size in cm", "weight", "colour", "side", "words", "weekday"]
    assert X.iloc[0].tolist() == [1.5, 1.2, "red", "left", "good", 4.0]  # 2026-11-20 is a Friday, Monday is 0


def test_inputs_are_features_and_what_features_are_derived_from(schema):
    assert list(schema.inputs) == ["day", "size in cm", "weight", "colour", "side", "words"]
    assert schema.required == {"day", "weight"}


def test_the_order_of_keys_does_not_matter(schema):
    backwards = dict(reversed(ROW.items()))
    pd.testing.assert_frame_equal(schema.to_frame([backwards]), schema.to_frame([ROW]))


def test_a_missing_key_is_a_missing_value(schema):
    X = schema.to_frame([{"day": "2026-11-20", "weight": 1}])
    assert np.isnan(X.loc[0, "size in cm"])
    assert X.loc[0, "words"] == ""
    assert X["colour"].isna().all()


def test_target_id_and_derived_columns_are_ignored(schema):
    along = ROW | {"label": "high", "id": 7, "weekday": 99}
    pd.testing.assert_frame_equal(schema.to_frame([along]), schema.to_frame([ROW]))


def test_a_new_category_is_no_error(schema):
    assert schema.to_frame([ROW | {"colour": "violet"}]).loc[0, "colour"] == "violet"


@pytest.mark.parametrize(("sent", "read"), [(True, "True"), ("true", "True"), (5, "5"), ("5.0", "5"), (5.0, "5")])
def test_a_code_is_allowed_however_it_is_written(use_case, sent, read):
    case = use_case("classification")
    columns = case.columns | {"side": Column(kind="category", allowed=[True, False, 5])}
    schema = InputSchema.from_use_case(case.model_copy(update={"columns": columns}))
    row = ROW | {"side": sent}
    assert schema.to_frame([row]).loc[0, "side"] == read
    with pytest.raises(InputError, match="one of 'True', 'False', 5"):
        schema.to_frame([ROW | {"side": "6"}])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"surplus": 1}, "row 1, column 'surplus': unknown; allowed: day, size in cm, weight, colour, side, words"),
        (
            {"size in cm": "big"},
            "row 1, column 'size in cm': 'big': a number, at least -10, at most 10, or nothing, is due",
        ),
        ({"size in cm": 99}, "row 1, column 'size in cm': 99: a number, at least -10, at most 10"),
        ({"size in cm": -99}, "row 1, column 'size in cm': -99: a number"),
        ({"size in cm": True}, "row 1, column 'size in cm': True: a number"),
        ({"size in cm": [1]}, r"row 1, column 'size in cm': \[1\]: a number"),
        ({"weight": None}, "row 1, column 'weight': missing: a number is due"),
        ({"day": "yesterday"}, r"row 1, column 'day': 'yesterday': a time like 2026-03-31 \(%Y-%m-%d\) is due"),
        ({"side": "top"}, "row 1, column 'side': 'top': one of 'left', 'right', or nothing, is due"),
    ],
)
def test_a_wrong_value_is_named(schema, change, words):
    with pytest.raises(InputError, match=words) as caught:
        schema.to_frame([ROW, ROW | change])
    assert caught.value.row == 1
    assert caught.value.column == next(iter(change))


def test_every_wrong_row_is_told_with_its_first_problem(schema):
    _, refused = schema.read([ROW | {"weight": None}, ROW, ROW | {"nothing": 1}, 3, ROW | {"side": "top"}])
    assert sorted(refused) == [0, 2, 3, 4]
    assert [refused[place].column for place in (0, 2, 3, 4)] == ["weight", "nothing", "", "side"]


def test_no_rows_are_refused(schema):
    with pytest.raises(InputError, match="no rows; at least one is due"):
        schema.to_frame([])


def test_a_row_that_is_no_mapping_is_refused(schema):
    with pytest.raises(InputError, match="row 0: 3 is no mapping"):
        schema.to_frame([3])


def test_json_gives_the_same_schema_back(schema):
    assert InputSchema.from_json(schema.to_json()) == schema


def test_sources_stay_at_home(use_case):
    case = use_case("classification")
    folder = {"kind": "folder", "path": "/secret/place"}
    landing = type(case.landing).model_validate({"sources": [folder]})
    schema = InputSchema.from_use_case(case.model_copy(update={"landing": landing}))
    assert b"secret" not in schema.to_json()
