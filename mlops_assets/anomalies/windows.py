"""Minutes joined to windows that hold enough requests to be compared with each other."""

from collections.abc import Sequence
from datetime import datetime, timedelta

REQUESTS_MIN = 50  # a share of one in ten is then known to about 4 points
SPAN_MIN = timedelta(minutes=5)
MINUTE = timedelta(minutes=1)


def cut_windows(
    minutes: Sequence[datetime],
    requests: Sequence[int],
    requests_min: int = REQUESTS_MIN,
    span_min: timedelta = SPAN_MIN,
) -> list[slice]:
    """Which minutes form each window: the fewest in a row that hold enough requests and last long enough.

    What follows the last whole window belongs to none yet, so that a window never changes. If minutes are exchangeable
    so are windows, since each ends by what is in it.

    Parameters
    ----------
    minutes : sequence of datetime
        In order, each once.
    requests : sequence of int
        Of each minute.

    Examples
    --------
    >>> noon = datetime(2026, 3, 1, 12)
    >>> cut_windows([noon + n * MINUTE for n in range(7)], [30, 10, 10, 1, 1, 60, 60], 50, 3 * MINUTE)
    [slice(0, 3, None), slice(3, 6, None)]
    """
    found, start, held = [], 0, 0
    for place, (minute, count) in enumerate(zip(minutes, requests, strict=True)):
        held += count
        if held >= requests_min and minute - minutes[start] + MINUTE >= span_min:
            found.append(slice(start, place + 1))
            start, held = place + 1, 0
    return found
