"""Pages drawn from text: what is drawn is the truth."""

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont


def font(size: int) -> ImageFont.FreeTypeFont:
    """Pillow's own scalable font, so that every machine draws the same page."""
    return ImageFont.load_default(size)


def draw(lines: Sequence[str], size: int = 28, width: int = 900, left: int = 40) -> Image.Image:
    """A white page with a line of text under the other."""
    step = round(size * 1.6)
    page = Image.new("RGB", (width, step * (len(lines) + 1)), "white")
    pen = ImageDraw.Draw(page)
    for number, line in enumerate(lines):
        pen.text((left, step // 2 + number * step), line, fill="black", font=font(size))
    return page


def encode(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """The bytes of a file of that kind."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
