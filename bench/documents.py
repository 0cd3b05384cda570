"""Real scans to classes: macro-F1 by grouped cross-validation, and what the abstention promises and catches.

python -m bench.documents [FOLDER] [--seeds N] [--quick] [--kept FOLDER]

FOLDER holds labels.csv and files/ (see the README there). What OCR reads is kept in .bench/documents by the hash of
file and settings; delete it after a change of OCR. Groups: the shop of a receipt that is transcribed, else the family
that a file's name tells (1040, 1098, 1099 and W-2 forms, mortgage forms, English invoices), else the file; all of a
group is on one side of every fold, also of those that choose the model. Nothing is tuned on what is reported: in each
fold the families of the use case compete on the other folds. `merged` takes business cards and identity cards (2 and
4 files) as one class.
"""

import argparse
import hashlib
import json
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline

from mlops_assets.bundle.feed import feed_of
from mlops_assets.bundle.spans import conformity
from mlops_assets.decode.document import document_row
from mlops_assets.ocr.document import Document
from mlops_assets.ocr.errors import DocumentError
from mlops_assets.ocr.read import Reader
from mlops_assets.spec import Reading, UseCase
from mlops_assets.training.abstain import learn_abstention
from mlops_assets.training.automl import train
from mlops_assets.training.features import feature_frame
from mlops_assets.training.folds import grouped_folds
from mlops_assets.use_cases.load import find_use_case

KEPT = Path(".bench/documents")
FAMILIES = r"az_(tax-\d+|w2|us-mortgage|invoice-english)"
CARDS = ("business_card", "id_card")
FOLDS, SEEDS, AIM, ANCHOR = 5, 3, 0.70, 0.61
CHOICE = ("training.engine=lean", "training.budget_s=3600", "training.tune_best=0")
QUICK = ("training.families=[tfidf_linear]", "training.folds=2")
PARTS = ("classes", "never_seen")
NEW_CLASSES = ("tfidf_linear", "forest")  # families that meet pages of classes they never saw, each alone


@dataclass(frozen=True)
class Scans:
    """Rows of scans, their classes and their groups."""

    rows: pd.DataFrame
    y: NDArray[Any]
    groups: NDArray[Any]


