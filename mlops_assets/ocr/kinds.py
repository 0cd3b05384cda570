"""Which kinds of file are read, told by their first bytes and never by their name."""

from mlops_assets.ocr.errors import DocumentError
from mlops_assets.spec.documents import Reading

MAGIC = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"%PDF-": "PDF",
}


def check_kind(data: bytes, reading: Reading) -> str:
    """'PNG', 'JPEG', 'TIFF' or 'PDF'; cheap enough to ask before a document is stored.

    Raises
    ------
    DocumentError
        empty, too_many_bytes, unsupported_type.
    """
    if not data:
        raise DocumentError("empty", "the file is empty")
    if len(data) > reading.bytes_max:
        raise DocumentError("too_many_bytes", f"{len(data)} bytes; bytes_max is {reading.bytes_max}")
    for magic, kind in MAGIC.items():
        if data.startswith(magic):
            return kind
    raise DocumentError(
        "unsupported_type", "the file does not start as PNG, JPEG, TIFF or PDF do; save it as one of them"
    )
