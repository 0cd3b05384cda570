"""What was read: words with their boxes, in reading order, page by page."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any, Self


@dataclass(frozen=True)
class Word:
    """One word and where it stands.

    Attributes
    ----------
    confidence : float
        0..1, the probability that the word is right.
    left, top, right, bottom : int
        Pixels of the upright page, right and bottom excluded.
    line, block : int
        Number of its line on the page and of its block (a column or paragraph), from 0, in reading order.
    """

    text: str
    confidence: float
    left: int
    top: int
    right: int
    bottom: int
    line: int
    block: int


@dataclass(frozen=True)
class Page:
    """One page, turned upright.

    Attributes
    ----------
    number : int
        From 1.
    width, height : int
        Pixels of the upright page.
    words : tuple[Word, ...]
        In reading order.
    engine : str
        Names of the engines that read it, joined by +; pdf where a PDF carries its text.
    turn : int
        Degrees that the page was turned counter-clockwise to stand upright: 0, 90, 180 or 270.
    skew : float
        Degrees that it was turned counter-clockwise after that to lie straight.
    seconds : float
        Processor seconds spent on it, engines in processes of their own included.
    """

    number: int
    width: int
    height: int
    words: tuple[Word, ...]
    engine: str
    turn: int
    skew: float
    seconds: float

    @property
    def text(self) -> str:
        """Lines of words; a blank between words, a newline between lines."""
        return "\n".join(
            " ".join(word.text for word in line) for _, line in groupby(self.words, lambda word: word.line)
        )

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """The page that `asdict` made plain."""
        return cls(**{**plain, "words": tuple(Word(**word) for word in plain["words"])})


@dataclass(frozen=True)
class Document:
    """Pages in order, and the language they were read in."""

    pages: tuple[Page, ...]
    language: str

    @property
    def text(self) -> str:
        """The pages' text, a form feed between pages."""
        return "\f".join(page.text for page in self.pages)

    @property
    def words(self) -> Iterable[Word]:
        """Every word of every page."""
        return (word for page in self.pages for word in page.words)

    @property
    def confidence(self) -> float:
        """Mean confidence of the words, each weighted by its length, 0..1; 0 where no word was found."""
        weighed = [(len(word.text), word.confidence) for word in self.words]
        letters = sum(length for length, _ in weighed)
        return sum(length * confidence for length, confidence in weighed) / letters if letters else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """The document that `to_dict` made plain."""
        return cls(tuple(Page.from_dict(page) for page in plain["pages"]), plain["language"])
