"""PDF of one page, from what its content stream says; pdfium finds the objects without a table of them."""

PDF = """%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Rotate {turn} /Contents 5 0 R
  /Resources << /Font << /F1 4 0 R >> >> >> endobj
4 0 obj << /Type /Font /Subtype /Type1 /BaseFont /Helvetica {font} >> endobj
5 0 obj << /Length {length} {filters} >>
stream
"""


def pdf(
    content: bytes,
    *,
    width: int = 400,
    height: int = 300,
    turn: int = 0,
    font: str = "",
    filters: str = "",
    objects: bytes = b"",
) -> bytes:
    """A page of that many points that draws the content, with Helvetica as /F1; more objects have numbers from 6 on."""
    head = PDF.format(width=width, height=height, turn=turn, font=font, filters=filters, length=len(content))
    return head.encode() + content + b"\nendstream endobj\n" + objects + b"\ntrailer << /Root 1 0 R >>\n%%EOF\n"


def text(*lines: str, left: int = 40, top: int = 260, how: str = "") -> bytes:
    """Lines of 12 points under each other, drawn as the operators in `how` say."""
    shown = " T* ".join(f"({line}) Tj" for line in lines)
    return f"q BT {how} /F1 12 Tf 18 TL {left} {top} Td {shown} ET Q ".encode()


def picture(left: int, bottom: int, width: int, height: int) -> bytes:
    """A picture of light and dark stripes."""
    pixels = b"00ff" * 50
    return b"q %d 0 0 %d %d %d cm BI /W 10 /H 10 /BPC 8 /CS /G /F /AHx ID %s> EI Q " % (
        width, height, left, bottom, pixels
    )  # fmt: skip
