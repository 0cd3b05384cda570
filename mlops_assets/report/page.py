"""One self-contained HTML page: no script, no outside address, readable on a phone and on paper."""

import base64
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #f3f4f6; --accent: #2a6f97 }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem;
  background: Canvas; color: CanvasText }
h1 { font-size: 1.6rem; margin-bottom: 0 } h2 { font-size: 1.15rem; margin-top: 2rem }
h3 { font-size: 1rem; margin-bottom: 0 }
.lead { opacity: .7; margin-top: .25rem }
.wide { overflow-x: auto } .wide + .wide { margin-top: 1rem }
table { border-collapse: collapse; width: 100%; font-size: .9rem }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top }
th { background: var(--soft); font-weight: 600 }
table.facts { table-layout: fixed } table.facts th { width: 11rem }
table.facts td { overflow-wrap: anywhere }
td.number { text-align: right; font-variant-numeric: tabular-nums } th.number { text-align: right }
figure { margin: 1rem 0 } img { max-width: 100%; background: white } figcaption { opacity: .7; font-size: .85rem }
.cards { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1rem 0 }
.card { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .9rem; min-width: 9rem }
.card b { display: block; font-size: 1.3rem }
@media (max-width: 40rem) { table.facts th { width: 32% } }
@media (prefers-color-scheme: dark) { :root { --soft: #24272c } }
@media print { :root { color-scheme: light; --soft: #f3f4f6 } }
"""


def page(title: str, lead: str, parts: Iterable[str], style: str = "") -> str:
    """A whole document; `parts` are HTML that the functions below made, `style` is added to the one all pages have."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}{style}</style></head><body>"
        f'<h1>{escape(title)}</h1><p class="lead">{escape(lead)}</p>{"".join(parts)}</body></html>'
    )


def cards(values: dict[str, Any]) -> str:
    """A row of headline values."""
    shown = "".join(
        f'<div class="card">{escape(name)}<b>{escape(str(value))}</b></div>' for name, value in values.items()
    )
    return f'<div class="cards">{shown}</div>'


def section(title: str, *parts: str) -> str:
    """A heading and what is below it."""
    return f"<h2>{escape(title)}</h2>{''.join(parts)}"


def links(addresses: dict[str, str]) -> str:
    """A line of links; nothing where there are none."""
    shown = " · ".join(f'<a href="{escape(address)}">{escape(name)}</a>' for name, address in addresses.items())
    return f"<p>{shown}</p>" if shown else ""


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], empty: str = "nothing yet") -> str:
    """A table; `empty` stands in its place when there are no rows."""
    rows = [tuple(row) for row in rows]
    if not rows:
        return f"<p>{escape(empty)}</p>"
    body = "".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>" for row in rows)
    head = "".join(_head(name, [row[place] for row in rows]) for place, name in enumerate(columns))
    return f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>'


def facts(rows: Iterable[tuple[str, Any]]) -> str:
    """A table of two columns: a name, and what is to be said of it."""
    body = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{escape(str(value))}</td></tr>' for name, value in rows)
    return f'<div class="wide"><table class="facts">{body}</table></div>'


def figure(png: bytes, caption: str) -> str:
    """A picture inside the page."""
    data = base64.b64encode(png).decode()
    return (
        f'<figure><img alt="{escape(caption)}" src="data:image/png;base64,{data}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def _head(name: str, values: Sequence[Any]) -> str:
    """The name of a column, to the right where its numbers stand there."""
    told = [value for value in values if value is not None]
    numbers = bool(told) and all(_is_number(value) for value in told)
    kind = ' class="number"' if numbers else ""
    return f"<th{kind}>{escape(name)}</th>"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _cell(value: Any) -> str:
    if not _is_number(value):
        return f"<td>{escape('' if value is None else str(value))}</td>"
    shown = f"{value:,}" if isinstance(value, int) else f"{value:.4g}"
    return f'<td class="number">{shown}</td>'
