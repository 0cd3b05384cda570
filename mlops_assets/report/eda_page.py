"""What a table of a use case looks like, on one page: target over time, columns, associations, windows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from mlops_assets.eda.column import ColumnFigures, Levels, Numbers
from mlops_assets.eda.explore import Exploration
from mlops_assets.eda.matrix import MEASURES, Pair
from mlops_assets.report.eda_svg import EDA_STYLE, heat_map, histogram, key, level_bars, line_chart
from mlops_assets.report.page import cards, page, section, table
from mlops_assets.spec import UseCase

PAIRS_SHOWN = 15
LEVELS_SHOWN = 4


@dataclass(frozen=True)
class WindowLine:
    """One window in the page of all of them; `address` is that of its own page, None where it has none."""

    key: str
    start: datetime
    status: str
    rows: int
    late_rows: int
    address: str | None


def eda_html(
    use_case: UseCase, found: Exploration, about: str, facts: Mapping[str, Any], windows: Sequence[WindowLine] = ()
) -> str:
    """The page.

    Parameters
    ----------
    about : which rows these are, a sentence
    facts : headline values beside those of the exploration
    windows : newest first; empty where the page is of one window
    """
    return page(
        f"{use_case.name}: what the data looks like",
        about,
        [
            cards({**_headline(found), **facts}),
            f"<p>{escape(sample_sentence(found))}</p>",
            section(f"{use_case.target} over time", over_time_html(found)),
            section("Columns", _columns(found)),
            section("Associations", _associations(found)),
            *([section("Windows", windows_html(windows))] if windows else []),
        ],
        style=EDA_STYLE,
    )


def sample_sentence(found: Exploration) -> str:
    """Whether the figures are of all rows."""
    if found.sampled == found.rows:
        return "All figures are of all rows."
    return (
        f"Rows and missing values are counted in all {found.rows:,} rows; all other figures are of {found.sampled:,} "
        "rows drawn from them at random."
    )


def numbers_sentence(numbers: Numbers) -> str:
    """Figures of numbers in words."""
    low, first, median, third, high = numbers.quartiles
    said = (
        f"mean {numbers.mean:.4g} ± {numbers.std:.3g}; median {median:.4g}, half between {first:.4g} and {third:.4g}; "
        f"{low:.4g} to {high:.4g}"
    )
    return f"{said}; {numbers.outliers:.2%} far out" if numbers.outliers else said


def levels_sentence(levels: Levels) -> str:
    """Labels in words."""
    total = sum(count for _, count in levels.top) + levels.others
    shown = ", ".join(f"{name} {_percent(count / total)}" for name, count in levels.top[:LEVELS_SHOWN])
    more = levels.distinct - LEVELS_SHOWN
    return f"{levels.distinct:,} label(s): {shown}" + (f" and {more:,} more" if more > 0 else "")


def figures_sentence(column: ColumnFigures) -> str:
    """What a column looks like, in words."""
    if column.numbers is not None:
        return f"{column.measure}: {numbers_sentence(column.numbers)}".removeprefix(": ")
    if column.kind == "id" and column.levels is not None:
        return f"{column.levels.distinct:,} distinct"
    return levels_sentence(column.levels) if column.levels is not None else "no value"


def over_time_html(found: Exploration) -> str:
    """The target over time as lines, and what they are."""
    over = found.over_time
    if over is None:
        return "<p>no time column, or no row with a time and a label</p>"
    note = "band: two standard errors" if over.points[0].error is not None else "shares of classes"
    return (
        f'{key(over.names)}<div class="wide">{line_chart(over)}</div>'
        f'<p class="lead">by spans of {escape(str(over.span).removesuffix(", 0:00:00"))}; {note}</p>'
    )


def windows_html(windows: Sequence[WindowLine], folder: str = "") -> str:
    """A table of windows, whose pages lie in `folder`."""
    head = "".join(f"<th>{name}</th>" for name in ("window", "from", "status", "rows in time", "late"))
    rows = "".join(
        f"<tr><td>{_link(one, folder)}</td><td>{one.start:%Y-%m-%d %H:%M}</td><td>{one.status}</td>"
        f'<td class="number">{one.rows:,}</td><td class="number">{one.late_rows:,}</td></tr>'
        for one in windows
    )
    return f'<div class="wide"><table><tr>{head}</tr>{rows}</table></div>'


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 else f"{share:.2%}"


def _headline(found: Exploration) -> dict[str, Any]:
    span = {"from": f"{found.first:%Y-%m-%d}", "to": f"{found.last:%Y-%m-%d}"} if found.first and found.last else {}
    missing = sum(column.missing_share for column in found.columns) / max(1, len(found.columns))
    return {"rows": f"{found.rows:,}", "columns": len(found.columns), "values missing": f"{missing:.2%}", **span}


def _columns(found: Exploration) -> str:
    head = "".join(f"<th>{name}</th>" for name in ("column", "distribution", "missing", "figures"))
    rows = "".join(f"<tr>{_column(column)}</tr>" for column in found.columns)
    return f'<div class="wide"><table><tr>{head}</tr>{rows}</table></div>' if rows else "<p>no column</p>"


def _column(column: ColumnFigures) -> str:
    drawn = ""
    if column.numbers is not None:
        drawn = histogram(column.numbers)
    elif column.levels is not None and column.kind != "id":
        drawn = level_bars(column.levels)
    return (
        f'<td class="name">{escape(column.name)}<small>{column.kind}</small></td><td>{drawn}</td>'
        f'<td class="number">{column.missing_share:.2%}</td>'
        f'<td class="figures">{escape(figures_sentence(column))}</td>'
    )


def _associations(found: Exploration) -> str:
    if not found.pairs:
        return "<p>fewer than two columns that vary</p>"
    legend = "; ".join(f"{kinds.replace(' ', ' and ')}: {measure}" for kinds, measure in MEASURES.items())
    return (
        f'<div class="wide">{heat_map(found.pairs)}</div><p class="lead">{escape(legend)} (Spearman from -1)</p>'
        + table(("column", "and", "measure", "value", "Pearson"), map(_pair, found.strongest[:PAIRS_SHOWN]))
    )


def _pair(pair: Pair) -> tuple[Any, ...]:
    return pair.a, pair.b, pair.measure, round(pair.value, 3), None if pair.pearson is None else round(pair.pearson, 3)


def _link(one: WindowLine, folder: str) -> str:
    name = escape(one.key)
    return name if one.address is None else f'<a href="{escape(folder + one.address)}">{name}</a>'
