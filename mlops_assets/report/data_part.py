"""The data of a use case in short, as a part of a page: its target over time, what goes with it, its windows."""

from collections.abc import Sequence

from mlops_assets.eda.explore import Exploration
from mlops_assets.eda.matrix import Pair
from mlops_assets.report.eda_page import WindowLine, over_time_html, sample_sentence, windows_html
from mlops_assets.report.page import table
from mlops_assets.spec import UseCase

PAIRS_SHOWN, MISSING_SHOWN = 8, 8
EDA_FOLDER = "eda/"  # beside the page that this is a part of


def data_html(use_case: UseCase, found: Exploration, windows: Sequence[WindowLine]) -> str:
    """The part; the page of all figures is linked beside it."""
    with_target = [pair for pair in found.strongest if use_case.target in (pair.a, pair.b)][:PAIRS_SHOWN]
    lacking = sorted(found.columns, key=lambda column: -column.missing_share)
    missing = [(column.name, f"{column.missing_share:.2%}") for column in lacking if column.missing_share]
    parts = [
        f"<p>{sample_sentence(found)}</p>",
        over_time_html(found) if use_case.time is not None else "",
        table(
            (f"goes with {use_case.target}", "measure", "value"),
            [_line(pair, use_case.target) for pair in with_target],
            "nothing goes with the target: too few rows, or no column varies",
        ),
        table(("column", "missing"), missing[:MISSING_SHOWN], "no value is missing"),
    ]
    return "".join([*parts, windows_html(windows, EDA_FOLDER) if windows else ""])


def _line(pair: Pair, target: str) -> tuple[str, str, float]:
    return pair.b if pair.a == target else pair.a, pair.measure, round(pair.value, 3)
