from pathlib import Path

import pytest

from mlops_assets.use_cases.load import (
    SpecError,
    check_use_case,
    find_use_case,
    load_use_case,
    load_use_cases,
    use_case_files,
)

SHOP = """\
name: shop
description: a shop
task: regression
target: price
format: {kind: parquet}
columns:
  size: {kind: numeric}
  price: {kind: numeric}
training: {metric: mae}
decision: {loss: absolute}
"""


@pytest.fixture
def write(tmp_path):
    def write(text: str, name: str = "shop.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def refusal(path: Path, overrides=()) -> str:
    with pytest.raises(SpecError) as refused:
        load_use_case(path, overrides)
    sentence = str(refused.value)
    assert sentence.startswith(f"{path}: ")
    assert "\n" not in sentence
    return sentence.removeprefix(f"{path}: ")


def test_a_file_becomes_a_use_case_with_every_default(write):
    use_case = load_use_case(write(SHOP))
    assert (use_case.name, use_case.training.engine, use_case.routing.split_b) == ("shop", "pycaret", 0.2)


def test_an_override_wins_over_the_file(write):
    overrides = ["training.engine=lean", "training.budget_s=20", "columns.size.max=3", "retrain.batches=2"]
    use_case = load_use_case(write(SHOP), overrides)
    assert (use_case.training.engine, use_case.training.budget_s) == ("lean", 20)
    assert (use_case.columns["size"].max, use_case.retrain.batches) == (3, 2)


def test_an_override_is_checked_as_the_file_is(write):
    assert refusal(write(SHOP), ["training.speed=3"]).startswith("training.speed: unknown key; allowed: engine, metric")
    assert refusal(write(SHOP), ["routing.split_b=2"]).startswith("routing.split_b: 2: input should be less than")


def test_what_is_not_yaml_is_told_in_one_line(write):
    assert "not readable as YAML" in refusal(write("name: [shop"))


def test_what_is_no_mapping_is_told_what_is_due(write):
    assert "name, description" in refusal(write("- name\n- description\n"))


def test_a_file_that_is_not_there_is_named(tmp_path):
    assert "No such file" in refusal(tmp_path / "none.yaml")


def test_a_dangling_interpolation_is_told(write):
    assert "nowhere" in refusal(write(SHOP + "owner: ${nowhere}\n"))


def test_the_first_problem_is_told_and_the_others_counted(write):
    assert refusal(write("name: shop\n")).endswith("description: is required (and 6 more)")


@pytest.mark.parametrize(
    ("line", "allowed"),
    [
        ("colour: red", "colour: unknown key; allowed: name, description"),
        ("retrain: {speed: 1}", "retrain.speed: unknown key; allowed: when, cost"),
        ("landing: {sources: [{kind: folder, speed: 1}]}", "landing.sources.0.folder.speed: unknown key; allowed"),
        ("drift: {floors: {shift: {value: 1, origin: o, unit: u}}}", "drift.floors.shift.unit: unknown key; allowed"),
        ("landing: {sources: [{kind: ftp}]}", "landing.sources.0: "),
    ],
)  # fmt: skip
def test_an_unknown_key_is_told_beside_the_allowed_ones(write, line, allowed):
    assert refusal(write(f"{SHOP}{line}\n")).startswith(allowed)


def test_a_key_below_a_column_is_told_beside_the_allowed_ones(write):
    text = SHOP.replace("size: {kind: numeric}", "size: {kind: numeric, colour: red}")
    assert refusal(write(text)).startswith("columns.size.colour: unknown key; allowed: kind, feature, nullable")


def test_a_key_below_a_derivation_is_told_beside_the_allowed_ones(write):
    text = SHOP.replace("size: {kind: numeric}", "size: {kind: numeric, derive: {take: hour, of: [a], by: b}}")
    assert refusal(write(text)).startswith("columns.size.derive.by: unknown key; allowed: take, of")


def test_text_where_a_number_is_due_is_not_turned_into_one(write):
    text = SHOP + "retrain: {rows_min: '500'}\n"
    assert refusal(write(text)).startswith("retrain.rows_min: '500': input should be a valid integer")


def test_plain_values_are_checked_under_their_own_source():
    with pytest.raises(SpecError, match=r"^the page: a mapping with the keys name, description"):
        check_use_case([], source="the page")


def test_shipped_use_cases_load():
    assert {"delivery_time", "wine_quality"} <= set(load_use_cases())


def test_own_use_cases_stand_beside_the_shipped_ones(write, tmp_path):
    write(SHOP)
    assert set(load_use_cases(tmp_path)) == {*load_use_cases(), "shop"}
    assert use_case_files(tmp_path)[-1] == tmp_path / "shop.yaml"
    assert find_use_case("shop", tmp_path, ["training.folds=3"]).training.folds == 3


def test_a_folder_that_is_not_there_adds_nothing(tmp_path):
    assert use_case_files(tmp_path / "none") == use_case_files()


def test_a_name_that_is_not_the_files_is_refused(write, tmp_path):
    write(SHOP, "bakery.yaml")
    with pytest.raises(SpecError, match=r"bakery.yaml: name: 'shop' must be the file's name, 'bakery'"):
        load_use_cases(tmp_path)


def test_a_name_that_is_taken_is_refused(write, tmp_path):
    write(SHOP.replace("name: shop", "name: wine_quality"), "wine_quality.yaml")
    with pytest.raises(SpecError, match="name: 'wine_quality' is taken by another use case; choose another name"):
        load_use_cases(tmp_path)


def test_an_unknown_name_is_told_beside_those_there_are():
    with pytest.raises(SpecError, match=r"use case 'beer' is unknown; available: .*delivery_time.*wine_quality"):
        find_use_case("beer")


@pytest.mark.parametrize("gone", ["numeric: {psi: {value: 1, origin: o}}", "category: {}", "missing_share: {value: 1}"])
def test_limits_by_metric_of_version_0_1_are_refused_with_what_holds_now(write, gone: str) -> None:
    sentence = refusal(write(SHOP + f"drift: {{{gone}}}\n"))
    assert f"'{gone.split(':')[0]}' is gone" in sentence
    assert "'floors' hold the smallest effects that count: shift, spread," in sentence
