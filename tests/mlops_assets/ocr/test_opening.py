"""Files as scanners, phones and attackers make them; every hostile one costs neither memory nor time."""

import struct
import zlib

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from mlops_assets.ocr.errors import DocumentError
from mlops_assets.ocr.opening import open_pages
from mlops_assets.spec.documents import Reading
from tests.mlops_assets.ocr.drawn import draw, encode


def pages(data: bytes, **limits: int) -> list[np.ndarray]:
    return list(open_pages(data, Reading(**limits)))


def refused(data: bytes, **limits: int) -> str:
    with pytest.raises(DocumentError) as error:
        pages(data, **limits)
    return error.value.code


def pdf(*boxes: tuple[float, float]) -> bytes:
    with pypdfium2.PdfDocument.new() as document:
        for width, height in boxes:
            document.new_page(width, height)
        import io

        buffer = io.BytesIO()
        document.save(buffer)
        return buffer.getvalue()


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    )


def tiff(*images: Image.Image) -> bytes:
    return encode(images[0], "TIFF", save_all=True, append_images=list(images[1:]))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_every_kind_of_image_opens(kind: str) -> None:
    (page,) = pages(encode(Image.new("RGB", (30, 20), (200, 10, 10)), kind))

    assert page.shape == (20, 30, 3)
    assert np.allclose(page[10, 15], (200, 10, 10), atol=3)


def test_what_is_transparent_lies_on_white() -> None:
    black_but_transparent = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    black_but_transparent.putpixel((1, 1), (0, 0, 0, 255))

    (page,) = pages(encode(black_but_transparent))

    assert page[0, 0].tolist() == [255, 255, 255]
    assert page[1, 1].tolist() == [0, 0, 0]


def test_a_palette_with_a_transparent_colour_is_looked_up() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([9, 9, 9, 0, 0, 255])
    image.putpixel((1, 0), 1)

    (page,) = pages(encode(image, transparency=0))

    assert page[0].tolist() == [[255, 255, 255], [0, 0, 255]]


def test_a_photo_is_turned_as_its_camera_says() -> None:
    photo = Image.new("RGB", (30, 20), "white")
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise by a quarter to look at it

    (page,) = pages(encode(photo, "JPEG", exif=exif))

    assert page.shape == (30, 20, 3)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize(
    ("paper", "ink", "grey"), [(54_000, 9_000, (210, 35)), (4_000, 600, (249, 37)), (200, 30, (200, 30))]
)
def test_a_page_of_sixteen_bits_keeps_its_print(kind: str, paper: int, ink: int, grey: tuple[int, int]) -> None:
    # white is 65535, 4095 and 255: 54000 / 65535 * 255 = 210.1, 9000 -> 35.0, 4000 / 4095 * 255 = 249.1, 600 -> 37.4
    greys = np.full((20, 30), paper, np.uint16)
    greys[5:8, 5:20] = ink

    (page,) = pages(encode(Image.fromarray(greys), kind))

    assert (page[0, 0].tolist(), page[6, 6].tolist()) == ([grey[0]] * 3, [grey[1]] * 3)


@pytest.mark.parametrize(("numbers", "white"), [(np.float32, 1.0), (np.float32, 255.0), (np.int32, 2**20 - 1)])
def test_a_page_of_shares_or_of_large_numbers_keeps_its_print(numbers: type, white: float) -> None:
    greys = np.full((20, 30), white, numbers)
    greys[5:8, 5:20] = 0

    (page,) = pages(encode(Image.fromarray(greys), "TIFF"))

    assert (page[0, 0].tolist(), page[6, 6].tolist()) == ([255] * 3, [0] * 3)


def test_a_black_page_of_sixteen_bits_is_black() -> None:
    (page,) = pages(encode(Image.fromarray(np.zeros((4, 4), np.uint16))))

    assert page.max() == 0


def with_exif(change) -> bytes:
    exif = Image.Exif()
    exif[0x0100], exif[0x0112] = 30, 6  # width, and a turn
    photo = bytearray(encode(Image.new("RGB", (30, 20), "white"), "JPEG", exif=exif))
    change(photo, photo.index(b"Exif") + 6)
    return bytes(photo)


def _points_nowhere(photo: bytearray, at: int) -> None:
    photo[at + 4 : at + 8] = b"\x7f\xff\xff\xff"


def _is_of_another_type(photo: bytearray, at: int) -> None:
    photo[at + 12 : at + 14] = b"\0\x0b"  # of the width: a real number where a whole one is due


