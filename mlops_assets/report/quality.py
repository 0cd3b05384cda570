"""The quality report of a batch for people: Markdown for the Dagster page, HTML to keep."""

from collections.abc import Sequence
from html import escape
from typing import Any

Rows = Sequence[Sequence[object]]

STYLE = """
:root { color-scheme: light dark; --line: #8884; --good: #1a7f37; --bad: #c62828; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.verdict { font-weight: 600; } .good { color: var(--good); } .bad { color: var(--bad); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
"""


def quality_markdown(report: dict[str, Any]) -> str:
    """The report of validation.validate as Markdown."""
    parts = [f"**{_verdict(report)}**", *(f"- {_cell(failure)}" for failure in report["failures"])]
    for title, head, rows in _tables(report):
        parts += ["", f"#### {title}", "", _markdown_row(head), _markdown_row(["---"] * len(head))]
        parts += [_markdown_row(row) for row in rows]
    return "\n".join(parts) + "\n"


def quality_html(report: dict[str, Any]) -> str:
    """The same as one page that loads nothing from anywhere."""
    title = escape(f"Quality of a batch of {report['use_case']}")
    tone = "good" if report["passed"] else "bad"
    failures = "".join(f"<li>{escape(failure)}</li>" for failure in report["failures"])
    tables = "".join(_html_table(*table) for table in _tables(report))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<style>{STYLE}</style></head><body><h1>{title}</h1><p class="verdict {tone}">{escape(_verdict(report))}</p>'
        f"{f'<ul>{failures}</ul>' if failures else ''}{tables}</body></html>\n"
    )


def _verdict(report: dict[str, Any]) -> str:
    accepted, rows, duplicates = report["accepted"], report["rows"], report["duplicates"]
    outcome = "passed" if report["passed"] else "REJECTED"
    return (
        f"{outcome}: {accepted} of {rows} rows accepted, {report['quarantined']} in quarantine "
        f"({report['bad_rows']} of them bad by themselves); {duplicates} duplicate rows"
    )


def _tables(report: dict[str, Any]) -> list[tuple[str, list[str], Rows]]:
    """Title, head and rows of each table that has rows."""
    found: list[tuple[str, list[str], Rows]] = [
        ("Why rows are in quarantine", ["reason", "rows"], list(report["reasons"].items())),
        ("Columns, before and after quarantine", ["column", "missing", "unreadable", "outliers"], _columns(report)),
        ("Rules", ["rule", "column", "kind", "result"], [_rule(line) for line in report["expectations"]]),
    ]
    return [table for table in found if table[2]]


def _columns(report: dict[str, Any]) -> Rows:
    kinds = [report[kind] for kind in ("missing", "unparsable", "outliers")]
    names = dict.fromkeys(name for kind in kinds for name in (*kind["before"], *kind["after"]))
    return [
        [name, *(_change(kind["before"].get(name, 0), kind["after"].get(name, 0)) for kind in kinds)] for name in names
    ]


def _change(before: int, after: int) -> str:
    return str(before) if before == after else f"{before} → {after}"


def _rule(line: dict[str, Any]) -> list[object]:
    # The sentence of a rule for rows names the fault; in a list of rules it stands as what must not be.
    rule = line["rule"] if line["level"] == "table" else f"quarantine where {line['rule']}"
    if line["error"]:
        result = "could not be checked"
    elif line["passed"]:
        result = "kept"
    else:
        found = f"; found {line['found']}" if line["found"] else ""
        result = f"{line['rows']} rows" if line["level"] == "row" else f"broken{found}"
    return [rule, line["column"] or "", line["level"], result]


def _markdown_row(cells: Sequence[object]) -> str:
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(value: object) -> str:
    return escape(str(value), quote=False).replace("|", "\\|").replace("\n", " ")


def _html_table(title: str, head: list[str], rows: Rows) -> str:
    top = "".join(f'<th scope="col"{_numeric(cell)}>{escape(cell)}</th>' for cell in head)
    body = "".join(f"<tr>{''.join(_html_cell(cell) for cell in row)}</tr>" for row in rows)
    return (
        f"<h2>{escape(title)}</h2>"
        f'<div class="scroll"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _html_cell(cell: object) -> str:
    return f"<td{' class=number' if isinstance(cell, int) else ''}>{escape(str(cell))}</td>"


def _numeric(head: str) -> str:
    return ' class="number"' if head == "rows" else ""
