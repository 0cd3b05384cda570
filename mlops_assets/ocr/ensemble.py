"""Engines in turn: the first reads every line, the second only the lines that are unsure."""

from collections.abc import Sequence
from dataclasses import replace

from mlops_assets.ocr.calibration import Calibration
from mlops_assets.ocr.engines.engine import Engine, Lines, Token
from mlops_assets.ocr.image import Image
from mlops_assets.ocr.vote import vote, weakest

SURE = 0.65  # a line is sure when each of its words is right with this probability
UNSURE_MIN = 0.3  # share of the print that must be unsure; of less, a second engine corrects next to nothing
KEPT_MIN = 0.2  # a voted word that is right with less probability is a smudge


def read_lines(
    lines: Lines, engines: Sequence[Engine], language: str, calibration: Calibration, sure: float = SURE
) -> list[list[Token]]:
    """The words of each line with the probability that each is right.

    Parameters
    ----------
    engines
        One, or two: the second is asked about the lines with a word below `sure` and those without a word, where they
        are much of the page.
    """
    first, *others = engines
    raw = first.read_lines(lines, language)
    found = [alone(words, first.name, calibration) for words in raw]
    for second in others:
        unsure = [number for number, words in enumerate(found) if weakest(words) < sure]
        if length([lines[number] for number in unsure]) < UNSURE_MIN * length(lines):
            continue
        again = second.read_lines([lines[number] for number in unsure], language)
        for number, words in zip(unsure, again, strict=True):
            voted = vote(raw[number], words, (first.name, second.name), calibration)
            found[number] = [word for word in voted if word.confidence >= KEPT_MIN]
    return found


def length(lines: Sequence[Image]) -> float:
    """Of all lines, in their heights: about how much is printed."""
    return float(sum(line.shape[1] / line.shape[0] for line in lines))


def alone(words: Sequence[Token], name: str, calibration: Calibration) -> list[Token]:
    """The words with the probability that each is right when only this engine was heard."""
    return [replace(word, confidence=calibration.probability(name, word.confidence)) for word in words]
