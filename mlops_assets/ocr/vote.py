"""Two readings of one line made one: words that lie over each other compete by their probability to be right."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mlops_assets.ocr.calibration import Calibration
from mlops_assets.ocr.engines.engine import Token

OVERLAP_MIN = 0.3  # of a word's width, to lie over what stands before it


def vote(
    first: Sequence[Token], second: Sequence[Token], names: tuple[str, str], calibration: Calibration
) -> list[Token]:
    """The words of the line, each with the probability that it is right after both were heard.

    Parameters
    ----------
    first, second
        Words of one line from left to right, with the confidence each engine gives.
    names : tuple[str, str]
        Of the engines.
    """
    voted = []
    for ours, theirs in overlapping(first, second):
        same = [word.text for word in ours] == [word.text for word in theirs]
        state = "agreed" if same else "disputed"
        heard = [
            [replace(word, confidence=calibration.probability(f"{name} {state}", word.confidence)) for word in words]
            for name, words in zip(names, (ours, theirs), strict=True)
        ]
        voted += max(heard, key=weakest)
    return voted


def overlapping(first: Sequence[Token], second: Sequence[Token]) -> Iterator[tuple[list[Token], list[Token]]]:
    """Groups from left to right: words of either reading that lie over each other; one side may be empty."""
    group: tuple[list[Token], list[Token]] = ([], [])
    reach = 0.0
    for word, side in sorted([(w, 0) for w in first] + [(w, 1) for w in second], key=lambda pair: pair[0].start):
        if any(group) and reach - word.start < OVERLAP_MIN * (word.end - word.start):
            yield group
            group, reach = ([], []), 0.0
        group[side].append(word)
        reach = max(reach, word.end)
    if any(group):
        yield group


def weakest(words: Iterable[Token]) -> float:
    """The smallest confidence: words are right together when each is; 0 where there are none."""
    return min((word.confidence for word in words), default=0.0)
