"""A use case as a file that says why."""

from pathlib import Path

import pytest
from small_tables import csv, table

from mlops_assets.use_cases.infer import infer_use_case
from mlops_assets.use_cases.write import commented_yaml, flow


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
