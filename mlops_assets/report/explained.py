"""What a model listens to, as a part of a page: one table for each way of asking."""

from collections.abc import Mapping
from html import escape
from typing import Any

from mlops_assets.report.page import table

SHOWN = 10
TITLES = {
    "permutation": "Shuffled columns",
    "shap": "Shares of the answers (SHAP)",
    "words": "Words that move the answers",
}


def explained_html(explained: Mapping[str, Any]) -> str:
    """The largest importances by each method; the reason where a method could not explain the model.

    Parameters
    ----------
    explained : mapping
        Method -> what `training.explain.Importance` holds, or a sentence.
    """
    if not explained:
        return "<p>the champion was not explained: it is none yet, was made by hand, or training.explain_rows is 0</p>"
    return "".join(
        _part(TITLES.get(method, method), found, "word" if method == "words" else "column")
        for method, found in explained.items()
    )


def _part(title: str, found: Any, what: str) -> str:
    if isinstance(found, str):
        return f"<h3>{escape(title)}</h3><p>{escape(found)}</p>"
    rows = list(zip(found["names"], found["mean"], found["std"], strict=True))[:SHOWN]
    gap = found.get("gap")
    adds = "" if gap is None else f"; values and answers differ by at most {gap:.2g} of the largest answer"
    note = f"{found['unit']} on {found['rows']:,} rows{adds}"
    return f'<h3>{escape(title)}</h3><p class="lead">{escape(note)}</p>{table((what, "mean", "spread"), rows)}'
