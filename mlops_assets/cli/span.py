"""Spans of time as people write them: 90d, 12h, 30m."""

import re
from datetime import timedelta

UNITS = {"d": "days", "h": "hours", "m": "minutes"}
SPAN = re.compile(r"([1-9][0-9]{0,4})([dhm])")


def parse_span(option: str, text: str) -> timedelta:
    """The span that an option was given.

    Raises
    ------
    ValueError
        Naming the option and what would be right.
    """
    found = SPAN.fullmatch(text)
    if found is None:
        raise ValueError(f"{option} {text!r}: a whole number of days, hours or minutes is due: 90d, 12h, 30m")
    return timedelta(**{UNITS[found[2]]: int(found[1])})
