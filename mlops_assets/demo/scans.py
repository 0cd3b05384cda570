"""Invented papers as image files: printed cleanly, or photographed askew on a desk, in bad light."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import numpy as np

from mlops_assets.demo.papers import KINDS, Language, Line, write_paper

LETTERS = 22  # pixels: small pages that OCR reads well are read in a fraction of a second
STEP = 32  # from line to line
WIDTHS = {"form": 620, "invoice": 620, "letter": 620, "receipt": 380}
MARGIN = 30
SOURCES = 40  # makers of papers of one kind, each with a margin and a size of letters of its own
DESK, AROUND = 84, (30, 260)  # its grey, and how many pixels of it are seen beside a page


def draw_archive(language: Language, pages: int, *, photographed: bool, random_state: int) -> bytes:
    """A ZIP archive of invented papers with their `labels.csv`; the same seed gives the same papers.

    Parameters
    ----------
    pages : how many, at least 1; kinds take turns
    photographed : askew, in bad light and out of focus, in place of a clean scan
    """
    random = np.random.default_rng(random_state)
    buffer, table = io.BytesIO(), ["file,label,source"]
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for number in range(pages):
            kind, maker = KINDS[number % len(KINDS)], int(random.integers(SOURCES))
            image = draw_paper(write_paper(kind, language, random), WIDTHS[kind], maker)
            name = f"{random_state}-{number:04d}.{'jpg' if photographed else 'png'}"
            data = _jpeg(photograph(image, random)) if photographed else _png(image)
            archive.writestr(zipfile.ZipInfo(name), data)  # without the time of day, so that bytes stay the same
            table.append(f"{name},{kind},{language} {kind} {maker}")
        archive.writestr(zipfile.ZipInfo("labels.csv"), "\n".join([*table, ""]))
    return buffer.getvalue()


def draw_paper(lines: Sequence[Line], width: int, maker: int) -> Any:
    """A grey page with the lines, in the manner of a maker."""
    from PIL import Image, ImageDraw, ImageFont

    left, letters = MARGIN + 4 * (maker % 8), LETTERS + maker % 4
    page = Image.new("L", (width, STEP * (len(lines) + 2)), 255)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(letters)
    for number, line in enumerate(lines, start=1):
        pen.text((left, number * STEP), line.left, fill=20, font=font)
        pen.text((width - MARGIN, number * STEP), line.right, fill=20, font=font, anchor="ra")
    return page


def photograph(page: Any, random: np.random.Generator) -> Any:
    """The page in grey, askew on a desk, lit from one side, a little out of focus, with the noise of a sensor."""
    from PIL import Image, ImageFilter

    left, top, right, bottom = (int(edge) for edge in random.integers(*AROUND, 4))
    wide, high = left + page.width + right, top + page.height + bottom
    photo = Image.new("L", (wide, high), DESK)
    photo.paste(page, (left, top))
    photo = photo.rotate(float(random.uniform(-2.0, 2.0)), resample=Image.Resampling.BILINEAR, fillcolor=DESK)
    photo = photo.filter(ImageFilter.GaussianBlur(float(random.uniform(0.4, 0.9))))
    light = np.linspace(1.0, random.uniform(0.6, 0.8), wide, dtype=np.float32)[None, :]
    noise = 8 * random.standard_normal((high, wide), dtype=np.float32)
    seen = np.asarray(photo, dtype=np.float32) * light + noise
    return Image.fromarray(np.clip(seen, 0, 255).astype(np.uint8))


def _png(image: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def _jpeg(image: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=70)
    return buffer.getvalue()
