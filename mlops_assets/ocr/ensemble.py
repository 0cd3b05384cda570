"""Engines in turn: the first reads every line, the second only the lines that are unsure."""

from collections.abc import Sequence
from dataclasses import replace

from mlops_assets.ocr.calibration import Calibration
from mlops_assets.ocr.engines.engine import Engine, Lines, Token
from mlops_assets.ocr.vote import vote, weakest

SURE = 0.8  # a line is sure when each of its words is right with this probability


def read_lines(
    lines: Lines, engines: Sequence[Engine], language: str, calibration: Calibration, sure: float = SURE
) -> list[list[Token]]:
    """The words of each line with the probability that each is right.

    Parameters
    ----------
    engines
        One, or two: the second is asked about the lines with a word below `sure`, and about those without a word.
    """
    first, *others = engines
    raw = first.read_lines(lines, language)
    found = [alone(words, first.name, calibration) for words in raw]
    for second in others:
        unsure = [number for number, words in enumerate(found) if weakest(words) < sure]
        again = second.read_lines([lines[number] for number in unsure], language)
        for number, words in zip(unsure, again, strict=True):
            found[number] = vote(raw[number], words, (first.name, second.name), calibration)
    return found


def alone(words: Sequence[Token], name: str, calibration: Calibration) -> list[Token]:
    """The words with the probability that each is right when only this engine was heard."""
    return [replace(word, confidence=calibration.probability(name, word.confidence)) for word in words]
