"""Transcribed scans, and how far a reading is from their text."""

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mlops_assets.ocr.document import Word

SCANS = Path(__file__).resolve().parents[2] / "shared" / "data" / "documents"
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Scan:
    """One transcribed file.

    Attributes
    ----------
    text : str
        In upper case; row by row where the boxes of its lines are known.
    shop : str
        What is never on both sides of a fit.
    lines
        Box and text of each transcribed line.
    """

    path: Path
    text: str
    shop: str
    lines: tuple[tuple[Box, str], ...] = ()

    @property
    def to_fit(self) -> bool:
        """True for the half of the shops that calibration may look at."""
        return int(hashlib.sha256(self.shop.encode("utf-8")).hexdigest(), 16) % 2 == 0


def receipts(folder: Path = SCANS) -> list[Scan]:
    """The transcribed receipts, by name."""
    return [_receipt(path, folder) for path in sorted((folder / "files").glob("sroie_*"))]


def two_columns(folder: Path = SCANS) -> Scan:
    """The two-column page."""
    text = (folder / "ground_truth" / "ocrmypdf_linn.txt").read_text(encoding="utf-8")
    return Scan(folder / "files" / "ocrmypdf_linn.png", text.upper(), "linn")


def _receipt(path: Path, folder: Path) -> Scan:
    truth = folder / "ground_truth"
    fields = json.loads((truth / f"{path.stem}.fields.json").read_text(encoding="utf-8"))
    with (truth / f"{path.stem}.boxes.csv").open(encoding="utf-8") as file:
        lines = tuple(_line(row) for row in csv.reader(file, quoting=csv.QUOTE_NONE) if len(row) > 8)
    text = " ".join(word.text for word in in_rows([Word(text, 1.0, *map(round, box), 0, 0) for box, text in lines]))
    return Scan(path, text, fields.get("company", path.stem), lines)


def _line(row: Sequence[str]) -> tuple[Box, str]:
    across, down = [float(x) for x in row[0:8:2]], [float(y) for y in row[1:8:2]]
    return (min(across), min(down), max(across), max(down)), ",".join(row[8:]).upper()


def word_recall(words: Sequence[str], text: str) -> float:
    """Share of the words of the text that were read, each as often as it stands there; upper case."""
    truth, read = Counter(text.split()), Counter(" ".join(words).upper().split())
    return sum((truth & read).values()) / max(sum(truth.values()), 1)


def error_rate(read: str, text: str) -> float:
    """Character error rate: edits to make the text of what was read, over its length; runs of blanks are one."""
    ours, truth = " ".join(read.upper().split()), " ".join(text.split())
    return edits(ours, truth) / max(len(truth), 1)


def edits(a: str, b: str) -> int:
    """Levenshtein distance."""
    letters, steps = np.array([ord(letter) for letter in b]), np.arange(len(b) + 1)
    row = steps
    for number, letter in enumerate(a, 1):
        best = np.concatenate([[number], np.minimum(row[1:] + 1, row[:-1] + (letters != ord(letter)))])
        row = np.minimum.accumulate(best - steps) + steps
    return int(row[-1])


def in_rows(words: Sequence[Word]) -> list[Word]:
    """Words row by row, by their boxes alone: what forgives the order an engine gives them in."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=_middle):
        if not rows or _middle(word) - np.mean([_middle(other) for other in rows[-1]]) > (word.bottom - word.top) / 2:
            rows.append([])
        rows[-1].append(word)
    return [word for row in rows for word in sorted(row, key=lambda one: one.left)]


def judged(words: Sequence[Word], scan: Scan) -> Iterator[tuple[Word, bool]]:
    """Each word that stands in a transcribed line, and whether that line holds it; others cannot be judged."""
    left = [Counter(text.split()) for _, text in scan.lines]
    for word in words:
        x, y = (word.left + word.right) / 2, _middle(word)
        for (box, _), rest in zip(scan.lines, left, strict=True):
            if box[0] <= x <= box[2] and box[1] <= y <= box[3]:
                right = rest[word.text.upper()] > 0
                rest[word.text.upper()] -= right
                yield word, right
                break


def _middle(word: Word) -> float:
    return (word.top + word.bottom) / 2
