"""What a fitted pipeline remembers of its training rows and does not use."""

from typing import Any


def forget_rows(pipeline: Any) -> None:
    """Take the words that a vectorizer met and did not keep out of it, in place; its answers stay the same.

    The numbers of its terms become plain integers on the way: numpy's own cost the pipeline file a record each.
    """
    for part in walk(pipeline):
        if hasattr(part, "stop_words_"):
            del part.stop_words_
        if hasattr(part, "vocabulary_"):
            part.vocabulary_ = {term: int(at) for term, at in part.vocabulary_.items()}


def walk(estimator: Any) -> list[Any]:
    """The estimator and every fitted part inside it."""
    parts = [part[1] for name in ("steps", "transformers_") for part in getattr(estimator, name, [])]
    parts += list(getattr(estimator, "estimators_", [])) if hasattr(estimator, "named_estimators_") else []
    return [estimator, *(inner for part in parts for inner in walk(part))]