def main() -> None:
    """Print what is measured as it comes, then one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("../shared/data/documents"))
    parser.add_argument("--seeds", type=int, default=SEEDS, help="of the folds; means over them are told")
    parser.add_argument("--quick", action="store_true", help="one family, one seed, merged classes only")
    parser.add_argument("--engines", help="those of OCR, such as tesseract; default: the use case's")
    parser.add_argument("--only", choices=PARTS, help="one part of it")
    parser.add_argument("--kept", type=Path, default=KEPT, help="folder for what OCR read")
    arguments = parser.parse_args()
    if not (arguments.folder / "labels.csv").is_file():
        print(json.dumps({"documents": f"skipped: {arguments.folder / 'labels.csv'} is not there"}))
        return
    engines = [f"format.engines=[{arguments.engines}]"] if arguments.engines else []
    use_case = find_use_case("document_type", None, [*CHOICE, *engines, *(QUICK if arguments.quick else ())])
    scans = read_scans(arguments.folder, use_case, arguments.kept)
    seeds = 1 if arguments.quick else arguments.seeds
    merged = Scans(scans.rows, np.where(np.isin(scans.y, CARDS), "card", scans.y), scans.groups)
    found: dict[str, Any] = {"files": len(scans.y), "groups": len(set(scans.groups))}
    if arguments.only != "never_seen":
        problems = {"merged": merged} if arguments.quick else {"merged": merged, "all_classes": scans}
        for name, those in problems.items():
            found[name] = cross_validate(those, use_case, seeds)
            print(name, json.dumps(found[name]), flush=True)
    if arguments.only != "classes":
        for family in NEW_CLASSES[:1] if arguments.quick else NEW_CLASSES:
            alone = find_use_case("document_type", None, [*CHOICE, f"training.families=[{family}]"])
            known = cross_validate(merged, alone, 1)
            shown = {f"known_{name}": known[name] for name in ("coverage", "answered", "accuracy_where_answered")}
            found[f"never_seen_{family}"] = leave_classes_out(merged, alone) | shown
            print(family, json.dumps(found[f"never_seen_{family}"]), flush=True)
    found["cpu_s"] = round(time.process_time(), 1)
    print(json.dumps(found | {"aim": AIM, "anchor": ANCHOR}))


def read_scans(folder: Path, use_case: UseCase, kept: Path) -> Scans:
    """Every scan of the folder, read by OCR unless it was read before; one that cannot be read is an empty row."""
    labels = pd.read_csv(folder / "labels.csv")
    reading = use_case.format
    assert isinstance(reading, Reading)
    kept.mkdir(parents=True, exist_ok=True)
    with Reader(reading) as reader:
        rows = [_row((folder / name).read_bytes(), reader, reading, kept) for name in labels["file"]]
    groups = np.array([group_of(folder, Path(name)) for name in labels["file"]])
    return Scans(pd.DataFrame(rows), labels["label"].to_numpy(dtype=str), groups)


def group_of(folder: Path, file: Path) -> str:
    """Where a scan comes from, as the docstring of this module says."""
    fields = folder / "ground_truth" / f"{file.stem}.fields.json"
    if fields.is_file():
        shop = json.loads(fields.read_text(encoding="utf-8"))["company"]
        return f"shop {re.sub(r'[^a-z0-9]', '', shop.lower())}"
    found = re.match(FAMILIES, file.stem.lower())
    return found[1] if found else file.stem


def cross_validate(scans: Scans, use_case: UseCase, seeds: int) -> dict[str, Any]:
    """Scores over all rows, each answered by models of the folds without its group; means over the seeds."""
    tries = [_one_seed(scans, use_case, seed) for seed in range(seeds)]
    means = {name: round(float(np.mean([one[name] for one in tries])), 4) for name in tries[0] if name != "by_class"}
    by_class = {label: round(float(np.mean([one["by_class"][label] for one in tries])), 3) for label in set(scans.y)}
    return means | {"f1_by_class": dict(sorted(by_class.items())), "seeds": seeds}


def _one_seed(scans: Scans, use_case: UseCase, seed: int) -> dict[str, Any]:
    n = len(scans.y)
    answers, anchors = np.empty(n, dtype=object), np.empty(n, dtype=object)
    covered, abstained = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    for training, scoring in grouped_folds(scans.y, scans.groups, FOLDS, seed):
        model = _fit(scans, training, use_case)
        answers[scoring], abstained[scoring], covered[scoring] = model(scoring)
        texts = scans.rows["text"]
        anchors[scoring] = _anchor().fit(texts.iloc[training], scans.y[training]).predict(texts.iloc[scoring])
    right, labels = answers == scans.y, sorted(set(scans.y))
    each = f1_score(scans.y, answers.astype(str), labels=labels, average=None, zero_division=0)
    return {
        "f1_macro": float(np.mean(each)),
        "accuracy": float(right.mean()),
        "f1_macro_of_characters_alone": f1_score(scans.y, anchors.astype(str), average="macro", zero_division=0),
        "target_coverage": 1 - float(use_case.training.abstain_error or 0),
        "coverage": float(covered.mean()),
        "answered": float((~abstained).mean()),
        "accuracy_where_answered": float(right[~abstained].mean()),
        "by_class": dict(zip(labels, each, strict=True)),
    }


def _fit(scans: Scans, training: NDArray[np.int64], use_case: UseCase) -> Any:
    """The best family of the use case on some rows: positions -> answers, who abstains, whose truth is covered."""
    X, y, groups = feature_frame(scans.rows.iloc[training], use_case), scans.y[training], scans.groups[training]
    trained = train(X, y, use_case, lambda line: None, groups=groups)
    pipeline = trained.pipeline
    nobody = X.head(0), np.empty((0, len(pipeline.classes_))), np.empty(0, dtype=y.dtype)
    abstaining = learn_abstention(pipeline, (X, y, groups), nobody, use_case, lambda line: None)
    assert abstaining is not None and abstaining.spans is not None
    limit, spans = abstaining
    what = f"{limit.least:.3f} of {limit.rows} rows"
    print(f"  {trained.name}: conformity >= {what}, {time.process_time():.0f} CPU s", flush=True)

    def model(rows: NDArray[np.int64]) -> tuple[NDArray[Any], ...]:
        asked = feature_frame(scans.rows.iloc[rows], use_case)
        shares = pipeline.predict_proba(asked)
        compared = conformity(shares, spans.measure(feed_of(asked)))
        best = pipeline.classes_[shares.argmax(axis=1)]
        return best, limit.abstains(shares, compared), limit.covers(compared, pipeline.classes_, scans.y[rows])

    return model


def leave_classes_out(scans: Scans, use_case: UseCase) -> dict[str, float]:
    """Share of the pages of each class that a model without that class abstains from, and of all of them."""
    found: dict[str, float] = {}
    abstained = np.zeros(len(scans.y), dtype=bool)
    for label in sorted(set(scans.y)):
        new = np.flatnonzero(scans.y == label)
        model = _fit(scans, np.flatnonzero(scans.y != label), use_case)
        abstained[new] = model(new)[1]
        found[label] = round(float(abstained[new].mean()), 3)
    return found | {"pages": round(float(abstained.mean()), 3), "classes": round(float(np.mean([*found.values()])), 3)}


def _anchor() -> Any:
    """What the issue measured by hand: TF-IDF of characters and logistic regression."""
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True)
    return make_pipeline(vectorizer, LogisticRegression(C=10, max_iter=500))


def _row(data: bytes, reader: Reader, reading: Reading, kept: Path) -> dict[str, Any]:
    key = hashlib.sha256(data + reading.model_dump_json().encode()).hexdigest()
    path = kept / f"{key}.json"
    if not path.is_file():
        try:
            document = reader.read(data)
        except DocumentError as error:
            print(f"  not read: {error}", flush=True)
            document = Document((), reading.language)
        path.write_text(json.dumps(document.to_dict()), encoding="utf-8")
    document = Document.from_dict(json.loads(path.read_text(encoding="utf-8")))
    return document_row(document, hashlib.sha256(data).hexdigest())


if __name__ == "__main__":
    main()
