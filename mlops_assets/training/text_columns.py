"""A column of texts as numbers: TF-IDF of words, or of words and of pieces of words."""

from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer

from mlops_assets.training.candidate import Problem

WORDS_SPARSE = 20_000
WORDS_DENSE = 200  # trees read dense columns
PIECES = 30_000
PIECE_LENGTHS = (2, 5)  # characters within a word; measured on film reviews against 2 to 4, 3 to 5 and 2 to 6
TEXTS_MIN = 2  # a term of one text helps nobody else, and would keep that text in the model

# Words that the exported graph splits as scikit-learn does; other alphabets need scikit-learn's own pattern.
ASCII_WORD = "[a-zA-Z0-9_]+"
ANY_WORD = r"(?u)\b\w\w+\b"


def read_words(problem: Problem, *, dense: bool) -> TfidfVectorizer:
    """Words and, where columns may be sparse, pairs of words."""
    return TfidfVectorizer(
        token_pattern=ASCII_WORD if problem.ascii_text else ANY_WORD,
        ngram_range=(1, 1) if dense else (1, 2),
        max_features=WORDS_DENSE if dense else WORDS_SPARSE,
        sublinear_tf=True,
    )


def text_steps(problem: Problem, style: str) -> list[tuple[str, Any, Any]]:
    """One step of a column transformer for each reading of each text column.

    Parameters
    ----------
    style : {'words', 'pieces'} or another
        'words': words and pairs of words that occur in two texts at least. 'pieces': those, and pieces of words, which
        know a word by its stem and through its misspellings. Any other style: as `read_words` says.
    """
    if style not in ("words", "pieces"):
        dense = style != "one_hot"
        return [(f"text {name}", read_words(problem, dense=dense), name) for name in problem.text]
    steps = []
    for name in problem.text:  # a vectorizer takes one column of documents
        steps.append((f"text {name}", read_words(problem, dense=False).set_params(min_df=TEXTS_MIN), name))
        if style == "pieces":
            steps.append((f"pieces of {name}", _pieces(), name))
    return steps


def _pieces() -> TfidfVectorizer:
    return TfidfVectorizer(
        analyzer="char_wb", ngram_range=PIECE_LENGTHS, min_df=TEXTS_MIN, max_features=PIECES, sublinear_tf=True
    )
