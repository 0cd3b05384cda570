"""The shared scans as small archives: the heads of pages, small enough that a test can have them read by OCR."""

import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

WIDTH, HEAD = 600, 240  # pixels: a head is read in a quarter of a second
DEAR = "ocrmypdf_c02-22.pdf"  # a scan within a PDF, which is drawn whole: 3 seconds


def read_labels(folder: Path) -> pd.DataFrame:
    """Path and label of each scan, those from thermal printers (`sroie_`) last."""
    labels = pd.read_csv(folder / "labels.csv")[["file", "label"]]
    return labels[~labels["file"].str.endswith(DEAR)].reset_index(drop=True)


def head_of(path: Path) -> bytes:
    """The top of an image as PNG, on white; a PDF as it is."""
    from PIL import Image, ImageOps

    if path.suffix == ".pdf":
        return path.read_bytes()
    image = ImageOps.exif_transpose(Image.open(path)).convert("RGBA")
    page = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("L")
    page.thumbnail((WIDTH, 4 * WIDTH))
    buffer = io.BytesIO()
    page.crop((0, 0, page.width, min(page.height, HEAD))).save(buffer, "PNG")
    return buffer.getvalue()


def archive_of(folder: Path, scans: Iterable[tuple[str, str]]) -> bytes:
    """A ZIP of heads with their `labels.csv`; each scan is a source of its own."""
    buffer, table = io.BytesIO(), ["file,label,source"]
    with zipfile.ZipFile(buffer, "w") as archive:
        for file, label in scans:
            name = Path(file).name
            archive.writestr(name, head_of(folder / file))
            table.append(f"{name},{label},{name}")
        archive.writestr("labels.csv", "\n".join([*table, ""]))
    return buffer.getvalue()
