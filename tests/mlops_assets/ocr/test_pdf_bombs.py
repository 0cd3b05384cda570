"""PDF that unpack to what no machine has, have more pages than anybody reads, or refer to themselves."""

import zlib

import pytest

from mlops_assets.ocr.errors import DocumentError
from mlops_assets.ocr.read import Reader
from mlops_assets.spec.documents import Reading
from tests.mlops_assets.ocr.printed_pdf import pdf, text

pytestmark = pytest.mark.slow

MB = 2**20
READING = Reading(memory_mb=800, page_s=60, engines=("rapidocr",))
SENTENCES = ["The next document", "is read as ever"]
GOOD = pdf(text(*SENTENCES))
KIDS = b"<< /Type /Pages /Kids [%s] /Count %d >>"


def nested(unit: bytes, size: int) -> bytes:
    """So many bytes of the unit, deflated twice: the first pass shrinks it a thousand times, the second again."""
    packer = zlib.compressobj(9)
    once = b"".join(packer.compress(unit * (MB // len(unit))) for _ in range(size // MB)) + packer.flush()
    return zlib.compress(once, 9)


def scan(side: int, pixels: bytes, filters: str, over: bytes = b"") -> bytes:
    """A page all over which lies a square picture of one bit a pixel, and the content over it."""
    head = b"6 0 obj << /Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 1 /ColorSpace /DeviceGray"
    picture = head % (side, side) + b" %s /Length %d >>\nstream\n" % (filters.encode(), len(pixels)) + pixels
    page = pdf(b"q 400 0 0 300 0 0 cm /Im1 Do Q " + over, objects=picture + b"\nendstream endobj\n")
    return page.replace(b"/Font <<", b"/XObject << /Im1 6 0 R >> /Font <<")


FLATE_TWICE = "/Filter [/FlateDecode /FlateDecode]"
BOMBS: dict[str, tuple[bytes, set[str]]] = {
    "a page whose content unpacks to 400 MB": (
        pdf(nested(b"0 0 m ", 400 * MB), filters=FLATE_TWICE),
        {"crashed", "out_of_memory"},  # pdfium aborts where it gets no memory
    ),
    "10,000 pages": (
        GOOD.replace(KIDS % (b"3 0 R", 1), KIDS % (b"3 0 R " * 10_000, 10_000)),
        {"too_many_pages"},
    ),
    "pages that are their own children": (
        GOOD.replace(KIDS % (b"3 0 R", 1), KIDS % (b"2 0 R 2 0 R", 1_000)),
        {"too_many_pages", "unreadable"},
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_within_the_child_s_memory_and_the_next_document_is_read(name: str) -> None:
    data, codes = BOMBS[name]
    assert len(data) < MB

    with Reader(READING) as reader:
        with pytest.raises(DocumentError) as refused:
            reader.read(data)
        assert refused.value.code in codes

        assert reader.read(GOOD).text.splitlines() == SENTENCES


def test_a_picture_that_pdfium_draws_row_by_row_is_read_and_its_400_mb_are_never_held() -> None:
    side = 57_000
    white = scan(side, nested(b"\xff", side * side // 8), FLATE_TWICE, over=text(*SENTENCES))
    assert len(white) < MB

    with Reader(READING) as reader:
        assert reader.read(white).text.splitlines() == SENTENCES
        assert reader.stats().rss_bytes < 400 * MB
