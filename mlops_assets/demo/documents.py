"""Clean scans of English papers first, then photos of Spanish ones."""

from pathlib import Path

from mlops_assets.demo.scans import draw_archive
from mlops_assets.demo.stage import SEED, Stage
from mlops_assets.ocr.engines import ENGINES

# Pages of a batch, of the traffic and held out: each costs OCR a third of a second or more.
BATCH, TRAFFIC, HELD_OUT = 52, 150, 52
FAMILIES = ("tfidf_linear", "forest")


def build_stage(folder: Path | None) -> Stage:
    """Papers that nobody issued, drawn for the demo.

    Raises
    ------
    ValueError
        If a folder of real files is named.
    """
    if folder is not None:
        raise ValueError(
            "the demo of document_type draws its own papers; leave --data out, and land real scans yourself"
        )
    engine = "tesseract" if ENGINES["tesseract"].available().usable else "rapidocr"
    clean = {f"scans-{n}.zip": _scans(n) for n in range(1, 4)}
    names = list(clean)
    return Stage(
        about="invented papers, drawn for the demo; nobody issued them",
        usual="scans of English papers",
        new="photos of Spanish papers",
        first={name: clean[name] for name in names[:2]},
        later={name: clean[name] for name in names[2:]},
        changed={f"photos-{n}.zip": _photos(BATCH, n) for n in (1, 2)},
        traffic=_photos(TRAFFIC, 3),
        held_out=_photos(HELD_OUT, 4),
        families=FAMILIES,
        settings=(f"format.engines=[{engine}]", "training.explain_rows=20"),
    )


def _scans(number: int) -> bytes:
    return draw_archive("english", BATCH, photographed=False, random_state=SEED + number)


def _photos(pages: int, number: int) -> bytes:
    return draw_archive("spanish", pages, photographed=True, random_state=SEED + 100 + number)
