import re
import struct
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mlops_assets.drift.reference import build_reference
from mlops_assets.drift.score import score_drift
from mlops_assets.drift.slow import SlowDrift
from mlops_assets.report.drift import drift_markdown, drift_png
from mlops_assets.report.drift_words import headline, promise_sentence
from mlops_assets.spec import DriftPolicy, UseCase

POLICY = DriftPolicy()


@pytest.fixture(scope="module")
def use_case():
    columns = {"a|b": {"kind": "numeric"}, "$x$ $": {"kind": "category"}, "empty": {"kind": "numeric"}}
    columns |= {f"more {at}": {"kind": "numeric"} for at in range(12)}
    return UseCase.model_validate(
        {
            "name": "toy",
            "description": "toy",
            "task": "regression",
            "target": "y",
            "format": {"kind": "parquet"},
            "columns": {**columns, "y": {"kind": "numeric"}},
            "training": {"metric": "mae"},
            "decision": {"loss": "absolute"},
        }
    )


def rows(n, seed, shift=0.0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"a|b": rng.normal(shift, 1, n), "$x$ $": rng.choice(list("abcdefghijk"), n), "empty": np.nan})
    return frame.assign(y=rng.normal(size=n))


@pytest.fixture(scope="module")
def reference(use_case):
    return build_reference(rows(500, 0), use_case, np.arange(60.0), draws=500)


@pytest.fixture(scope="module")
def drifted(reference):
    return score_drift(reference, rows(200, 1, shift=2), POLICY, np.arange(200.0))


def size(png):
    """Width and height of a PNG."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", png[16:24])


def test_the_headline_counts_and_names_the_worst(drifted):
    assert headline(drifted).startswith("Drift: 2 of 5 columns differ from the champion's training data, most of all ")
    assert headline(drifted).endswith("(200 rows against 500)")


def test_no_drift_and_too_small_have_their_headlines(reference):
    assert headline(score_drift(reference, rows(200, 2), POLICY)).startswith("No drift: none of 4 columns differs")
    assert headline(score_drift(reference, rows(9, 2), POLICY)) == "Too small to say: 9 rows, 50 are due"


def test_the_table_has_a_row_a_column_worst_first_with_limits(drifted):
    lines = drift_markdown(drifted).splitlines()
    table = [line for line in lines if line.startswith("| ")]
    assert len(table) == 1 + 6
    assert table[1].split(" | ")[1] == "**drift**"
    row = next(line for line in table if line.startswith(r"| a\|b | **drift** | **"))
    assert re.search(r"\*\*[\d.]+ \([\d.]+\)\*\* \| .*mean moved by \+", row)
    assert any(
        line.startswith("| empty | undetermined |  | undetermined: the reference has no value") for line in table
    )


def test_what_is_promised_and_what_was_observed_is_told(reference, drifted):
    assert promise_sentence(drifted) == (
        "Without drift, a champion sees an alarm in its life with a chance of 0.05 at most, 0.0019 of it up to this "
        "batch, its number 1; observed: 1 of 1 batches (100.0%)"
    )
    assert promise_sentence(drifted) in drift_markdown(drifted)
    assert promise_sentence(score_drift(reference, rows(9, 2), POLICY)) == ""


def test_what_accumulated_and_what_moved_together_have_their_headlines(drifted):
    calm = replace(drifted, columns=tuple(replace(column, beyond=False) for column in drifted.columns))
    slow = SlowDrift("y", 0.2, 5.0, 4.0, 0.1, 12)
    assert headline(replace(calm, slow=slow)).startswith(
        "Drift: y has moved by +0.20 standard deviations over 12 batches"
    )
    together = [replace(column, beyond=column.kind == "joint") for column in drifted.columns]
    assert "what columns have to do with each other differs" in headline(replace(drifted, columns=tuple(together)))


def test_a_warning_is_no_alarm_but_is_named(drifted):
    columns = tuple(replace(column, alarms=False) for column in drifted.columns)
    assert headline(replace(drifted, status="no_drift", columns=columns)).endswith(
        "; moved, but no ground for an alarm: " + ", ".join(column.name for column in columns if column.beyond)
    )
    assert "**warning**" in drift_markdown(replace(drifted, columns=columns))


def test_too_small_needs_no_table(reference):
    assert "|" not in drift_markdown(score_drift(reference, rows(9, 2), POLICY))


def test_the_picture_has_a_panel_a_column(reference, drifted):
    frame = rows(200, 1, shift=2)
    assert size(drift_png(reference, frame, drifted, np.arange(200.0))) == (1050, 620)  # five panels: two rows
    assert size(drift_png(reference, frame, drifted)) == (1050, 620)  # four
    assert size(drift_png(reference, frame[["y"]], drifted)) == (1000, 360)


def test_a_column_that_the_batch_lacks_is_undetermined_and_has_no_panel(reference):
    report = score_drift(reference, rows(100, 5)[["y"]], POLICY)
    assert "| empty | undetermined |  | undetermined: the batch lacks this column |  |" in drift_markdown(report)
    assert size(drift_png(reference, rows(100, 5)[["y"]], report)) == (1000, 360)


def test_at_most_twelve_panels_are_drawn(use_case):
    frame = rows(100, 4).assign(**{f"more {at}": np.arange(100.0) for at in range(12)})
    reference = build_reference(frame, use_case, draws=50)
    assert size(drift_png(reference, frame, score_drift(reference, frame, POLICY))) == (1050, 1140)


def test_a_picture_without_panels_still_has_its_headline(reference):
    assert size(drift_png(reference, rows(9, 2), score_drift(reference, rows(9, 2), POLICY))) == (1000, 100)


def test_a_picture_of_an_empty_column_alone(reference, drifted):
    assert size(drift_png(reference, rows(60, 2)[["empty"]], drifted)) == (1000, 360)


def test_the_same_report_gives_the_same_picture(reference, drifted):
    frame = rows(200, 1, shift=2)
    assert drift_png(reference, frame, drifted) == drift_png(reference, frame, drifted)
