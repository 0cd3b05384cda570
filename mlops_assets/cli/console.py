"""What the commands print: lines for people on standard error or output, one JSON object for programs."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

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


def show_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Rows below their names, as wide as the terminal lets them be; numbers stand to the right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    rows = [list(row) for row in rows]
    for place, name in enumerate(columns):
        numbers = rows and all(isinstance(row[place], int | float) for row in rows)
        table.add_column(name, justify="right" if numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(_cell(value)) for value in row))
    out.print(table)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
