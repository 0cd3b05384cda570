from html.parser import HTMLParser
from typing import Any

import pytest

from mlops_assets.report.quality import quality_html, quality_markdown


def line(**changes: Any) -> dict[str, Any]:
    made = {
        "expectation": "e",
        "column": "weight",
        "level": "row",
        "rule": "'weight' is odd",
        "passed": True,
        "rows": 0,
    }
    return made | {"found": "", "error": ""} | changes


@pytest.fixture
def report() -> dict[str, Any]:
    nothing: dict[str, Any] = {"before": {}, "after": {}}
    return {
        "use_case": "parcels",
        "passed": True,
        "failures": [],
        "rows": 10,
        "accepted": 8,
        "quarantined": 2,
        "bad_rows": 2,
        "duplicates": 1,
        "reasons": {"'weight' is odd": 2},
        "unparsable": nothing,
        "outliers": {"before": {"weight": 3}, "after": {"weight": 1}},
        "missing": nothing,
        "expectations": [line(passed=False, rows=2)],
    }


def test_the_first_line_is_the_verdict(report: dict[str, Any]) -> None:
    assert quality_markdown(report).startswith(
        "**passed: 8 of 10 rows accepted, 2 in quarantine (2 of them bad by themselves); 1 duplicate rows**"
    )


def test_counts_show_before_and_after(report: dict[str, Any]) -> None:
    shown = quality_markdown(report)
    assert "| weight | 0 | 0 | 3 → 1 |" in shown
    assert "| quarantine where 'weight' is odd | weight | row | 2 rows |" in shown


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({"passed": True}, "kept"),
        ({"passed": False, "level": "table", "found": "3"}, "broken; found 3"),
        ({"passed": False, "level": "table"}, "broken"),
        ({"passed": False, "error": "boom"}, "could not be checked"),
    ],
)
def test_each_rule_has_a_result(report: dict[str, Any], changes: dict[str, Any], result: str) -> None:
    report["expectations"] = [line(**changes)]
    assert f"| {result} |" in quality_markdown(report)


def test_a_rejected_batch_says_why(report: dict[str, Any]) -> None:
    report |= {"passed": False, "failures": ["3 rows are due; found 2"]}
    assert quality_markdown(report).startswith("**REJECTED")
    assert "\n- 3 rows are due; found 2" in quality_markdown(report)
    assert "<li>3 rows are due; found 2</li>" in quality_html(report)


def test_what_a_file_brings_cannot_become_markup(report: dict[str, Any]) -> None:
    report["reasons"] = {"<script>alert(1)</script> | a\nb": 2}
    assert "<script" not in quality_html(report)
    assert "| &lt;script&gt;alert(1)&lt;/script&gt; \\| a b | 2 |" in quality_markdown(report)


def test_the_page_is_whole_and_loads_nothing(report: dict[str, Any]) -> None:
    class Page(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.open: list[str] = []
            self.loads: list[str] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.loads += [name for name, _ in attrs if name in ("src", "href")]
            if tag != "meta":
                self.open.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert self.open.pop() == tag

    page = Page()
    page.feed(quality_html(report))
    assert (page.open, page.loads) == ([], [])


def test_a_report_without_rows_or_rules_has_no_tables(report: dict[str, Any]) -> None:
    report |= {"reasons": {}, "expectations": [], "outliers": {"before": {}, "after": {}}}
    assert "####" not in quality_markdown(report)
    assert "<table" not in quality_html(report)
