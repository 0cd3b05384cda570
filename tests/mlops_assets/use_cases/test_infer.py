"""What is inferred from a whole file, and what cannot be learned from it."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_tables import ROWS, bad_share, csv, drawn, loaded, table

from mlops_assets.decode.table import decode_batch
from mlops_assets.use_cases.infer import fitting_name, infer_use_case, rounded

DATA = Path(__file__).parents[4] / "shared" / "data"


WEIRD: dict[str, bytes] = {
    "semicolons and decimal commas": csv(table(), sep=";", decimal=","),
    "tabs": csv(table(note=["a, b; c"] * 50 + ["d"] * 50), sep="\t"),
    "quoted line ends": csv(table(note=[f"line one\nline two of {row}" for row in range(ROWS)])),
    "spaces, points and signs in names": csv(
        table(**{" net weight (kg) ": 1.5, "a.b": range(ROWS), "ß: #1": ["x", "y"] * 50})
    ),
    "names that YAML takes for something else": csv(
        table(**{"yes": [1.5, 2] * 50, "null": ["no", "off"] * 50, "12": range(ROWS)})
    ),
    "true and false": csv(table(new=[True, False] * 50)),
    "a column without values": csv(table(empty=None)),
    "days written day first": csv(table(day=pd.date_range("2024-01-01", periods=ROWS).strftime("%d/%m/%Y"))),
    "a sign for missing": csv(table(x=["?", *drawn().normal(size=ROWS - 1).round(2)])),
    "codes with leading zeros": csv(table(zip=[f"{row % 7:05d}" for row in range(ROWS)])),
    "an index column without a name": table().to_csv().encode(),
    "windows text": table(place=["Köln", "Ulm"] * 50).to_csv(index=False).encode("cp1252"),
    "interpolations": csv(table(note=["${oc.env:HOME}", "${x}"] * 50)),
    "one typo": csv(table(x=[*range(ROWS - 1), "O9"])),
}


@pytest.mark.parametrize("data", WEIRD.values(), ids=WEIRD.keys())
def test_a_weird_file_gives_a_use_case_that_reads_it(data: bytes, tmp_path: Path) -> None:
    inferred = infer_use_case(data, "my shop.csv", "price")
    use_case = loaded(inferred, tmp_path)
    assert use_case.task == "regression"
    assert bad_share(data, use_case) <= 0.01
    assert len(decode_batch(data, use_case)) == ROWS


def test_json_lines_and_parquet_give_the_same_columns(tmp_path: Path) -> None:
    frame = table(at=pd.date_range("2024-01-01T08:00", periods=ROWS, freq="7h"), kind=["a", "b"] * 50)
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    lines = frame.to_json(orient="records", lines=True, date_format="iso").encode()
    found = [loaded(infer_use_case(data, "shop", "price", "at"), tmp_path) for data in (buffer.getvalue(), lines)]
    assert found[0].columns == found[1].columns
    assert found[0].training.order == "time"
    assert [bad_share(data, one) for data, one in zip((buffer.getvalue(), lines), found, strict=True)] == [0, 0]


@pytest.mark.parametrize(
    ("target", "task", "metric", "loss"),
    [
        (drawn().normal(100, 20, ROWS), "regression", "mae", "absolute"),
        ([1, 2, 3, 4] * 25, "classification", "accuracy", "zero_one"),
        (["good", "bad"] * 50, "classification", "accuracy", "zero_one"),
        (["good"] * 90 + ["bad"] * 10, "classification", "balanced_accuracy", "zero_one"),
        ([True, False] * 50, "classification", "accuracy", "zero_one"),
    ],
)
def test_the_target_decides_task_metric_and_loss(target, task: str, metric: str, loss: str, tmp_path: Path) -> None:
    use_case = loaded(infer_use_case(csv(table(y=target)), "shop", "y"), tmp_path)
    assert (use_case.task, use_case.training.metric, use_case.decision.loss) == (task, metric, loss)
    assert use_case.columns["y"].nullable is False
    assert use_case.columns["y"].allowed is None


def test_the_largest_loss_is_a_round_number_from_the_spread() -> None:
    frame = pd.DataFrame({"y": range(0, 1001, 10), "x": drawn().normal(size=101)})
    decision = infer_use_case(csv(frame), "shop", "y").values["decision"]
    # Nine in ten of 0, 10, ..., 1000 lie within 50 and 950; half a hundredth of 900 is 4.5.
    assert (decision["loss_max"], decision["margin"]) == (900, 4)


@pytest.mark.parametrize(("value", "shown"), [(104.3, 100), (0.0234, 0.02), (0, 1), (float("nan"), 1)])
def test_rounding_keeps_one_digit(value: float, shown: float) -> None:
    assert rounded(value) == shown


@pytest.mark.parametrize(
    ("name", "fitting"),
    [
        ("Green Taxi 2023-03", "green_taxi_2023_03"),
        ("1st", "use_case_1st"),
        ("", "use_case"),
        ("äö", "aeoe"),
        ("Straßen d'été", "strassen_d_ete"),
        ("数据", "use_case"),
        ("x", "x_data"),
        ("n" * 99, "n" * 63),
    ],
)
def test_a_name_is_made_to_fit(name: str, fitting: str) -> None:
    assert fitting_name(name) == fitting


@pytest.mark.parametrize(
    ("frame", "target", "time", "words"),
    [
        (table(), "cost", None, "--target 'cost' is not a column of the file; columns: size, price"),
        (table(), "price", "day", "--time 'day' is not a column"),
        (table(), "price", "size", "--time 'size' is numeric"),
        (table().head(5), "price", None, "5 rows"),
        (table(y=1), "y", None, "at least two values"),
        (table(y=range(ROWS)), "y", None, "looks like id"),
        (table(y=[f"v{row % 101}" for row in range(ROWS)]), "y", None, "looks like id"),
        (table(y=pd.date_range("2024-01-01", periods=ROWS)), "y", None, "begins with --time"),
    ],
)
def test_what_cannot_be_learned_is_explained(frame: pd.DataFrame, target: str, time: str | None, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        infer_use_case(csv(frame), "shop", target, time)


def test_too_many_labels_are_explained() -> None:
    frame = pd.DataFrame({"y": [f"v{row % 150}" for row in range(900)], "x": drawn().normal(size=900)})
    with pytest.raises(ValueError, match="at most 100 values"):
        infer_use_case(csv(frame), "shop", "y")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "target", "time"),
    [
        ("deliveries/amazon_delivery.csv", "Delivery_Time", "Order_Date"),
        ("deliveries/green_tripdata_2023-03.parquet", "trip_distance", "lpep_pickup_datetime"),
        ("wine/winequality-red.csv", "quality", None),
        ("wine/winequality-white.csv", "alcohol", None),
    ],
)
def test_real_files_are_read_by_what_is_inferred_from_them(
    file: str, target: str, time: str | None, tmp_path: Path
) -> None:
    path = DATA / file
    if not path.is_file():
        pytest.skip(f"{file} of the shared data is not here")
    data = path.read_bytes()
    use_case = loaded(infer_use_case(data, path.stem, target, time), tmp_path)
    assert bad_share(data, use_case) < 0.001


def trips(end_after_minutes: np.ndarray) -> pd.DataFrame:
    start = pd.Series(pd.date_range("2024-03-01", periods=ROWS, freq="7min"))
    return table(start=start, end=start + pd.to_timedelta(end_after_minutes, unit="min"))


def test_the_minutes_until_a_moment_are_learned_without_it(tmp_path: Path) -> None:
    data = csv(trips(np.arange(1.0, ROWS + 1)))
    use_case = loaded(infer_use_case(data, "trips", "end", "start"), tmp_path)
    frame = decode_batch(data, use_case)
    assert (use_case.task, use_case.target) == ("regression", "minutes_until_end")
    assert frame[use_case.target].tolist() == np.arange(1.0, ROWS + 1).tolist()
    assert "end" not in use_case.request_columns
    assert not [name for name in use_case.features if "end" in name]


@pytest.mark.parametrize(
    ("minutes", "time", "words"),
    [(np.arange(1.0, ROWS + 1), None, "begins with --time"), (np.full(ROWS, -5.0), "start", "never comes after")],
    ids=["no begin", "ends before it begins"],
)
def test_a_moment_needs_another_one_before_it(minutes: np.ndarray, time: str | None, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        infer_use_case(csv(trips(minutes)), "trips", "end", time)


def test_labels_that_come_later_cost_no_row():
    labels = ["yes", "no", None, None] * (ROWS // 4)
    found = infer_use_case(csv(table(bought=labels)), "shop", "bought").values["columns"]["bought"]
    assert "nullable" not in found
    found = infer_use_case(csv(table(bought=["yes", "no"] * (ROWS // 2))), "shop", "bought").values["columns"]["bought"]
    assert found["nullable"] is False


@pytest.mark.parametrize(
    ("texts", "hinted"),
    [
        ([f"€ {n},250.00" for n in range(1, ROWS + 1)], True),
        ([f"{n}.5 %" for n in range(ROWS)], True),
        ([f"{n:,}" for n in range(1_000_000, 1_000_000 + 7 * ROWS, 7)], True),
        ([f"{n:05d}" for n in range(ROWS)], False),
        ([f"A{n}" for n in range(ROWS)], False),
        (["12:30", "13:45"] * (ROWS // 2), False),
    ],
)
def test_numbers_with_a_sign_are_pointed_out(texts, hinted):
    reasons = infer_use_case(csv(table(x=texts)), "shop", "price").reasons
    assert ("looks like numbers with a sign" in reasons["columns.x"]) == hinted


@pytest.mark.parametrize("data", [b"", b" \n"])
def test_an_empty_file_is_called_empty(data):
    with pytest.raises(ValueError, match="the file is empty"):
        infer_use_case(data, "shop", "price")
