"""Invented reviews: sentences from a small grammar whose words carry a sentiment, and the rating that follows from it.

Nobody wrote these reviews. Every word below was chosen by hand, with a strength between -4 and 4.
"""

from typing import Literal

import numpy as np
import pandas as pd

Domain = Literal["film", "game"]

THINGS: dict[Domain, tuple[str, ...]] = {
    "film": ("the plot", "the cast", "the dialogue", "the ending", "the camera", "the leading man", "the score"),
    "game": ("the combat", "the level design", "the menu", "the physics", "the multiplayer", "the map", "the tutorial"),
}
WORDS: dict[Domain, dict[str, float]] = {
    "film": {
        "brilliant": 4.0,
        "moving": 3.0,
        "witty": 2.5,
        "charming": 2.0,
        "watchable": 1.0,
        "uneven": -1.0,
        "predictable": -1.5,
        "tedious": -2.5,
        "clumsy": -3.0,
        "dreadful": -4.0,
    },
    "game": {
        "addictive": 4.0,
        "polished": 3.0,
        "responsive": 2.5,
        "replayable": 2.0,
        "solid": 1.0,
        "grindy": -1.0,
        "laggy": -2.0,
        "repetitive": -2.5,
        "buggy": -3.0,
        "unplayable": -4.0,
    },
}
DEGREES = {"": 1.0, "rather ": 0.7, "really ": 1.15, "hardly ": -0.4}  # factor on the strength of the word that follows
SENTENCES: dict[Domain, tuple[int, int]] = {"film": (1, 3), "game": (2, 5)}
NOISE = 0.4  # standard deviation: readers differ
SCALE = 4.0


def draw_reviews(domain: Domain, n_rows: int, random_state: int) -> pd.DataFrame:
    """Invented reviews with the columns `id`, `score` (-4 to 4) and `text`; the same seed gives the same rows.

    The score is the mean over the sentences of strength times degree, plus noise.

    Examples
    --------
    >>> draw_reviews("film", 1, random_state=0).loc[0, "text"]
    'The camera is rather uneven. The dialogue is brilliant. The plot is hardly moving.'
    """
    random = np.random.default_rng(random_state)
    drawn = [_draw_review(domain, random) for _ in range(n_rows)]
    scores = np.clip([score for _, score in drawn] + random.normal(0, NOISE, n_rows), -SCALE, SCALE).round(2)
    ids = [f"{domain}-{random_state}-{row:05d}" for row in range(n_rows)]
    return pd.DataFrame({"id": ids, "score": scores, "text": [text for text, _ in drawn]})


def _draw_review(domain: Domain, random: np.random.Generator) -> tuple[str, float]:
    fewest, most = SENTENCES[domain]
    sentences = [_draw_sentence(domain, random) for _ in range(random.integers(fewest, most, endpoint=True))]
    return " ".join(text for text, _ in sentences), float(np.mean([strength for _, strength in sentences]))


def _draw_sentence(domain: Domain, random: np.random.Generator) -> tuple[str, float]:
    thing, word, degree = (str(random.choice(list(each))) for each in (THINGS[domain], WORDS[domain], DEGREES))
    return f"{thing.capitalize()} is {degree}{word}.", WORDS[domain][word] * DEGREES[degree]
