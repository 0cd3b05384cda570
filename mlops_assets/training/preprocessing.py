"""Preprocessing as a candidate: scikit-learn column transformers, one style for each way a model reads columns."""

from typing import Any, Literal

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, PowerTransformer, StandardScaler

from mlops_assets.training.candidate import Problem

Style = Literal["one_hot", "codes", "native"]

CATEGORIES_MAX = 254  # HistGradientBoosting holds 255 bins, one for missing; rarer categories share a code
WORDS_SPARSE = 20_000
WORDS_DENSE = 200  # trees read dense columns

# Words that the exported graph splits as scikit-learn does; other alphabets need scikit-learn's own pattern.
ASCII_WORD = "[a-zA-Z0-9_]+"
ANY_WORD = r"(?u)\b\w\w+\b"


def build_preprocessing(problem: Problem, style: Style, variant: str) -> ColumnTransformer:
    """Unfitted transformer of X.

    Parameters
    ----------
    problem : Problem
    style : {'one_hot', 'codes', 'native'}
        'one_hot': imputed numbers and one column a category, for linear models. 'codes': imputed numbers and one code
        a category, for trees. 'native': missing values and codes as they are, for boosting that splits on sets of
        categories.
    variant : {'plain', 'scaled', 'power'}
        What happens to imputed numbers; trees are indifferent to it.
    """
    dense = style != "one_hot"
    steps: list[tuple[str, Any, Any]] = []
    if problem.numeric:
        steps.append(("numeric", _numeric(style, variant), list(problem.numeric)))
    if problem.category:
        steps.append(("category", _category(style), list(problem.category)))
    for name in problem.text:  # a vectorizer takes one column of documents
        steps.append((f"text {name}", _text(problem, dense), name))
    return ColumnTransformer(steps, sparse_threshold=0.0 if dense else 0.3, verbose_feature_names_out=False)


def _numeric(style: Style, variant: str) -> Any:
    if style == "native":
        return "passthrough"
    imputer = SimpleImputer(strategy="median", keep_empty_features=True)
    if variant == "plain":
        return imputer
    scaler = StandardScaler() if variant == "scaled" else PowerTransformer()
    return Pipeline([("impute", imputer), (variant, scaler)])


def _category(style: Style) -> Any:
    if style == "one_hot":
        return OneHotEncoder(handle_unknown="ignore")
    absent = np.nan if style == "native" else -1  # a new category is treated like a missing one
    return OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=absent,
        encoded_missing_value=absent,
        max_categories=CATEGORIES_MAX,
    )


def _text(problem: Problem, dense: bool) -> TfidfVectorizer:
    return TfidfVectorizer(
        token_pattern=ASCII_WORD if problem.ascii_text else ANY_WORD,
        ngram_range=(1, 1) if dense else (1, 2),
        max_features=WORDS_DENSE if dense else WORDS_SPARSE,
        sublinear_tf=True,
    )
