"""The documents say what the code says."""

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from mlops_assets.spec import UseCase
from resources.settings import PREFIX, Settings

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
PATH = re.compile(r"`((?:mlops_assets|resources|serving|scripts|tests|docs)/[\w./-]*)`")
GROUPS = ("use-case", "report", "routing", "keys", "log")
COMMAND = re.compile(rf"(?:^ {{4,}}|`)(?:MLOPS_\w+=\S+ )*mlops ((?:(?:{'|'.join(GROUPS)}) )?[a-z-]+)", re.MULTILINE)


@pytest.fixture(scope="module")
def tables() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "scripts" / "write_tables.py"))


@pytest.mark.parametrize("name", ["README.md", "docs/use-case.md"])
def test_tables_are_as_the_code_has_them_now(tables: dict[str, Any], name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert tables["renewed"](text) == text, "run: .venv/bin/python scripts/write_tables.py"


def test_every_table_stands_in_a_document(tables: dict[str, Any]) -> None:
    found = {name for document in DOCUMENTS for _, name, _ in tables["BLOCK"].findall(document.read_text("utf-8"))}
    assert found == set(tables["TABLES"])


def test_every_section_of_a_use_case_has_its_table(tables: dict[str, Any]) -> None:
    assert {"UseCase", *UseCase.model_json_schema()["$defs"]} == {model.__name__ for model in tables["MODELS"]}


def test_every_key_and_setting_says_what_it_means(tables: dict[str, Any]) -> None:
    for model in (*tables["MODELS"], Settings):
        assert not [name for name, field in model.model_fields.items() if not field.description], model.__name__


def test_the_picture_of_the_graph_is_drawn_from_the_definitions() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "draw_graph.py"))
    drawn = script["draw"](script["parents_of"]("wine_quality"))
    assert script["OUT"].read_text(encoding="utf-8") == drawn, "run: .venv/bin/python scripts/draw_graph.py"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_and_paths_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    links = [path.parent / link for link in LINK.findall(text) if "://" not in link]
    named = [ROOT / found for found in PATH.findall(text)]
    assert [str(place) for place in links + named if not place.exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_commands_that_documents_name_exist(tables: dict[str, Any], path: Path) -> None:
    known = {line.split("`")[1].removeprefix("mlops ") for line in tables["commands_table"]().splitlines()[2:]}
    named = set(COMMAND.findall(path.read_text(encoding="utf-8")))
    assert {" ".join(name.split()) for name in named} - set(GROUPS) <= known


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_variables_that_documents_name_are_settings(path: Path) -> None:
    named = set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", path.read_text(encoding="utf-8")))
    assert named <= {PREFIX + name.upper() for name in Settings.model_fields}


def test_one_workspace_file_is_the_copy_of_the_other() -> None:
    assert (ROOT / "workspace.yaml").read_text("utf-8") == (ROOT / "resources" / "workspace.yaml").read_text("utf-8")
