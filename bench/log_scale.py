"""The prediction log filled with 10 million answers: does it stay as fast as when it was empty?

python -m bench.log_scale [--quick]

Answers go through the router's own log, in groups as 64 threads make them, and some are labelled as they come. Every
twentieth of the rows belongs to another pair of versions, so the last pair is an experiment that runs on a large log.
The last line is one JSON object: rates of the last and the first twentieth, seconds of what a verdict reads, memory.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from resources.state.database import State
from resources.state.feedback import Event, record_many
from resources.state.labelling import find_known
from resources.state.labels import count_labels, labelled_pairs, newest_label, read_paired
from resources.state.migrate import migrate
from resources.state.prediction import Prediction
from resources.state.prediction_id import new_prediction_id
from resources.state.predictions import count_arms
from resources.state.truth import Truths
from serving.prediction_log import PredictionLog

ROWS, QUICK_ROWS = 10_000_000, 300_000
PARTS = 20
GROUP = 64
LABELLED = 0.02  # share of the rows whose truth comes
LABELS_AT_ONCE = 500
NEW_LABELS = 1_000  # since the last verdict
COLUMNS = 11
DRAWN = 1_000
NAME = "wine"


def main() -> None:
    """Print a line a twentieth, then one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROWS:,} rows")
    parser.add_argument("--folder", type=Path, help="where the database lies meanwhile; default: the system's")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="log-scale-") as folder:
        print(json.dumps(measure(Path(folder) / "state.db", QUICK_ROWS if options.quick else ROWS)))


def measure(path: Path, rows: int) -> dict[str, float]:
    """The ratios, from a database that is made and filled here."""
    state = State(f"sqlite:///{path}")
    migrate(state.url)
    log = PredictionLog(state, Truths({}))
    rates, memory = [], []
    for part in range(PARTS):
        rates.append(fill(state, log, part, rows // PARTS))
        memory.append(psutil.Process().memory_info().rss / 2**20)
        size = sum(one.stat().st_size for one in path.parent.iterdir()) / 2**30
        print(f"{(part + 1) * rows // PARTS:>12,} rows: {rates[-1]:8,.0f}/s, {memory[-1]:6.0f} MiB, {size:5.2f} GiB")
    figures = {"insert_last_over_first": rates[-1] / rates[0], **ask(state, PARTS - 1)}
    figures |= {"memory_last_over_first": memory[-1] / memory[0], "rows": rows}
    log.close()
    state.close()
    return {name: round(value, 4) for name, value in figures.items()}


def fill(state: State, log: PredictionLog, part: int, rows: int) -> float:
    """Rows per second of the log, without the time that drawing and labelling took."""
    spent, features, told = 0.0, list(draw()), list[str]()
    for start in range(0, rows, GROUP):
        group = [answer(part, features[(start + place) % DRAWN]) for place in range(min(GROUP, rows - start))]
        began = time.perf_counter()
        log.append(group)
        spent += time.perf_counter() - began
        told += [row.prediction_id for row in group if int(row.prediction_id[-6:-2], 16) < LABELLED * 16**4]
        if len(told) >= LABELS_AT_ONCE:
            label(state, told)
            told.clear()
    label(state, told)
    return rows / spent


def draw() -> Iterator[dict[str, float]]:
    """Rows of features as a request brings them."""
    numbers = random.Random(7)
    for _ in range(DRAWN):
        yield {f"column number {column}": round(numbers.uniform(0, 15), 3) for column in range(COLUMNS)}


def answer(part: int, features: dict[str, float]) -> Prediction:
    """A row that both versions of a part scored."""
    one = new_prediction_id()
    arm: Any = "B" if int(one[-1], 16) < 8 else "A"
    at = datetime.now(UTC)
    return Prediction(one, NAME, one[-12:], arm, part + 1, part + 2, 5, 6, 6 if arm == "B" else 5, features, part, at)


def label(state: State, told: list[str]) -> None:
    """Tell the truth about some answers."""
    now = datetime.now(UTC)
    with state.write() as connection:
        record_many(connection, [Event(one, 6, now) for one in told], find_known(connection, told), Truths({}))


def ask(state: State, part: int) -> dict[str, float]:
    """Seconds of what a verdict reads about the last pair."""
    pair = (NAME, part + 1, part + 2)
    with state.read() as connection:
        newest = newest_label(connection, *pair)
        seconds = {
            "new_labels_s": timed(lambda: read_paired(connection, *pair, after=newest - NEW_LABELS)),
            "all_labels_s": timed(lambda: labelled_pairs(connection, *pair)),
            "counts_s": timed(lambda: (count_arms(connection, *pair, part), count_labels(connection, *pair))),
        }
        print(f"labels of the last pair: {sum(count_labels(connection, *pair).values()):,}")
    return {"verdict_query_s": seconds["new_labels_s"] + seconds["counts_s"], **seconds}


def timed(question: Callable[[], object]) -> float:
    """Seconds of one answer, the first one: nothing of it was read before."""
    began = time.perf_counter()
    question()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
