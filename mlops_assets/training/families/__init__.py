"""Model families by the name a use case gives them."""

from mlops_assets.training.families import (
    bert,
    boosting,
    cascade,
    dummy,
    forest,
    lgbm,
    linear,
    sgd,
    tfidf_forest,
    tfidf_linear,
    tfidf_network,
    tfidf_svm,
    tree,
    xgb,
)
from mlops_assets.training.families.family import Family

FAMILIES: dict[str, Family] = {
    "dummy": dummy.FAMILY,
    "linear": linear.FAMILY,
    "sgd": sgd.FAMILY,
    "tree": tree.FAMILY,
    "lightgbm": lgbm.FAMILY,
    "xgboost": xgb.FAMILY,
    "boosting": boosting.FAMILY,
    "forest": forest.FAMILY,
    "tfidf_linear": tfidf_linear.FAMILY,
    "tfidf_svm": tfidf_svm.FAMILY,
    "tfidf_forest": tfidf_forest.FAMILY,
    "tfidf_network": tfidf_network.FAMILY,
    "bert": bert.FAMILY,
    "cascade": cascade.FAMILY,
}
