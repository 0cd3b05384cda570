"""The arrows of docs/architecture.md, read from the imports of each file."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PURE = (
    "spec",
    "anomalies",
    "decode",
    "validation",
    "drift",
    "training",
    "bundle",
    "loss",
    "decision",
    "certificate",
    "report",
    "use_cases",
    "demo",
    "ocr",
    "windows",
    "eda",
)
SHARED_WITH_PAGES = (
    "mlops_assets.decision.confidence",
    "mlops_assets.decision.outlook",
    "mlops_assets.decision.ratio",
    "mlops_assets.report.ab_words",
    "mlops_assets.report.interval_chart",
)
FORBIDDEN_IN_PURE = {"dagster", "mlflow", "flask", "resources", "serving", "dagster_mlflow"}


def imports(path: Path) -> set[str]:
    """Dotted names that a file imports, inside functions too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def rooms(names: set[str]) -> set[str]:
    """The second part of each name below mlops_assets."""
    return {name.split(".")[1] for name in names if name.startswith("mlops_assets.")}


def test_a_pure_room_meets_no_framework_and_no_environment() -> None:
    for path in files(*(f"mlops_assets/{room}" for room in PURE)):
        names = imports(path)
        assert not {name.split(".")[0] for name in names} & FORBIDDEN_IN_PURE, path
        assert not names & {"os.environ", "time.time", "datetime.datetime.now"}, path
        assert not rooms(names) & {"graph", "cli", "definitions"}, path


def test_resources_meet_neither_graph_nor_dagster() -> None:
    for path in files("resources"):
        names = imports(path)
        assert not {name.split(".")[0] for name in names} & {"dagster", "dagster_mlflow", "serving", "flask"}, path
        assert not rooms(names) & {"graph", "cli", "definitions"}, path


def test_serving_meets_only_its_rooms() -> None:
    for path in files("serving"):
        names = imports(path)
        assert not {name.split(".")[0] for name in names} & {"dagster", "mlflow", "pycaret", "great_expectations"}, path
        allowed = {
            "anomalies",
            "spec",
            "decode",
            "bundle",
            "ocr",
            "use_cases",
            "decision",
            "report",
        }
        assert rooms(names) <= allowed, path
        judged = {name for name in names if rooms({name}) & {"decision", "report"}}
        assert all(name.startswith(SHARED_WITH_PAGES) for name in judged), path


def test_only_graph_and_definitions_import_dagster() -> None:
    for path in files("mlops_assets", "resources", "serving"):
        if "dagster" in {name.split(".")[0] for name in imports(path)}:
            assert {"graph", "cli", "definitions.py"} & set(path.relative_to(ROOT).parts), path


def test_graph_files_evaluate_their_annotations() -> None:
    for path in files("mlops_assets/graph"):
        assert "__future__.annotations" not in imports(path), path


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("serving.app", ["dagster", "pycaret", "great_expectations", "mlflow", "scipy", "matplotlib"]),
        ("mlops_assets.definitions", ["mlflow", "pycaret", "great_expectations", "sklearn"]),
        ("mlops_assets.spec", ["dagster", "pandas", "numpy"]),
    ],
)
def test_importing_leaves_heavy_libraries_out(module: str, absent: list[str]) -> None:
    code = f"import sys, {module}; print([name for name in {absent!r} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=600)
    assert shown.stdout.strip() == "[]"


def test_no_grab_bag_files() -> None:
    names = {"utils.py", "helpers.py", "common.py", "manager.py", "handler.py"}
    assert not [path for path in files("mlops_assets", "resources", "serving") if path.name in names]
