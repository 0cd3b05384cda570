import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlops_assets.decode.table import decode_batch
from mlops_assets.spec import UseCase
from mlops_assets.use_cases.infer import Inferred, fitting_name, infer_use_case, rounded
from mlops_assets.use_cases.infer_column import widened
from mlops_assets.use_cases.load import load_use_case
from mlops_assets.use_cases.write import commented_yaml, flow

DATA = Path(__file__).parents[4] / "shared" / "data"
ROWS = 100
RANDOM = np.random.default_rng(0)


def table(**columns) -> pd.DataFrame:
    """A column to learn and one to learn from, beside those that a test is about."""
    made = {"size": RANDOM.normal(10, 2, ROWS).round(3), "price": RANDOM.normal(100, 20, ROWS).round(2)}
    return pd.DataFrame(made | columns)


def csv(frame: pd.DataFrame, **options) -> bytes:
    return frame.to_csv(index=False, **options).encode()


def column(values, **keys) -> dict:
    """What is inferred for one column among others."""
    return infer_use_case(csv(table(x=values)), "shop", "price", **keys).values["columns"]["x"]


def loaded(inferred: Inferred, folder: Path) -> UseCase:
    path = folder / f"{inferred.name}.yaml"
    path.write_text(commented_yaml(inferred), encoding="utf-8")
    return load_use_case(path)


def bad_share(data: bytes, use_case: UseCase) -> float:
    """Share of rows that the row rules would send to quarantine."""
    frame = decode_batch(data, use_case)
    bad = frame["_unparsable"].notna()
    for name, spec in use_case.columns.items():
        values = frame[name]
        bad |= values.isna() if not spec.nullable else False
        bad |= values < spec.min if spec.min is not None else False
        bad |= values > spec.max if spec.max is not None else False
        bad |= ~values.isin(spec.allowed) & values.notna() if spec.allowed is not None else False
    return float(bad.mean())


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
    "a sign for missing": csv(table(x=["?", *RANDOM.normal(size=ROWS - 1).round(2)])),
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
    ("values", "kind"),
    [
        (range(ROWS), "id"),
        ([f"ab-{row * 7919 % 1000:04d}" for row in range(ROWS)], "id"),
        (RANDOM.normal(size=ROWS), "numeric"),
        ([3, 5, 7, 9] * 25, "numeric"),
        (["red", "blue"] * 50, "category"),
        ([True, False] * 50, "category"),
        (["0012", "0340"] * 50, "category"),
        (pd.date_range("2024-01-01", periods=ROWS), "datetime"),
        ([f"this is a remark about thing number {row}" for row in range(ROWS)], "text"),
    ],
)
def test_the_kind_of_a_column_is_told_from_its_values(values, kind: str) -> None:
    assert column(values)["kind"] == kind


def test_whole_numbers_under_the_name_of_a_code_are_labels() -> None:
    frame = table(zone_id=[7, 9, 11, 13] * 25, amount=[7, 9, 11, 13] * 25)
    columns = infer_use_case(csv(frame), "shop", "price").values["columns"]
    assert (columns["zone_id"]["kind"], columns["amount"]["kind"]) == ("category", "numeric")


def test_many_numbers_or_words_under_the_name_of_an_id_are_ids() -> None:
    numbers = RANDOM.integers(0, 100_000, 3000)
    frame = pd.DataFrame(
        {
            "customer_id": numbers,
            "shop_key": [f"s{n % 1500}" for n in numbers],
            "size": 1.5,
            "price": RANDOM.normal(size=3000),
        }
    ).assign(size=RANDOM.normal(size=3000))
    inferred = infer_use_case(csv(frame), "shop", "price")
    assert [inferred.values["columns"][name]["kind"] for name in ("customer_id", "shop_key")] == ["id", "id"]
    assert inferred.values["unit"] == "customer_id"


def test_constants_and_empty_columns_are_left_out_of_the_model() -> None:
    columns = infer_use_case(csv(table(one="x", none=None)), "shop", "price").values["columns"]
    assert columns["one"]["feature"] is columns["none"]["feature"] is False


def test_names_of_people_are_too_many_to_learn_from() -> None:
    found = column([f"n{row % 60}" for row in range(ROWS)])
    assert (found["kind"], found["feature"]) == ("category", False)


def test_allowed_values_are_listed_when_few_and_repeated() -> None:
    assert column(["b", "a"] * 50)["allowed"] == ["a", "b"]
    assert "allowed" not in column(["a"] * 97 + ["b", "c", "d"])
    assert "allowed" not in column([f"v{row % 20}" for row in range(ROWS)])