@pytest.mark.parametrize("change", [_points_nowhere, _is_of_another_type])
def test_a_photo_whose_notes_are_damaged_is_read_as_it_lies(change) -> None:
    (page,) = pages(with_exif(change))

    assert sorted(page.shape) == [3, 20, 30]


def test_whatever_pillow_raises_about_a_picture_it_is_damaged() -> None:
    without_size = bytearray(tiff(Image.new("L", (30, 20)), Image.new("L", (30, 20))))
    width = without_size.rindex(struct.pack("<HHII", 0x0100, 4, 1, 30))  # of the second page
    without_size[width] = 0x7F  # its tag is another now

    assert refused(bytes(without_size)) == "unreadable"


def test_a_tiff_has_as_many_pages_as_frames() -> None:
    assert [page.shape for page in pages(tiff(Image.new("L", (30, 20)), Image.new("L", (10, 40))))] == [
        (20, 30, 3),
        (40, 10, 3),
    ]


def test_a_pdf_is_drawn_at_the_resolution_asked_for() -> None:
    assert [page.shape for page in pages(pdf((72, 144), (36, 36)), dpi=100)] == [(200, 100, 3), (50, 50, 3)]


def test_an_animation_is_one_page() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]

    assert len(pages(encode(frames[0], "PNG", save_all=True, append_images=frames[1:]))) == 1


def test_pillow_may_only_try_the_kind_that_was_told(monkeypatch) -> None:
    asked = []
    opened = Image.open
    monkeypatch.setattr(
        Image, "open", lambda source, formats=None: asked.append(formats) or opened(source, formats=formats)
    )

    pages(encode(Image.new("RGB", (8, 8)), "TIFF"))

    assert asked == [["TIFF"]]


def test_names_and_claims_do_not_matter_only_first_bytes() -> None:
    gif = encode(Image.new("P", (5, 5)), "GIF")

    assert refused(gif) == "unsupported_type"
    assert refused(b"GIF89a" + pdf((72, 72))) == "unsupported_type"
    assert refused(b"\x1f\x8b" + bytes(20)) == "unsupported_type"


def test_a_picture_behind_the_bytes_of_another_kind_is_not_opened() -> None:
    assert refused(b"\xff\xd8\xff" + encode(Image.new("RGB", (5, 5)))) == "unreadable"


def test_an_image_of_too_many_pixels_is_refused_before_it_is_unpacked() -> None:
    assert refused(png_header(50_000, 50_000)) == "too_many_pixels"
    assert refused(png_header(9_000, 9_000)) == "too_many_pixels"
    assert refused(encode(Image.new("1", (100, 101))), pixels_max=10_000) == "too_many_pixels"


def test_a_later_frame_of_too_many_pixels_is_refused() -> None:
    both = tiff(Image.new("1", (10, 10)), Image.new("1", (400, 400)))

    assert refused(both, pixels_max=10_000) == "too_many_pixels"


def test_a_truncated_image_is_damaged() -> None:
    whole = encode(draw(["some text"]), "JPEG")

    assert refused(whole[: len(whole) // 2]) == "unreadable"
    assert refused(png_header(10, 10)[:-20]) == "unreadable"


def test_too_many_frames_or_pages_are_refused_unread() -> None:
    assert refused(tiff(*[Image.new("1", (4, 4))] * 4), pages_max=3) == "too_many_pages"
    assert refused(pdf(*[(72, 72)] * 4), pages_max=3) == "too_many_pages"


def test_a_page_of_a_giant_box_is_not_drawn() -> None:
    assert refused(pdf((72, 72), (14_400, 14_400))) == "too_many_pixels"


def test_a_damaged_pdf_is_told() -> None:
    assert refused(b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 1 0 R /Kids [1 0 R] >>\nendobj\n%%EOF") == "unreadable"


def test_an_encrypted_pdf_is_told() -> None:
    assert refused(ENCRYPTED) == "encrypted"


ENCRYPTED = b"""%PDF-1.4
1 0 obj
<< /Type /Catalog /Pages 2 0 R >>
endobj
2 0 obj
<< /Type /Pages /Kids [3 0 R] /Count 1 >>
endobj
3 0 obj
<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] >>
endobj
4 0 obj
<< /Filter /Standard /V 1 /R 2 /P -4
/O <0101010101010101010101010101010101010101010101010101010101010101>
/U <0202020202020202020202020202020202020202020202020202020202020202> >>
endobj
trailer
<< /Root 1 0 R /Size 5 /Encrypt 4 0 R /ID [<00> <00>] >>
%%EOF
"""
