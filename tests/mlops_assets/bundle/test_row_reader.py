import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_assets.bundle.answers import FEW
from mlops_assets.bundle.feed import NUMBERS, feed_of
from mlops_assets.bundle.row_reader import RowReader
from mlops_assets.bundle.schema import InputSchema
from mlops_assets.use_cases.load import check_use_case

SCHEMA = InputSchema.from_use_case(
    check_use_case(
        {
            "name": "small",
            "description": "numbers, categories and a text",
            "task": "regression",
            "target": "minutes",
            "format": {"kind": "parquet"},
            "columns": {
                "size": {"kind": "numeric", "min": -10, "max": 10},
                "weight": {"kind": "numeric", "nullable": False},
                "colour": {"kind": "category"},
                "side": {"kind": "category", "allowed": ["left", "right", True, 5], "nullable": False},
                "words": {"kind": "text"},
                "day": {"kind": "datetime"},
                "minutes": {"kind": "numeric"},
            },
            "training": {"engine": "lean", "metric": "mae"},
            "decision": {"loss": "absolute", "loss_max": 50},
        },
        source="test",
    )
)
PLAIN = {"size": 1.5, "weight": 2, "colour": "red", "side": "left", "words": "a good film"}

numbers = st.none() | st.integers(-12, 12) | st.floats(-12, 12) | st.just("3.5") | st.just(True) | st.just(10**400)
texts = (
    st.none() | st.sampled_from(["red", " left ", "left", "5.0", "true", "", "NA", "nan", "-0", "x" * 50]) | st.just(7)
)
rows = st.fixed_dictionaries(
    {"weight": numbers, "side": texts},
    optional={"size": numbers, "colour": texts, "words": texts, "day": texts, "minutes": numbers, "other": texts},
)


@pytest.fixture
def reader() -> RowReader:
    return RowReader(SCHEMA)


@given(st.lists(rows, min_size=1, max_size=4))
@settings(max_examples=300)
def test_what_it_reads_is_what_the_decoder_reads(asked):
    check_reading(asked)


MANY = [{"weight": place, "side": "left", "size": None} for place in range(FEW)]


@given(st.lists(rows, min_size=1, max_size=2))
@settings(max_examples=100)
def test_what_it_reads_of_many_rows_is_what_the_decoder_reads(asked):
    check_reading(MANY + asked)
    alone = [RowReader(SCHEMA).read([row]) for row in asked]
    assert (RowReader(SCHEMA).read(MANY + asked) is None) == any(one is None for one in alone)


def check_reading(asked):
    found = RowReader(SCHEMA).read(asked)
    if found is None:
        return
    decoded = feed_of(SCHEMA.to_frame(asked))
    assert found.keys() == decoded.keys()
    for name, values in decoded.items():
        assert values.dtype == found[name].dtype
        np.testing.assert_array_equal(values, found[name])


def test_a_plain_row_is_read(reader):
    found = reader.read([PLAIN])
    assert found[NUMBERS].tolist() == [[1.5, 2.0]]
    assert (found["colour"].item(), found["words"].item()) == ("red", "a good film")


def test_what_may_be_missing_is_read_as_missing(reader):
    found = reader.read([{"weight": 2.0, "side": "left"}])
    assert np.isnan(found[NUMBERS][0, 0])
    assert (found["colour"].item(), found["words"].item()) == ("", "")


@pytest.mark.parametrize(
    "changes",
    [
        {"size": 11},
        {"size": float("inf")},
        {"size": "1.5"},
        {"size": True},
        {"size": 10**400},
        {"weight": None},
        {"colour": 5},
        {"side": "up"},
        {"side": None},
        {"words": ["a"]},
        {"other": 1},
    ],
)
def test_about_every_other_row_the_decoder_is_asked(reader, changes):
    assert reader.read([PLAIN, PLAIN | changes]) is None


def test_a_derived_feature_needs_the_decoder(use_case):
    assert not RowReader(InputSchema.from_use_case(use_case("regression"))).reads


def test_a_number_that_the_graph_takes_for_infinite_is_left_to_the_decoder_whatever_may_be_declared():
    columns = SCHEMA.use_case.columns
    wide = columns["size"].model_copy(update={"min": -1e300, "max": 1e300})
    reader = RowReader(InputSchema(SCHEMA.use_case.model_copy(update={"columns": columns | {"size": wide}})))
    assert reader.read([PLAIN | {"size": 3e38}]) is not None
    assert reader.read([PLAIN | {"size": 4e38}]) is None
    assert reader.read([PLAIN | {"size": -4e38}]) is None
