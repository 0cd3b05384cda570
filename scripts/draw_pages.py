"""Draw the A/B page in each of its states as docs/images/ab-STATE-WIDTH.png, as the tests see it.

    python scripts/draw_pages.py

Needs the system's Chromium, as tests/pages do.
"""

import io
import logging
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "pages")]

from stage import STATES, launch, serve, tell  # noqa: E402

OUT = ROOT / "docs" / "images"
WIDTHS = {"desktop": 1000, "phone": 390}
COLOURS = 64
log = logging.getLogger(__name__)


def draw(browser: Any, address: str, width: int) -> bytes:
    """The whole page as a small PNG."""
    page = browser.new_page(viewport={"width": width, "height": 100})
    page.goto(f"{address}/ab?still=1")
    picture = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    page.close()
    file = io.BytesIO()
    picture.quantize(palette=_frequent(picture), dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def _frequent(picture: Image.Image) -> Image.Image:
    """The colours that most pixels have, exactly; Pillow's own palettes are means, which tint what should be white."""
    counted = sorted(picture.getcolors(picture.width * picture.height) or [], reverse=True)[:COLOURS]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for _, colour in counted for part in colour])
    return palette


def main() -> None:
    """Every state at every width."""
    OUT.mkdir(parents=True, exist_ok=True)
    with launch() as browser:
        for state in STATES:
            with (
                tempfile.TemporaryDirectory() as folder,
                tell(state, Path(folder)) as told,
                serve(told.app) as address,
            ):
                for name, width in WIDTHS.items():
                    path = OUT / f"ab-{state}-{name}.png"
                    path.write_bytes(draw(browser, address, width))
                    log.info("%s: %d bytes", path, path.stat().st_size)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    log.setLevel(logging.INFO)
    main()
