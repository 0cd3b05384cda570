"""How `--help` looks: paragraphs as wide as the terminal, and no type beside a flag, which takes none."""

from typing import Any

import typer


def readable(app: typer.Typer) -> Any:
    """The command that an app is, its texts flowing and its flags without a value."""
    command = typer.main.get_command(app)
    _mend(command)
    return command


def _mend(command: Any) -> None:
    command.help = command.help and flowing(command.help)
    for parameter in (*command.params, command.get_help_option(typer.Context(command))):
        if getattr(parameter, "is_flag", False):
            parameter.metavar = ""
    for child in getattr(command, "commands", {}).values():
        _mend(child)


def flowing(text: str) -> str:
    """Each paragraph on one line, for the terminal to break.

    Examples
    --------
    >>> flowing("One line\\nand its end.\\n\\nAnother.")
    'One line and its end.\\n\\nAnother.'
    """
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
