"""What the commands print: lines for people on standard error or output, one JSON object for programs."""

import json
from typing import Any

from rich.console import Console
from rich.markup import escape

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(line: str) -> None:
    """One line of progress, on standard error, so that standard output stays for results."""
    err.print(escape(line))


def show(line: str = "", style: str | None = None) -> None:
    """One line of the result."""
    out.print(escape(line), style=style)


def show_json(value: Any) -> None:
    """One JSON object on one line."""
    print(json.dumps(value, default=str, ensure_ascii=False))  # noqa: T201


def complain(sentence: str) -> None:
    """An error, in a sentence."""
    err.print(f"[bold red]error:[/] {escape(sentence)}")
