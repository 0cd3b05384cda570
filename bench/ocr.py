"""How well and at what cost scans are read: each engine as installed, and this project's ensemble.

python -m bench.ocr [--quick] [--only clean,columns,disturbed,memory]

Character error rate and word recall in upper case, reading order forgiven, on the transcribed receipts of shops that
calibration never saw; a two-column page in its order; receipts under seven disturbances; expected calibration error of
the words' confidence; processor seconds a page, with memory allocated as the child does; resident memory of one child
that is not replaced over pages of mixed sizes. Needs the scans below ../shared/data/documents and Tesseract; takes
about a quarter of an hour of one processor.
"""

import argparse
import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from bench import ocr_alone
from bench.ocr_truth import SCANS, Scan, error_rate, in_rows, judged, receipts, two_columns, word_recall
from mlops_assets.ocr.document import Page, Word
from mlops_assets.ocr.image import Image
from mlops_assets.ocr.networks import warm
from mlops_assets.ocr.opening import open_pages
from mlops_assets.ocr.parent import ENVIRONMENT, KEEP_BLOCKS
from mlops_assets.ocr.read import Reader
from mlops_assets.ocr.recognise import processor_seconds, recognise
from mlops_assets.spec.documents import Reading

PARTS = ("clean", "columns", "disturbed", "memory")
READING = Reading()


@dataclass(frozen=True)
class Result:
    """Of one reader on one set: means over pages."""

    error: float
    recall: float
    seconds: float


