import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_assets.validation import validate
from mlops_assets.validation.run import Checked, _error
from mlops_assets.validation.suite import build_suite
from mlops_assets.validation.validate import validate_batch

pytestmark = pytest.mark.slow


def test_a_good_batch_is_accepted_whole(make_use_case, make_batch) -> None:
    batch = make_batch()
    found = validate_batch(batch, make_use_case())
    assert (found.passed, found.failures, len(found.quarantined)) == (True, (), 0)
    pd.testing.assert_frame_equal(found.accepted, batch.drop(columns="_unparsable"))


def test_each_bad_row_goes_to_quarantine_with_its_reasons(make_use_case, make_batch) -> None:
    batch = make_batch()
    batch.loc[1, "weight"] = -1
    batch.loc[2, ["colour", "minutes"]] = ["blue", None]
    batch.loc[4, "_unparsable"] = "at,weight"
    found = validate_batch(batch, make_use_case())
    assert found.passed
    assert dict(zip(found.quarantined["_row"], found.quarantined["_reasons"], strict=True)) == {
        1: "'weight' is outside 0 to 100",
        2: "'colour' is none of red, 5; 'minutes' is missing",
        4: "not readable: at,weight",
    }
    assert found.accepted["number"].tolist() == ["0", "3", "5", "6", "7", "8", "9"]
    assert found.report["reasons"]["'minutes' is missing"] == 1
    assert found.report["unparsable"] == {"before": {"at": 1, "weight": 1}, "after": {}}


def test_a_missing_value_is_neither_outside_a_range_nor_of_a_set(make_use_case, make_batch) -> None:
    batch = make_batch()
    batch.loc[1, ["weight", "colour", "at"]] = [None, None, pd.NaT]
    assert len(validate_batch(batch, make_use_case()).accepted) == 10


@pytest.mark.parametrize(
    ("change", "keys", "sentence"),
    [
        (lambda batch: batch.drop(columns="colour"), {}, "column 'colour' must be there"),
        (lambda batch: batch.head(2), {"validation": {"rows_min": 3}}, "3 to 5000000 rows are due; found 2"),
        (lambda batch: batch.head(0), {}, "1 to 5000000 rows are due; found 0"),
        (
            lambda batch: batch.assign(weight=[None] * 6 + [1.0] * 4),
            {},
            "at most 0.5 of 'weight' may be missing; found 0.6",
        ),
        (
            lambda batch: batch.assign(odd="x"),
            {"validation": {"extra_columns": "reject"}},
            "no column may stand beside those of the spec; found odd",
        ),
        (
            lambda batch: batch.assign(minutes=[None] * 6 + [1.0] * 4),
            {},
            "at most 0.5 of the rows may be bad; found 6 of 10, most often: 'minutes' is missing (6 rows)",
        ),
    ],
)
def test_a_broken_rule_for_the_table_rejects_the_batch(change, keys, sentence, make_use_case, make_batch) -> None:
    batch = change(make_batch())
    found = validate_batch(batch, make_use_case(**keys))
    assert found.failures == (sentence,)
    assert not found.passed
    assert len(found.accepted) == 0
    assert len(found.quarantined) == len(batch)
    assert found.quarantined["_reasons"].notna().all()
    json.dumps(found.report, allow_nan=False)


def test_a_share_at_its_limit_passes(make_use_case, make_batch) -> None:
    batch = make_batch(weight=[None] * 5 + [1.0] * 5, minutes=[None] * 5 + [1.0] * 5)
    assert validate_batch(batch, make_use_case()).passed


def test_good_rows_of_a_rejected_batch_say_so(make_use_case, make_batch) -> None:
    found = validate_batch(make_batch().drop(columns="colour"), make_use_case())
    assert found.quarantined["_reasons"].tolist() == ["batch rejected: column 'colour' must be there"] * 10


def test_an_expectation_that_raises_rejects_the_batch(make_use_case, make_batch, monkeypatch) -> None:
    broken = Checked("expect_x", "weight", "row", "'weight' is odd", False, np.array([], dtype=np.intp), error="boom")
    monkeypatch.setattr(validate, "run_suite", lambda *_: [broken])
    found = validate_batch(make_batch(), make_use_case())
    assert found.failures == ("'weight' is odd: could not be checked: boom",)
    assert len(found.accepted) == 0


@pytest.mark.parametrize(
    ("info", "message"),
    [
        ({"raised_exception": False, "exception_message": None}, ""),
        ({"raised_exception": True, "exception_message": "boom"}, "boom"),
        ({"metric": {"raised_exception": True, "exception_message": "boom"}}, "boom"),
    ],
)
def test_an_exception_is_read_in_both_shapes(info, message) -> None:
    assert _error(info) == message


def test_values_beyond_the_fences_are_counted_before_and_after(make_use_case, make_batch) -> None:
    batch = make_batch()
    batch.loc[0, "weight"], batch.loc[1, "minutes"] = 500.0, 1e6
    found = validate_batch(batch, make_use_case())
    # Row 0 is also out of range and goes to quarantine; row 1 is unusual, but no rule forbids it.
    assert found.report["outliers"] == {"before": {"weight": 1, "minutes": 1}, "after": {"minutes": 1}}


def test_repeated_rows_are_counted(make_use_case, make_batch) -> None:
    batch = make_batch()
    assert validate_batch(pd.concat([batch, batch.head(3)]), make_use_case()).report["duplicates"] == 3


def test_the_suite_has_the_name_of_the_use_case_and_survives_json(make_use_case) -> None:
    import great_expectations as gx

    kept = build_suite(make_use_case()).to_json_dict()
    assert kept["name"] == "parcels"
    rules = [{"type": one["type"], "kwargs": one["kwargs"]} for one in json.loads(json.dumps(kept))["expectations"]]
    again = gx.ExpectationSuite(name="again", expectations=rules)
    assert len(again.expectations) == len(build_suite(make_use_case()).expectations)


@settings(max_examples=25)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from([None, -1.0, 5.0, 1e9]),
            st.sampled_from([None, "red", "blue"]),
            st.sampled_from([None, 1.0]),
        ),
        max_size=12,
    )
)
def test_no_row_is_lost_or_in_both(rows, make_use_case, make_batch) -> None:
    weight, colour, minutes = (list(values) for values in zip(*rows, strict=True)) if rows else ([], [], [])
    batch = (
        make_batch(12)
        .head(len(rows))
        .assign(
            weight=pd.Series(weight, dtype=float),
            colour=pd.Series(colour, dtype=object),
            minutes=pd.Series(minutes, dtype=float),
        )
    )
    found = validate_batch(batch, make_use_case())
    assert sorted([*found.accepted["number"], *found.quarantined["number"]], key=int) == batch["number"].tolist()


def test_a_batch_without_any_known_column_is_rejected(make_use_case) -> None:
    found = validate_batch(pd.DataFrame({"_unparsable": [None, None]}), make_use_case())
    assert not found.passed
    assert (len(found.accepted), len(found.quarantined), found.report["duplicates"]) == (0, 2, 0)
