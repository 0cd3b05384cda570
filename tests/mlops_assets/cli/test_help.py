import sys

import pytest
import typer

from mlops_assets.cli.help import readable
from mlops_assets.cli.main import app


def all_commands(command):
    yield command
    for child in getattr(command, "commands", {}).values():
        yield from all_commands(child)


def test_flags_show_no_type_and_paragraphs_flow():
    for command in all_commands(readable(app)):
        for parameter in (*command.params, command.get_help_option(typer.Context(command))):
            assert not getattr(parameter, "is_flag", False) or parameter.metavar == "", (command.name, parameter.name)
        assert all("\n" not in paragraph for paragraph in (command.help or "").split("\n\n")), command.name


def test_the_version_is_told(mlops):
    done = mlops("--version")
    assert done.code == 0
    assert done.out[0].startswith("mlops-assets ")
    assert f"Python {sys.version_info.major}.{sys.version_info.minor}" in done.out[0]


@pytest.mark.parametrize("name", ["rollback", "doctor"])
def test_help_of_a_command_names_its_flags(mlops, name):
    done = mlops(name, "--help")
    assert done.code == 0
    assert any("--json" in line and "bool" not in line for line in done.out)