def main() -> None:
    """Print tables, then one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="3 receipts, 2 disturbed, 40 pages for the memory")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas")
    options = parser.parse_args()
    if KEEP_BLOCKS[0].partition("=")[0] not in os.environ:
        os.execvp(ENVIRONMENT[0], [*ENVIRONMENT, sys.executable, "-m", "bench.ocr", *sys.argv[1:]])
    if not SCANS.exists():
        sys.exit(f"no scans below {SCANS}")
    scans = [scan for scan in receipts() if not scan.to_fit]
    warm()
    found = {}
    for part in options.only.split(","):
        found[part] = MEASURES[part](scans, options.quick)
    print(json.dumps(found))


def clean(scans: Sequence[Scan], quick: bool) -> dict[str, object]:
    """Receipts as they were scanned."""
    scans = scans[:3] if quick else scans
    opened = [(_open(scan), scan) for scan in scans]
    results = {name: measure(read, opened) for name, read in ALONE.items()}
    pages = [(recognise(image, 1, READING), scan) for image, scan in opened]
    results["ensemble"] = summed([score(page.words, scan, page.seconds) for page, scan in pages])
    print_table(f"{len(scans)} receipts", results)
    error, words = calibration_error(pages)
    print(f"expected calibration error {error:.3f} over {words} words in 10 bins")
    return {**plain(results), "calibration_error": round(error, 4), "words": words}


def columns(_: Sequence[Scan], quick: bool) -> dict[str, object]:
    """The two-column page, in the order it was read in."""
    del quick
    scan = two_columns()
    image = _open(scan)
    found = {}
    for name, read in ALONE.items():
        found[name] = error_rate(" ".join(word.text for word in read(image)), scan.text)
    found["ensemble"] = error_rate(recognise(image, 1, READING).text, scan.text)
    print("two columns, in order:", ", ".join(f"{name} {error:.3f}" for name, error in found.items()), flush=True)
    return {name: round(error, 4) for name, error in found.items()}


def disturbed(scans: Sequence[Scan], quick: bool) -> dict[str, object]:
    """Receipts made worse, the same way every time."""
    scans = scans[1:3] if quick else scans[1::3]
    found = {}
    for name, change in {"upright": _same, **DISTURBANCES}.items():
        opened = [(change(_open(scan)), scan) for scan in scans]
        results = {who: measure(read, opened) for who, read in READERS.items()}
        best = min(results["tesseract"].error, results["rapidocr"].error)
        print_table(f"{name}, {len(scans)} receipts: {results['ensemble'].error / best:.2f} x the better", results)
        found[name] = plain(results)
    return found


def memory(_: Sequence[Scan], quick: bool) -> dict[str, object]:
    """Resident memory of one child while pages of mixed sizes pass; it is not replaced for its age."""
    count, held, rng = (40 if quick else 1000), [], np.random.default_rng(0)
    with Reader(READING.model_copy(update={"recycle_pages": count + 1})) as reader:
        for number in range(count):
            width, height = (int(size) for size in rng.integers(300, 2400, 2))
            reader.read(_drawn(width, height, number))
            held.append(reader.stats().rss_bytes / 2**20)
            if number % 100 == 0:
                print(f"  page {number}: {held[-1]:.0f} MiB", flush=True)
        stats = reader.stats()
    fifth = max(count // 5, 1)
    first, last = max(held[:fifth]), max(held[-fifth:])
    print(f"memory over {count} pages: at most {first:.0f} MiB in the first fifth, {last:.0f} MiB in the last one")
    print(f"children started {stats.started}, recycled {stats.recycled}, killed {stats.killed}", flush=True)
    return {"pages": count, "first_mib": round(first), "last_mib": round(last), "recycled": stats.recycled}


def measure(read: Callable[[Image], Sequence[Word]], opened: Sequence[tuple[Image, Scan]]) -> Result:
    """Mean over the pages."""
    scores = []
    for image, scan in opened:
        before = processor_seconds()
        words = read(image)
        scores.append(score(words, scan, processor_seconds() - before))
    return summed(scores)


def score(words: Sequence[Word], scan: Scan, seconds: float) -> Result:
    """Of one page: errors in the order given or row by row, whichever has fewer."""
    orders = [words, in_rows(words)]
    error = min(error_rate(" ".join(word.text for word in order), scan.text) for order in orders)
    return Result(error, word_recall([word.text for word in words], scan.text), seconds)


def summed(scores: Sequence[Result]) -> Result:
    """The mean of the scores."""
    return Result(*(float(np.mean([getattr(one, name) for one in scores])) for name in ("error", "recall", "seconds")))


def calibration_error(pages: Sequence[tuple[Page, Scan]]) -> tuple[float, int]:
    """Expected calibration error in 10 bins of equal width (Naeini et al. 2015), and how many words were judged."""
    seen = [(word.confidence, right) for page, scan in pages for word, right in judged(as_scanned(page), scan)]
    confidence, right = (np.array(column, float) for column in zip(*seen, strict=True))
    bins = np.minimum((confidence * 10).astype(int), 9)
    apart = [abs(confidence[bins == one].sum() - right[bins == one].sum()) for one in range(10)]
    return float(sum(apart) / len(seen)), len(seen)


def as_scanned(page: Page) -> list[Word]:
    """Words where they stood before the page was straightened; good for upright pages."""
    cosine, sine = np.cos(np.radians(page.skew)), np.sin(np.radians(page.skew))
    moved = []
    for word in page.words:
        x, y = (word.left + word.right - page.width) / 2, (word.top + word.bottom - page.height) / 2
        across, down = round(x * cosine - y * sine + page.width / 2), round(x * sine + y * cosine + page.height / 2)
        moved.append(Word(word.text, word.confidence, across, down, across, down, word.line, word.block))
    return moved


def print_table(title: str, results: dict[str, Result]) -> None:
    """One row a reader."""
    print(title)
    for name, one in results.items():
        print(
            f"  {name:<10} error {one.error:.3f}, recall {one.recall:.3f}, {one.seconds:.2f} CPU s a page", flush=True
        )


def plain(results: dict[str, Result]) -> dict[str, object]:
    """Ready for JSON."""
    return {name: [round(one.error, 4), round(one.recall, 4), round(one.seconds, 2)] for name, one in results.items()}


def _open(scan: Scan) -> Image:
    (page,) = open_pages(scan.path.read_bytes(), READING)
    return page


def _ensemble(image: Image) -> Sequence[Word]:
    return recognise(image, 1, READING).words


def _same(image: Image) -> Image:
    return image


def _blur(image: Image) -> Image:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 1.2), np.uint8)


def _skew(image: Image) -> Image:
    return np.asarray(Pillow.fromarray(image).rotate(3, Pillow.Resampling.BICUBIC, expand=True, fillcolor="white"))


def _noise(image: Image) -> Image:
    return np.clip(image + np.random.default_rng(1).normal(0, 20, image.shape), 0, 255).astype(np.uint8)


def _jpeg(image: Image) -> Image:
    buffer = io.BytesIO()
    Pillow.fromarray(image).save(buffer, "JPEG", quality=20)
    return np.asarray(Pillow.open(buffer).convert("RGB"))


def _half(image: Image) -> Image:
    return np.asarray(Pillow.fromarray(image).reduce(2))


def _quarter(image: Image) -> Image:
    return np.ascontiguousarray(np.rot90(image))


def _salt_and_pepper(image: Image) -> Image:
    chance = np.random.default_rng(2).random(image.shape[:2])[:, :, None]
    return np.where(chance < 0.025, 0, np.where(chance > 0.975, 255, image)).astype(np.uint8)


def _drawn(width: int, height: int, number: int) -> bytes:
    page = Pillow.new("RGB", (width, height), "white")
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(24)
    for row in range(3):
        pen.text((20, 20 + row * height // 4), f"Page {number} row {row}", fill="black", font=font)
    buffer = io.BytesIO()
    page.save(buffer, "PNG")
    return buffer.getvalue()


ALONE = {"tesseract": ocr_alone.tesseract, "rapidocr": ocr_alone.rapidocr}
READERS: dict[str, Callable[[Image], Sequence[Word]]] = {**ALONE, "ensemble": _ensemble}
DISTURBANCES = {
    "blur": _blur,
    "skew": _skew,
    "noise": _noise,
    "jpeg 20": _jpeg,
    "half size": _half,
    "quarter turn": _quarter,
    "salt and pepper": _salt_and_pepper,
}
MEASURES = {"clean": clean, "columns": columns, "disturbed": disturbed, "memory": memory}

if __name__ == "__main__":
    main()
