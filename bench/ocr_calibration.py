"""Fit the maps from an engine's confidence to the probability that its word is right, and write them.

python -m bench.ocr_calibration [--write]

Looks at one half of the shops of the transcribed receipts only; `bench.ocr` reports on the other half.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from sklearn.isotonic import IsotonicRegression

from bench.ocr_truth import Scan, judged, receipts
from mlops_assets.ocr.calibration import MAPS
from mlops_assets.ocr.engines import ENGINES
from mlops_assets.ocr.engines.engine import Token
from mlops_assets.ocr.opening import open_pages
from mlops_assets.ocr.preparation.upright import Prepared, prepare
from mlops_assets.ocr.recognise import place
from mlops_assets.ocr.vote import overlapping
from mlops_assets.spec.documents import Reading

BINS = 12
WORDS_A_BIN = 25
Seen = dict[str, list[tuple[float, bool]]]


def main() -> None:
    """Print the maps; with --write put them into the project."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="replace the project's maps")
    options = parser.parse_args()
    scans = [scan for scan in receipts() if scan.to_fit]
    seen: Seen = defaultdict(list)
    for scan in scans:
        (page,) = open_pages(scan.path.read_bytes(), Reading())
        look(prepare(page), scan, seen)
    origin = f"isotonic, from {len(scans)} ICDAR 2019 SROIE receipts, the half of the shops that bench.ocr leaves out"
    maps = {state: fit(pairs) for state, pairs in sorted(seen.items())}
    text = json.dumps({"origin": origin, "words": {s: len(p) for s, p in sorted(seen.items())}, "maps": maps}, indent=1)
    print(text)
    if options.write:
        MAPS.write_text(text + "\n", encoding="utf-8")


def look(page: Prepared, scan: Scan, seen: Seen) -> None:
    """Add the words of one page, as each engine reads them alone and after a vote."""
    read = {name: engine.read_lines(page.lines, "eng") for name, engine in ENGINES.items()}
    for name, lines in read.items():
        add(name, enumerate(lines), page, scan, seen)
    states: dict[str, list[tuple[int, list[Token]]]] = defaultdict(list)
    for number, (first, second) in enumerate(zip(*read.values(), strict=True)):
        for ours, theirs in overlapping(first, second):
            same = [word.text for word in ours] == [word.text for word in theirs]
            state = "agreed" if same else "disputed"
            for name, words in zip(read, (ours, theirs), strict=True):
                states[f"{name} {state}"].append((number, words))
    for state, lines in states.items():
        add(state, lines, page, scan, seen)


def add(state: str, lines: Iterable[tuple[int, Sequence[Token]]], page: Prepared, scan: Scan, seen: Seen) -> None:
    """Add the words that can be judged."""
    words = [place(word, page.corners[number], 0, 0) for number, line in lines for word in line]
    seen[state] += [(word.confidence, right) for word, right in judged(words, scan)]


def fit(pairs: Sequence[tuple[float, bool]]) -> tuple[list[float], list[float]]:
    """Confidences in rising order and the probability at each: isotonic over bins of as many words, one half added."""
    confidence, right = (np.array(column, float) for column in zip(*sorted(pairs), strict=True))
    bins = np.array_split(np.arange(len(pairs)), min(max(len(pairs) // WORDS_A_BIN, 1), BINS))
    x = np.array([confidence[one].mean() for one in bins])
    share = np.array([(right[one].sum() + 0.5) / (len(one) + 1) for one in bins])
    y = IsotonicRegression().fit_transform(x, share, sample_weight=[len(one) for one in bins])
    distinct = np.concatenate([[True], np.diff(x) > 1e-6])
    return x[distinct].round(5).tolist(), y[distinct].round(4).tolist()


if __name__ == "__main__":
    main()
