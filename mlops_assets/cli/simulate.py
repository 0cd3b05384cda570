"""`mlops simulate`: a file of labelled rows as live traffic, at a rate of its own."""

import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Annotated

import typer

from mlops_assets.cli import traffic
from mlops_assets.cli.console import out, say, show, show_json
from mlops_assets.cli.load import Hit, Ran, Shot, at_rate, run_load
from mlops_assets.cli.opening import open_installation, pick
from mlops_assets.cli.router_client import Client, Reply
from mlops_assets.cli.tally import Tally
from mlops_assets.cli.traffic import Labelled, labelled_rows
from mlops_assets.cli.truth_plan import Asking, Telling, Ways, plan_traffic
from mlops_assets.spec import UseCase

REQUESTS = 500
TELL_EVERY_S = 3.0
INTERRUPTED = 130

Work = Asking | tuple[str, Telling]  # a request, or a truth about the answer of that id


def simulate(
    use_case: Annotated[str, typer.Argument(help="name of a use case")],
    file: Annotated[Path, typer.Option("--from", help="labelled rows, sent in turn", exists=True, dir_okay=False)],
    requests: Annotated[int | None, typer.Option(min=1, help=f"how many; default {REQUESTS}")] = None,
    seconds: Annotated[float | None, typer.Option(min=0, help="how long, with --rate")] = None,
    rate: Annotated[float | None, typer.Option(min=0.001, help="requests a second; none = as fast as it goes")] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=256, help="requests under way at once")] = 8,
    delay: Annotated[float, typer.Option(min=0, help="mean seconds from an answer to its truth")] = 0.2,
    shuffle: Annotated[bool, typer.Option("--shuffle", help="exponential delays: truths overtake each other")] = False,
    lossy: Annotated[float, typer.Option(min=0, max=1, help="share of truths that never come")] = 0.0,
    duplicate: Annotated[float, typer.Option(min=0, max=1, help="share of truths that come twice")] = 0.0,
    wrong: Annotated[float, typer.Option(min=0, max=1, help="share of truths wrong at first, corrected later")] = 0.0,
    seed: Annotated[int, typer.Option(help="of what is lost, doubled, wrong and late")] = 7,
    key_file: Annotated[Path | None, typer.Option(help="file with the key to send", exists=True)] = None,
    json: Annotated[bool, typer.Option("--json", help="print one JSON object as the last line")] = False,
) -> None:
    """Send labelled rows to the router at a fixed rate and return the truths a while later, some lost, late or wrong.

    Latency counts from when a request was due, so that a stall is seen in all that it made wait. Exit code 1 when a
    request failed.

    Example: mlops simulate wine_quality --from white.csv --rate 50 --seconds 60 --delay 2 --shuffle --lossy 0.1
    """
    from resources.state.retrains import challenger_version

    wanted = _how_many(requests, seconds, rate)
    installation = open_installation()
    settings = installation.settings
    rows = read_rows(file, pick(installation, use_case))
    truths = list(dict.fromkeys(row.truth for row in rows))
    ways = Ways(delay, shuffle, lossy, duplicate, wrong)
    plan = plan_traffic(islice(cycle(rows), wanted), truths, ways, seed)
    base = settings.router_address
    client = Client(base, key_file.read_text(encoding="utf-8").strip() if key_file else "")
    with installation.state.read() as connection:
        challenger = challenger_version(connection, use_case)
    try:
        client.wait_until_ready(use_case, challenger)
        tally, ran = send_all(client, use_case, at_rate(plan, rate), concurrency)
    finally:
        client.close()
    _show(tally, ran)
    if json:
        show_json(tally.to_dict(ran))
    else:
        show(f"next: mlops run --once {use_case} for the verdict, or look at {base}/ab")
    if tally.failed or ran.interrupted:
        raise typer.Exit(INTERRUPTED if ran.interrupted else 1)


def send_all(client: Client, use_case: str, plan: Iterable[Shot[Asking]], concurrency: int) -> tuple[Tally, Ran]:
    """Make every request, and tell the truths that follow from its answer."""
    tally, told_at, stop = Tally(), [0.0], threading.Event()

    def do(work: Work) -> Reply:
        if isinstance(work, Asking):
            return client.post(traffic.address(use_case), traffic.request(work.row))
        return client.post("/feedback", traffic.event(work[0], work[1].truth))

    def settle(hit: Hit[Work, Reply]) -> Iterable[Shot[Work]]:
        if not isinstance(hit.item, Asking):
            tally.count_truth(hit.reply)
            return
        tally.count_answer(hit)
        if not hit.reply.problem:
            for telling in hit.item.tellings:
                yield Shot(hit.ended_s + telling.after_s, (hit.reply.body["prediction_id"], telling))

    def tell(elapsed_s: float) -> bool:
        if elapsed_s - told_at[0] >= TELL_EVERY_S:
            told_at[0] = elapsed_s
            say(tally.progress(elapsed_s))
        return stop.is_set()

    works: Iterable[Shot[Work]] = (Shot[Work](shot.due_s, shot.item) for shot in plan)
    with _set_by_ctrl_c(stop):
        return tally, run_load(works, do, settle, concurrency=concurrency, tick=tell)


@contextmanager
def _set_by_ctrl_c(stop: threading.Event) -> Iterator[None]:
    """The first Ctrl-C sets `stop`, so that what was sent is still reported; a second one interrupts as ever."""

    def ask(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def read_rows(file: Path, use_case: UseCase) -> list[Labelled]:
    """The labelled rows of a file in the use case's format.

    Raises
    ------
    ValueError
        If no row has a truth.
    """
    from mlops_assets.decode import FORMATS
    from mlops_assets.decode.aside import Aside
    from mlops_assets.decode.table import conform

    raw = FORMATS[use_case.format.kind](file.read_bytes(), use_case, Aside(say))
    frame = conform(raw, use_case)
    for name in use_case.request_columns:
        if use_case.columns[name].kind == "numeric" and name in raw:  # a client sends numbers, not the texts of a file
            raw[name] = frame[name].astype(object).where(frame[name].notna(), raw[name])
    rows = list(labelled_rows(frame, raw, use_case.request_columns, use_case.target, use_case.unit))
    if not rows:
        raise ValueError(f"{file}: no row has a value of {use_case.target!r}; labelled rows are due")
    return rows


def _how_many(requests: int | None, seconds: float | None, rate: float | None) -> int:
    if seconds is None:
        return requests or REQUESTS
    if rate is None or requests is not None:
        raise ValueError("--seconds goes with --rate and without --requests: how many follows from the two")
    return max(1, round(rate * seconds))


def _show(tally: Tally, ran: Ran) -> None:
    from rich.table import Table

    found = tally.to_dict(ran)
    table = Table(
        "", "", title=f"{tally.asked} requests in {ran.seconds:.1f} s", title_justify="left", show_header=False
    )
    for one in found["answers"]:
        table.add_row(f"arm {one['arm']}, version {one['version']}", f"{one['answers']} answers")
    if tally.degraded:
        table.add_row("degraded", f"{tally.degraded} answers")
    for status, count in found["truths"].items():
        table.add_row(f"truths {status}", str(count))
    for title, name in (
        ("latency from when due", "latency_ms"),
        ("of it, waited for a thread", "waited_for_a_thread_ms"),
    ):
        table.add_row(title, ", ".join(f"{share} {value:.1f} ms" for share, value in found[name].items()))
    for reason, count in found["failed"].items():
        table.add_row(f"failed, {reason}", f"{count}, such as {tally.example[reason]}")
    out.print(table)
