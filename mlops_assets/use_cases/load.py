"""Use cases from YAML: shipped files beside this one, and a folder of the user's own."""

import json
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import ValidationError

from mlops_assets.spec import UseCase


class SpecError(ValueError):
    """A use case that cannot work: file, key, value and what is allowed, in one sentence."""


def load_use_case(path: Path, overrides: Iterable[str] = ()) -> UseCase:
    """The use case of one YAML file, with `key.sub=value` overrides merged over it.

    Raises
    ------
    SpecError
        If the file is not YAML, a key is unknown, a value has the wrong type or two values cannot go together.
    """
    try:
        loaded: Any = OmegaConf.load(path)
        if OmegaConf.is_dict(loaded):
            loaded = OmegaConf.merge(loaded, OmegaConf.from_dotlist(list(overrides)))
        values = OmegaConf.to_container(loaded, resolve=True)
    except (OSError, OmegaConfBaseException, ValueError) as error:
        raise SpecError(f"{path}: {' '.join(str(error).split())}") from error
    except Exception as error:  # PyYAML's errors share no base with the ones above
        raise SpecError(f"{path}: not readable as YAML: {' '.join(str(error).split())}") from error
    return check_use_case(values, source=str(path))


def check_use_case(values: Any, *, source: str) -> UseCase:
    """The use case of plain values; `source` names them in an error."""
    if not isinstance(values, dict):
        raise SpecError(f"{source}: a mapping with the keys {', '.join(UseCase.model_fields)} is due")
    try:
        return UseCase.model_validate_json(json.dumps(values, default=str), strict=True)
    except ValidationError as error:
        raise SpecError(f"{source}: {_sentence(error)}") from error


def load_use_cases(own: Path | None = None) -> dict[str, UseCase]:
    """Every shipped use case and those of the folder `own`, by name.

    Raises
    ------
    SpecError
        If a file is wrong, two files give the same name, or a file is not named after its use case.
    """
    found: dict[str, UseCase] = {}
    for path in use_case_files(own):
        use_case = load_use_case(path)
        if use_case.name in found:
            raise SpecError(f"{path}: name: {use_case.name!r} is taken by another use case; choose another name")
        if use_case.name != path.stem:
            raise SpecError(f"{path}: name: {use_case.name!r} must be the file's name, {path.stem!r}")
        found[use_case.name] = use_case
    return found


def use_case_files(own: Path | None = None) -> list[Path]:
    """YAML files of the shipped use cases, then of the folder `own`."""
    shipped = sorted(Path(str(files("mlops_assets.use_cases"))).glob("*.yaml"))
    return shipped + (sorted(own.glob("*.yaml")) if own is not None and own.is_dir() else [])


def find_use_case(name: str, own: Path | None = None, overrides: Iterable[str] = ()) -> UseCase:
    """One use case by name.

    Raises
    ------
    SpecError
        If no file has that name; the sentence lists those that exist.
    """
    by_name = {path.stem: path for path in use_case_files(own)}
    if name not in by_name:
        raise SpecError(f"use case {name!r} is unknown; available: {', '.join(sorted(by_name))}")
    return load_use_case(by_name[name], overrides)


def _sentence(error: ValidationError) -> str:
    problems = error.errors()
    first = problems[0]
    key = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        message = f"unknown key; {_allowed(first['loc'])}"
    elif first["type"] == "missing":
        message = "is required"
    elif first["type"] != "value_error":
        message = f"{first['input']!r}: {message[0].lower()}{message[1:]}"
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{key}: {message}{more}" if key else f"{message}{more}"


def _allowed(location: tuple[int | str, ...]) -> str:
    """Sentence with the keys allowed beside the last part of `location`."""
    schema: Any = UseCase.model_json_schema()
    definitions = schema["$defs"]
    for part in location[:-1]:
        schema = _step(schema, part, definitions)
    keys = schema.get("properties") if isinstance(schema, dict) else None
    return f"allowed: {', '.join(keys)}" if keys else "no further key is allowed"


def _step(schema: Any, part: int | str, definitions: dict[str, Any]) -> Any:
    """The schema below one part of a location; unions are entered by their discriminator's value."""
    if "discriminator" in schema:
        reference = schema["discriminator"]["mapping"].get(part, "")
        return definitions.get(reference.rpartition("/")[2], {})
    following = schema.get("items") if isinstance(part, int) else schema.get("properties", {}).get(part)
    following = following or schema.get("additionalProperties") or {}
    for branch in following.get("anyOf", []) if isinstance(following, dict) else []:
        following = branch if branch.get("type") != "null" else following
    if isinstance(following, dict) and "$ref" in following:
        return definitions[following["$ref"].rpartition("/")[2]]
    return following
