"""Bytes to pages: RGB images, checked for their size before they are drawn; text where a PDF shows what it carries."""

import io
import math
import struct
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image as Pillow
from PIL import ImageOps

from mlops_assets.ocr.document import Page
from mlops_assets.ocr.errors import DocumentError
from mlops_assets.ocr.image import Image
from mlops_assets.ocr.kinds import check_kind
from mlops_assets.ocr.text_layer import read_layer
from mlops_assets.spec.documents import Reading

POINTS_PER_INCH = 72
WHITE = (255, 255, 255, 255)
BYTE = 255
DAMAGED = (OSError, SyntaxError, ValueError, TypeError, struct.error)  # what Pillow says of bytes that fit no picture
DEEP = ("I;16", "I;16B", "I;16L", "I;16N", "I", "F")  # modes of one channel that holds more than a byte


def open_pages(data: bytes, reading: Reading) -> Iterator[Image | Page]:
    """Pages one after the other: RGB of shape (height, width, 3), or read already where a PDF carries its text.

    Raises
    ------
    DocumentError
        unsupported_type, too_many_pages, too_many_pixels, encrypted, unreadable.
    """
    kind = check_kind(data, reading)
    return _pages_of_pdf(data, reading) if kind == "PDF" else _frames(data, kind, reading)


def _frames(data: bytes, kind: str, reading: Reading) -> Iterator[Image]:
    Pillow.MAX_IMAGE_PIXELS = reading.pixels_max
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message="Corrupt EXIF data")
        try:
            with Pillow.open(io.BytesIO(data), formats=[kind]) as image:
                for number in range(_count(image, kind, reading)):
                    image.seek(number)
                    yield flatten(_upright(image))
        except DocumentError:
            raise
        except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning) as error:
            raise DocumentError("too_many_pixels", f"{error}; pixels_max is {reading.pixels_max}") from error
        except (*DAMAGED, Warning) as error:
            raise DocumentError("unreadable", f"the {kind} is damaged: {error}; save it again") from error


def _count(image: Pillow.Image, kind: str, reading: Reading) -> int:
    """Pages of a TIFF, counted no further than the limit; one of all else: an animation or a preview is no page."""
    if kind != "TIFF":
        return 1
    for number in range(reading.pages_max + 1):
        try:
            image.seek(number)
        except EOFError:
            return number
    raise DocumentError("too_many_pages", f"more than pages_max {reading.pages_max} pages")


def _upright(image: Pillow.Image) -> Pillow.Image:
    """The picture as its camera says it was held; as it lies where that cannot be read, for its page can be."""
    image.load()
    try:
        return ImageOps.exif_transpose(image)
    except DAMAGED:
        return image


def flatten(image: Pillow.Image) -> Image:
    """RGB of any image: deep greys as bytes, palette looked up, what is transparent laid onto white."""
    if image.mode in DEEP:
        image = _shallow(image)
    if "A" in image.getbands() or "transparency" in image.info:
        whole = image.convert("RGBA")
        image = Pillow.alpha_composite(Pillow.new("RGBA", whole.size, WHITE), whole)
    return np.asarray(image.convert("RGB"))


def _shallow(image: Pillow.Image) -> Pillow.Image:
    """Greys of one byte: white is the largest number of as many bits as the brightest pixel needs, or 1 of shares.

    Pillow itself cuts off at 255, which makes a page of 16 bits white and one of shares black.
    """
    greys = np.nan_to_num(np.asarray(image, np.float32))
    brightest = max(float(greys.max()), 0.0)
    bits = max(8, math.ceil(math.log2(brightest + 1)))
    white = 1.0 if image.mode == "F" and brightest <= 1 else 2.0**bits - 1
    return Pillow.fromarray((greys * (BYTE / white)).clip(0, BYTE).round().astype(np.uint8))


def _pages_of_pdf(data: bytes, reading: Reading) -> Iterator[Image | Page]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
        _check_pages(len(document), reading)
        for number in range(len(document)):
            yield _draw(document[number], number + 1, reading)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise DocumentError("encrypted", "the PDF asks for a password; save it without one") from error
        raise DocumentError("unreadable", f"the PDF is damaged: {error}; save it again") from error


def _draw(page: Any, number: int, reading: Reading) -> Image | Page:
    scale = reading.dpi / POINTS_PER_INCH
    width, height = page.get_size()
    _check_pixels(number, round(width * scale), round(height * scale), reading)
    drawing = page.render(scale=scale)
    image = flatten(drawing.to_pil())
    text = read_layer(page, drawing.get_posconv(page).to_bitmap, image, number)
    return image if text is None else text


def _check_pages(count: int, reading: Reading) -> None:
    if count > reading.pages_max:
        raise DocumentError("too_many_pages", f"{count} pages; pages_max is {reading.pages_max}")


def _check_pixels(number: int, width: int, height: int, reading: Reading) -> None:
    if width * height > reading.pixels_max:
        sentence = f"page {number} has {width} x {height} pixels; pixels_max is {reading.pixels_max}"
        raise DocumentError("too_many_pixels", sentence)
