"""Draw the asset graph of one use case as docs/pictures/asset-graph.svg.

    python scripts/draw_graph.py [USE_CASE]

Boxes and arrows come from the definitions: an asset is as far to the right as its longest way from the landing folder,
and its colour is the job that makes it.
"""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import dagster as dg

from mlops_assets.definitions import definitions_of
from mlops_assets.graph.jobs import STAGES
from mlops_assets.use_cases.load import load_use_cases
from resources.installation import Installation
from resources.settings import Settings

OUT = Path(__file__).resolve().parents[1] / "docs" / "pictures" / "asset-graph.svg"
WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN, HEAD = 176, 44, 30, 40, 16, 26
ROOM = {  # job: colour of box and edge, what starts it
    "batch": ("#e3eefb", "#2a6f97", "one run = one landed batch"),
    "train": ("#e8f5e9", "#3a7d44", "one run = one retrain"),
    "decide": ("#fdf0e0", "#b8661b", "whenever labels arrived"),
}

ALARM = ("drift_score", "training_set")  # no dependency: a sensor stands between the two


def job_of(name: str) -> str:
    """The first job that makes an asset."""
    return next(job for job in ROOM if name in STAGES[job])


def depths(parents: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Steps on the longest way to each asset."""
    found: dict[str, int] = {}

    def depth(name: str) -> int:
        if name not in found:
            found[name] = max((depth(parent) + 1 for parent in parents[name]), default=0)
        return found[name]

    return {name: depth(name) for name in parents}


def parents_of(use_case: str) -> dict[str, list[str]]:
    """Asset -> the assets it is made from, in the order of the definitions."""
    known = {name: found for name, found in load_use_cases(None).items() if name == use_case}
    with tempfile.TemporaryDirectory() as home:
        definitions = definitions_of(Installation(Settings(home=Path(home)), known))
    assets = [asset for asset in definitions.assets or [] if isinstance(asset, dg.AssetsDefinition)]
    return {
        spec.key.path[-1]: [dep.asset_key.path[-1] for dep in spec.deps] for asset in assets for spec in asset.specs
    }


def draw(parents: Mapping[str, Sequence[str]]) -> str:
    """The SVG."""
    columns = depths(parents)
    places: dict[str, tuple[int, int]] = {}
    for column in range(max(columns.values()) + 1):
        here = [name for name in parents if columns[name] == column]
        for row, name in enumerate(here):
            places[name] = (MARGIN + column * (WIDTH + GAP_X), MARGIN + HEAD + row * (HEIGHT + GAP_Y))
    for name in parents:  # a chain keeps the line of what it comes from
        for parent in parents[name]:
            if len([child for child in parents if parent in parents[child]]) == 1:
                places[name] = (places[name][0], places[parent][1])
    width = max(x for x, _ in places.values()) + WIDTH + MARGIN
    height = max(y for _, y in places.values()) + HEIGHT + HEAD + 10
    arrows = [_arrow(places[parent], places[name]) for name in parents for parent in parents[name]]
    boxes = [_box(name, *places[name]) for name in parents]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"',
            '  font-family="ui-sans-serif, system-ui, sans-serif" role="img">',
            "<title>The assets of one use case</title>",
            '<defs><marker id="tip" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">'
            '<path d="M0,0 L8,4 L0,8 z" fill="#777"/></marker></defs>',
            f'<rect width="{width}" height="{height}" rx="8" fill="#ffffff"/>',
            *_heads(places),
            *arrows,
            _alarm(places[ALARM[0]], places[ALARM[1]]),
            *boxes,
            "</svg>\n",
        ]
    )


def _heads(places: Mapping[str, tuple[int, int]]) -> list[str]:
    """The name of each job, above the first line of boxes or below the line it has for itself."""
    lines, first = [], min(y for _, y in places.values())
    for job, (_, edge, about) in ROOM.items():
        own = [place for name, place in places.items() if job_of(name) == job]
        left, top = min(own)
        y = top - 12 if top == first else top + HEIGHT + 20
        lines.append(f'<text x="{left}" y="{y}" font-size="13" fill="{edge}">{escape(f"{job}: {about}")}</text>')
    return lines


def _alarm(start: tuple[int, int], end: tuple[int, int]) -> str:
    x, y0, y1 = start[0] + WIDTH // 2, start[1] + HEIGHT, end[1] - 2
    return (
        f'<path d="M{x},{y0} L{x},{y1}" stroke="#777" stroke-width="1.5" stroke-dasharray="4 3" '
        f'marker-end="url(#tip)"/><text x="{x + 8}" y="{(y0 + y1) // 2 + 4}" font-size="12" fill="#555">'
        "alarm: a sensor asks for a retrain</text>"
    )


def _box(name: str, x: int, y: int) -> str:
    fill, edge, _ = ROOM[job_of(name)]
    return (
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="6" fill="{fill}" stroke="{edge}"/>'
        f'<text x="{x + WIDTH // 2}" y="{y + HEIGHT // 2 + 5}" font-size="14" text-anchor="middle" '
        f'font-family="ui-monospace, monospace" fill="#1b1f24">{escape(name)}</text>'
    )


def _arrow(start: tuple[int, int], end: tuple[int, int]) -> str:
    x0, y0, x1, y1 = start[0] + WIDTH, start[1] + HEIGHT // 2, end[0] - 2, end[1] + HEIGHT // 2
    middle = (x0 + x1) // 2
    return (
        f'<path d="M{x0},{y0} C{middle},{y0} {middle},{y1} {x1},{y1}" fill="none" stroke="#777" '
        'stroke-width="1.5" marker-end="url(#tip)"/>'
    )


if __name__ == "__main__":
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(draw(parents_of(sys.argv[1] if len(sys.argv) > 1 else "wine_quality")), encoding="utf-8")
