"""Preprocessing as a candidate: scikit-learn column transformers, one style for each way a model reads columns."""

import math
from typing import Any, Literal

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, PowerTransformer, StandardScaler

from mlops_assets.training.candidate import Problem
from mlops_assets.training.text_columns import text_steps

Style = Literal["one_hot", "codes", "native", "words", "pieces", "own"]
DENSE: tuple[Style, ...] = ("codes", "native")
OF_TEXT: tuple[Style, ...] = ("words", "pieces")

CATEGORIES_MAX = 254  # HistGradientBoosting holds 255 bins, one for missing; rarer categories share a code


def build_preprocessing(problem: Problem, style: Style, variant: str) -> ColumnTransformer:
    """Unfitted transformer of X.

    Parameters
    ----------
    problem : Problem
    style : {'one_hot', 'codes', 'native', 'words', 'pieces'}
        'one_hot': imputed numbers and one column a category, for linear models. 'codes': imputed numbers and one code
        a category, for trees. 'native': missing values and codes as they are, for boosting that splits on sets of
        categories. 'words', 'pieces': like 'one_hot', for models of text; scaled numbers together as long as a text.
    variant : {'plain', 'scaled', 'power'}
        What happens to imputed numbers; trees are indifferent to it.
    """
    dense = style in DENSE
    steps: list[tuple[str, Any, Any]] = []
    if problem.numeric:
        steps.append(("numeric", _numeric(style, variant), list(problem.numeric)))
    if problem.category:
        steps.append(("category", _category(style), list(problem.category)))
    steps += text_steps(problem, style)
    return ColumnTransformer(
        steps,
        sparse_threshold=0.0 if dense else 0.3,
        transformer_weights=_beside_texts(problem, style, variant),
        verbose_feature_names_out=False,
    )


def _beside_texts(problem: Problem, style: Style, variant: str) -> dict[str, float] | None:
    """Weights of the steps: a TF-IDF row has length one, and with 1 / sqrt(k) each k standardised numbers have it too.

    Unweighted they are sqrt(k) long, and a model that is held back as a whole listens to them and not to words.
    """
    if style not in OF_TEXT or variant == "plain" or not problem.numeric:
        return None
    return {"numeric": 1 / math.sqrt(len(problem.numeric))}


def _numeric(style: Style, variant: str) -> Any:
    if style == "native":
        return "passthrough"
    imputer = SimpleImputer(strategy="median", keep_empty_features=True)
    if variant == "plain":
        return imputer
    scaler = StandardScaler() if variant == "scaled" else PowerTransformer()
    return Pipeline([("impute", imputer), (variant, scaler)])


def _category(style: Style) -> Any:
    if style not in DENSE:
        return OneHotEncoder(handle_unknown="ignore")
    absent = np.nan if style == "native" else -1  # a new category is treated like a missing one
    return OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=absent,
        encoded_missing_value=absent,
        max_categories=CATEGORIES_MAX,
    )
