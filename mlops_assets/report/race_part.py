"""The race of ways of learning on a stream, as a part of a page."""

from collections.abc import Mapping
from html import escape
from typing import Any

from mlops_assets.report.page import figure, table

TURNS_SHOWN = 20


def race_html(record: Mapping[str, Any], pictures: Mapping[str, bytes]) -> str:
    """Who is used next and why, the losses window by window, how each learnt last, what the used ones listened to.

    Parameters
    ----------
    record : mapping
        `recipe`, `standing`, `turns` and `explained`, as the race keeps them, oldest first.
    pictures : mapping
        Caption -> PNG.
    """
    standing, turns = record["standing"], record["turns"]
    policies = list(standing["total"])
    learnt = turns[-1]["learnt"] if turns else {}
    return "".join(
        [
            f"<p>{escape(_sentence(record))}</p>",
            *[figure(png, caption) for caption, png in pictures.items()],
            table(
                ("window", "rows", "labels known", "used", *policies),
                [_turn(turn, policies) for turn in turns[: -TURNS_SHOWN - 1 : -1]],
                "no window was raced yet",
            ),
            table(("policy", "how its model came about last"), list(learnt.items()), "nothing was learnt yet"),
            table(
                ("window", "listened to most", "moved since the window before", "values and answers differ by"),
                [_explained(one) for one in record["explained"][: -TURNS_SHOWN - 1 : -1]],
                "no window was explained yet",
            ),
        ]
    )


def _sentence(record: Mapping[str, Any]) -> str:
    standing = record["standing"]
    return (
        f"{record['recipe']} is raced; {standing['chosen']} is used next, because {standing['reason']}. "
        "Mean loss of each policy by window, newest first:"
    )


def _turn(turn: Mapping[str, Any], policies: list[str]) -> tuple[Any, ...]:
    losses = [turn["loss"].get(name) for name in policies]
    return turn["window"], turn["rows"], turn["known"], turn["chosen"] or "no model yet", *losses


def _explained(one: Mapping[str, Any]) -> tuple[Any, ...]:
    if not one["shares"]:
        return one["window"], one["note"], None, None
    name, share = max(one["shares"].items(), key=lambda item: item[1])
    gap = None if one["gap"] is None else f"{one['gap']:.1e} of the largest answer"
    return one["window"], f"{name} ({share:.0%})", one["moved"], gap
