"""Write the tables of README.md and docs/use-case.md that repeat what the code says.

    python scripts/write_tables.py [--check]

A table stands between `<!-- begin NAME -->` and `<!-- end NAME -->`. With --check nothing is written, and the exit code
is 1 where a table is out of date.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer
from pydantic import BaseModel

from mlops_assets import spec
from mlops_assets.cli.main import app
from resources.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = ("README.md", "docs/use-case.md")
BLOCK = re.compile(r"(<!-- begin (\w+) -->\n).*?(<!-- end \2 -->)", re.DOTALL)
MODELS: tuple[type[BaseModel], ...] = (
    spec.UseCase,
    spec.Landing,
    spec.Folder,
    spec.Glob,
    spec.Sql,
    spec.Delimited,
    spec.Parquet,
    spec.JsonLines,
    spec.Reading,
    spec.Column,
    spec.Derivation,
    spec.Validation,
    spec.DriftPolicy,
    spec.Floors,
    spec.Limit,
    spec.Stream,
    spec.RacePolicy,
    spec.RetrainPolicy,
    spec.Training,
    spec.Bert,
    spec.Routing,
    spec.RampStep,
    spec.Feedback,
    spec.Decision,
)
BOUNDS = {"exclusiveMinimum": "> {:g}", "minimum": ">= {:g}", "exclusiveMaximum": "< {:g}", "maximum": "<= {:g}"}
WORDS = {"number": "number", "integer": "whole number", "string": "text", "boolean": "true, false"}


def commands_table() -> str:
    """Every command, what it does, and an example."""
    rows = []
    for words, command in _leaves(typer.main.get_command(app), ("mlops",)):
        paragraphs = str(command.help).split("\n\n")
        example = next(part.removeprefix("Example: ") for part in paragraphs if part.startswith("Example: "))
        rows.append((f"`{' '.join(words)}`", " ".join(paragraphs[0].split()), f"`{' '.join(example.split())}`"))
    return _table(("command", "what it does", "example"), rows)


def settings_table() -> str:
    """Every environment variable, its default and its meaning."""
    rows = [
        (f"`{PREFIX}{name.upper()}`", "" if field.default is None else f"`{field.default}`", field.description)
        for name, field in Settings.model_fields.items()
    ]
    return _table(("variable", "default", "meaning"), rows)


def keys_table() -> str:
    """Every key of a use case, section by section."""
    return "\n".join(_section(model) for model in MODELS)


TABLES = {"commands": commands_table, "settings": settings_table, "keys": keys_table}


def renewed(text: str) -> str:
    """The document with each table as the code has it now."""
    return BLOCK.sub(lambda found: f"{found[1]}{TABLES[found[2]]()}{found[3]}", text)


def _leaves(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if not hasattr(command, "commands"):
        yield words, command
        return
    for name, inner in command.commands.items():
        yield from _leaves(inner, (*words, name))


def _section(model: type[BaseModel]) -> str:
    schema = model.model_json_schema()
    required = schema.get("required", [])
    about = " ".join(str(model.__doc__).split())
    rows = [
        (f"`{name}`", allowed(found), _default(name, found, required), found.get("description"))
        for name, found in schema["properties"].items()
    ]
    return f"### {model.__name__}\n\n{about}\n\n{_table(('key', 'allowed', 'default', 'meaning'), rows)}"


def allowed(schema: Mapping[str, Any]) -> str:
    """What a JSON schema takes, in words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " or ".join(dict.fromkeys(allowed(one) for one in schema[several]))
    if schema["type"] == "array":
        return f"list of {allowed(schema['items'])}"
    if schema["type"] == "object":
        return f"name: {allowed(schema['additionalProperties'])}"
    if schema["type"] == "null":
        return "none"
    bounds = [words.format(schema[key]) for key, words in BOUNDS.items() if key in schema]
    return " ".join([WORDS[schema["type"]], ", ".join(bounds)]).strip()


def _default(name: str, schema: Mapping[str, Any], required: Iterable[str]) -> str:
    if name in required:
        return "required"
    value = schema.get("default")
    if isinstance(value, dict) and "$ref" in schema and "value" not in value:
        return "its defaults"
    if isinstance(value, dict):
        return (
            ", ".join(f"`{key}` {limit['value']:g}" for key, limit in value.items())
            if "value" not in value
            else (f"`{value['value']:g}`")
        )
    return f"`{json.dumps(value, ensure_ascii=False)}`" if value is not None else "none"


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(_cell(value) for value in line)} |\n" for line in lines)


def _cell(value: Any) -> str:
    return str(value or "").replace("|", "\\|")


def main(arguments: Sequence[str]) -> int:
    """Exit code 1 where --check found a table out of date."""
    stale = []
    for name in DOCUMENTS:
        path = ROOT / name
        text = path.read_text(encoding="utf-8")
        if renewed(text) == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.write_text(renewed(text), encoding="utf-8")
    for name in stale:
        sys.stdout.write(f"{name}: {'out of date' if '--check' in arguments else 'written'}\n")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
