"""A process that logs answers, `python log_child.py URL MODE [THREADS [BUFFER_ROWS]]`, until its standard input ends.

It tells a line each: `ok ID` when an answer may go out, `busy` and why when the log refused it.
"""

import os
import sys
import threading
from datetime import UTC, datetime

from resources.state.database import State
from resources.state.prediction import Prediction
from resources.state.prediction_id import new_prediction_id
from resources.state.truth import Truths
from serving.errors import NotReadyError
from serving.prediction_log import PredictionLog

FEATURES = {f"column {number}": number / 7 for number in range(11)}
PAUSE_S = 0.002
SYNC_S = 0.02


def answer() -> Prediction:
    """A row as the router logs it."""
    return Prediction(new_prediction_id(), "w", "u", "A", 1, 2, 5, None, 5, FEATURES, 1, datetime.now(UTC))


def tell(line: str) -> None:
    """Write a line past every buffer of this process."""
    os.write(1, f"{line}\n".encode())


def log_answers(log: PredictionLog, until: threading.Event) -> None:
    """Append one row after the other."""
    while not until.wait(PAUSE_S):
        row = answer()
        try:
            log.append([row])
        except NotReadyError as error:
            assert error.retry_after_s
            tell(f"busy {error}")
        else:
            tell(f"ok {row.prediction_id}")


def main(url: str, mode: str, threads: str = "1", buffer_rows: str = "1000") -> None:
    """Log with some threads until standard input ends."""
    state, until = State(url), threading.Event()
    log = PredictionLog(state, Truths({}), mode, int(buffer_rows), SYNC_S)
    working = [threading.Thread(target=log_answers, args=(log, until)) for _ in range(int(threads))]
    for one in working:
        one.start()
    sys.stdin.read()
    until.set()
    for one in working:
        one.join()
    log.close()
    state.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
