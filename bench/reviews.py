"""Each TF-IDF family on real film reviews: error on a held-out fifth, and milliseconds a request through the bundle.

python -m bench.reviews FOLDER [--quick]

FOLDER holds movieReviewSnippets_GroundTruth.txt. Settings are chosen by cross-validation on the other four fifths; the
fifth is the hold-out that a retrain of `review_rating` would use, and is looked at once a family.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from mlops_assets.bundle.export import write_bundle
from mlops_assets.bundle.load import load_bundle
from mlops_assets.demo.reviews import FILE, read_reviews
from mlops_assets.spec import UseCase
from mlops_assets.training.automl import Trained, train
from mlops_assets.training.features import feature_frame, split_holdout, target_values
from mlops_assets.training.scoring import score_numbers
from mlops_assets.use_cases.load import find_use_case

FAMILIES = ("tfidf_linear", "tfidf_svm", "tfidf_forest")
# Mean absolute errors that a person measured with scikit-learn by hand on an 80/20 split of the same file.
ANCHORS = {"tfidf_linear": 1.110, "tfidf_svm": 1.13, "tfidf_forest": 1.46}
QUICK_ROWS, BUDGET_S, QUICK_BUDGET_S = 1500, 240.0, 15.0
REQUESTS = 200


def main() -> None:
    """Print a row a family, then one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("../shared/data/reviews"))
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROWS} rows and {QUICK_BUDGET_S:.0f} s a family")
    parser.add_argument("--families", default=",".join(FAMILIES))
    arguments = parser.parse_args()
    if not (arguments.folder / FILE).is_file():
        print(json.dumps({"reviews": f"skipped: {arguments.folder / FILE} is not there"}))
        return
    budget = QUICK_BUDGET_S if arguments.quick else BUDGET_S
    found = {}
    for name in arguments.families.split(","):
        overrides = [f"training.families=[{name}]", "training.engine=lean", f"training.budget_s={budget}"]
        found[name] = measure(find_use_case("review_rating", None, overrides), arguments.folder, arguments.quick)
        print(name, json.dumps(found[name]))
    best = min(one["mae"] for one in found.values())
    print(
        json.dumps(
            {"best_mae": best, **{f"{name}_over_anchor": one["mae"] / ANCHORS[name] for name, one in found.items()}}
        )
    )


def measure(use_case: UseCase, folder: Path, quick: bool) -> dict[str, Any]:
    """Errors of the family's winner on held-out rows, its settings, and the cost of a request by both ways."""
    rows = read_reviews(folder / FILE)
    kept, held_out = split_holdout(rows[:QUICK_ROWS] if quick else rows, use_case)
    started = time.perf_counter()
    trained = train(feature_frame(kept, use_case), target_values(kept, use_case), use_case, lambda line: None)
    seconds = time.perf_counter() - started
    X, y = feature_frame(held_out, use_case), target_values(held_out, use_case)
    metrics = score_numbers(np.asarray(trained.pipeline.predict(X)), np.asarray(y))
    return {
        "model": trained.name,
        "params": trained.params,
        "held_out": len(y),
        **{name: round(value, 4) for name, value in metrics.items()},
        "seconds": round(seconds, 1),
        **_requests(trained, use_case, X, y),
    }


def _requests(trained: Trained, use_case: UseCase, X: Any, y: Any) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "bundle"
        write_bundle(folder, trained.pipeline, use_case, b"", X, y)
        bundle = load_bundle(folder)
        spent = []
        for text in X["text"][:REQUESTS]:
            started = time.perf_counter()
            bundle.answer_rows([{"text": text}])
            spent.append(time.perf_counter() - started)
    board = {row.candidate: row.request_ms for row in trained.board.ok}
    return {
        "engine": bundle.engine,
        "bundle_ms": round(1000 * median(spent), 3),
        "pipeline_ms": round(board[trained.name], 3),
        "onnx_refused": bundle.manifest.onnx_refused,
    }


if __name__ == "__main__":
    main()
