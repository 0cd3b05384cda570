import json

import pandas as pd

from mlops_assets.validation.profile import batch_metadata


def test_a_batch_in_numbers(make_use_case, make_batch) -> None:
    batch = make_batch()
    batch.loc[0, "weight"] = None
    found = batch_metadata(batch, make_use_case())
    # Weights 1 to 9, mean 5; minutes 10 to 19, mean 14.5; ten hourly rows span nine hours.
    assert found == {
        "rows": 10,
        "time/first": "2024-05-01T00:00:00",
        "time/last": "2024-05-01T09:00:00",
        "time/span_h": 9.0,
        "target/mean": 14.5,
        "target/min": 10.0,
        "target/max": 19.0,
        "weight/mean": 5.0,
        "weight/min": 1.0,
        "weight/max": 9.0,
        "weight/missing_share": 0.1,
        "colour/categories": 2,
        "minutes/mean": 14.5,
        "minutes/min": 10.0,
        "minutes/max": 19.0,
    }
    json.dumps(found, allow_nan=False)


def test_a_target_of_labels_has_classes(make_use_case, make_batch) -> None:
    use_case = make_use_case(
        task="classification", target="colour", training={"metric": "accuracy"}, decision={"loss": "zero_one"}
    )
    found = batch_metadata(make_batch(colour=["red"] * 9 + ["5"]), use_case)
    assert (found["target/classes"], found["target/most_frequent_share"]) == (2, 0.9)


def test_what_is_not_there_has_no_number(make_use_case, make_batch) -> None:
    assert batch_metadata(pd.DataFrame(), make_use_case()) == {"rows": 0}
    assert batch_metadata(make_batch().head(0), make_use_case()) == {"rows": 0, "colour/categories": 0}
    use_case = make_use_case(
        task="classification", target="colour", training={"metric": "accuracy"}, decision={"loss": "zero_one"}
    )
    assert "target/classes" not in batch_metadata(make_batch().head(0), use_case)
