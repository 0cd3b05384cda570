"""The part of a use case that says how scans are read, and what a scan may cost."""

from typing import Literal

from pydantic import Field

from mlops_assets.spec.value import Value

Engine = Literal["tesseract", "rapidocr"]


class Reading(Value):
    """Scans, photos and PDF, one document a file, read by OCR in a child process that is bounded and recycled."""

    kind: Literal["document"] = Field("document", description="scans, photos and PDF; one file is one row")
    language: str = Field(
        "eng",
        pattern=r"^[A-Za-z_]+(\+[A-Za-z_]+)*$",
        description="as Tesseract names it, such as 'eng', 'deu' or 'eng+deu'; RapidOCR reads Latin and Chinese anyhow",
    )
    engines: tuple[Engine, ...] = Field(
        ("rapidocr", "tesseract"),
        min_length=1,
        max_length=2,
        description="the first reads every line, the second unsure ones where they are many; one not there is left out",
    )
    bytes_max: int = Field(32 * 2**20, gt=0, description="a larger document is refused")
    pages_max: int = Field(50, gt=0, description="a document with more pages is refused")
    pixels_max: int = Field(50_000_000, gt=0, description="a document with a larger page is refused before it is drawn")
    dpi: int = Field(200, ge=50, le=600, description="at which pages of a PDF are drawn")
    page_s: float = Field(60.0, gt=0, description="wall-clock seconds for one page; then the child is killed")
    memory_mb: int = Field(
        3_000, gt=0, description="address space of the child in MiB (libraries alone take about 700)"
    )
    recycle_mb: int = Field(
        1_000, gt=0, description="a child that holds more resident MiB is replaced after its document"
    )
    recycle_pages: int = Field(200, gt=0, description="a child that has read as many pages is replaced")
    waiting_max: int = Field(16, ge=0, description="documents that may wait for a child; one more is refused as busy")
