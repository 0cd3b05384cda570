"""Ends services whose parent was killed: a process that lives as long as its standard input is open.

The parent writes the process group of each service, one a line, and `DONE` once it has stopped them itself. An end of
input without that word means that the parent is gone, however it went: even SIGKILL closes what it held open.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable
from contextlib import suppress

DONE = "done"
STOP_S = 20.0
POLL_S = 0.1


def end_groups(groups: Iterable[int], stop_s: float = STOP_S) -> None:
    """SIGTERM to each process group, and SIGKILL to what is left of one after `stop_s` seconds."""
    left = [group for group in groups if _signal(group, signal.SIGTERM)]
    until = time.monotonic() + stop_s
    while left and time.monotonic() < until:
        time.sleep(POLL_S)
        left = [group for group in left if _signal(group, 0)]
    for group in left:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    """Whether the group had a process to send it to."""
    with suppress(ProcessLookupError, PermissionError):  # the latter on macOS where only dead processes are left
        os.killpg(group, number)
        return True
    return False


def main() -> None:
    """Wait for the end of the input."""
    groups = []
    for line in sys.stdin:
        if line.strip() == DONE:
            return
        groups.append(int(line))
    end_groups(groups)


if __name__ == "__main__":
    main()