@pytest.mark.parametrize(
    ("low", "high", "range_"),
    [
        # span 10, so 5 - 10 = -5 would lie below, but what is never negative stays so; 15 + 10 = 25.
        (5.0, 15.0, (0.0, 25.0)),
        (-5.0, 5.0, (-15.0, 15.0)),
        (-15.0, -5.0, (-25.0, 0.0)),
        (0.001, 0.002, (0.0, 0.003)),
        (7.0, 7.0, (0.0, 14.0)),
    ],
)
def test_ranges_are_three_times_as_wide_and_round(low: float, high: float, range_: tuple[float, float]) -> None:
    assert widened(low, high) == pytest.approx(range_)


@pytest.mark.parametrize(
    ("values", "limit"),
    [
        ([None] * 5 + [1.5, 2.5] * 47 + [3.5], None),
        (([None] + [1.5, 2.5] * 2) * 20, 0.4),
        ([1.5, 2.5] * 50, 0.2),
    ],
)
def test_the_missing_share_leaves_room_above_the_worst_part_of_the_file(values, limit: float | None) -> None:
    # A hundred rows are twenty parts of five: the first case has a part with nothing in it, the second one in five.
    assert column(values).get("missing_share_max") == limit


@pytest.mark.parametrize(
    "form", ["%d/%m/%Y", "%m/%d/%Y %H:%M", "%d.%m.%Y", "%Y/%m/%d %H:%M:%S", "%d %b %Y", "%m/%d/%Y %I:%M %p"]
)
def test_the_form_of_a_date_is_found(form: str) -> None:
    days = pd.date_range("2024-01-01T09:30", periods=ROWS, freq="31h")
    assert column(days.strftime(form)) == {"kind": "datetime", "format": form, "missing_share_max": 0.2}


def test_numbers_that_are_dates_by_name_and_value_are_dates() -> None:
    frame = table(order_date=pd.date_range("2024-01-01", periods=ROWS).strftime("%Y%m%d"))
    assert infer_use_case(csv(frame), "shop", "price").values["columns"]["order_date"]["kind"] == "datetime"


def test_a_date_that_may_be_read_in_two_ways_is_marked() -> None:
    days = [f"{1 + row % 12:02d}/{1 + row // 12:02d}/2024" for row in range(ROWS)]
    assert "could be month/day" in infer_use_case(csv(table(x=days)), "shop", "price").reasons["columns.x"]


def test_dates_give_hours_and_weekdays_where_these_vary() -> None:
    frame = table(
        at=pd.date_range("2024-01-01T08:00", periods=ROWS, freq="7h"), day=pd.date_range("2024-01-01", periods=ROWS)
    )
    columns = infer_use_case(csv(frame), "shop", "price").values["columns"]
    assert {name for name in columns if "derive" in columns[name]} == {"at_hour", "at_weekday", "day_weekday"}


def test_the_only_date_is_joined_with_times_of_day() -> None:
    clocks = [f"{row % 24:02d}:{row % 60:02d}" for row in range(ROWS)]
    columns = infer_use_case(
        csv(table(day=pd.date_range("2024-01-01", periods=ROWS), clock=clocks)), "s", "price"
    ).values["columns"]
    assert columns["clock_at"]["derive"] == {"take": "joined", "of": ["day", "clock"]}
    assert "clock_at_hour" in columns


@pytest.mark.parametrize(
    ("target", "task", "metric", "loss"),
    [
        (RANDOM.normal(100, 20, ROWS), "regression", "mae", "absolute"),
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
    frame = pd.DataFrame({"y": range(0, 1001, 10), "x": RANDOM.normal(size=101)})
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
        ("äö", "use_case"),
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
    frame = pd.DataFrame({"y": [f"v{row % 150}" for row in range(900)], "x": RANDOM.normal(size=900)})
    with pytest.raises(ValueError, match="at most 100 values"):
        infer_use_case(csv(frame), "shop", "y")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1e-5, "1.0e-05"),
        (1.5e-5, "1.5e-05"),
        (3.0, "3"),
        (0.25, "0.25"),
        ("plain", "plain"),
        ("no", '"no"'),
        ("two words", '"two words"'),
        (True, "true"),
        (("a", 1), "[a, 1]"),
    ],
)
def test_values_are_written_so_that_yaml_reads_them_back(value, shown: str) -> None:
    from omegaconf import OmegaConf

    assert flow(value) == shown
    read = OmegaConf.to_container(OmegaConf.create(f"x: {shown}"))["x"]
    assert read == (list(value) if isinstance(value, tuple) else value)


def test_the_file_says_why(tmp_path: Path) -> None:
    text = commented_yaml(infer_use_case(csv(table(colour=["red\u2028", "blue"] * 50)), "shop", "price"))
    assert text.startswith("# shop: proposed from a file with 100 rows, 3 columns.")
    assert "# 2 values, mostly" in text
    assert "\n# engine: pycaret or lean" in text
    for section in ("landing", "validation", "drift", "retrain", "training", "routing", "decision", "freshness_h"):
        assert f"\n{section}: " in text


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
