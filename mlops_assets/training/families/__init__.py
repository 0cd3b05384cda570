"""Model families by the name a use case gives them."""

from mlops_assets.training.families import boosting, dummy, forest, lgbm, linear, tree, xgb
from mlops_assets.training.families.family import Family

FAMILIES: dict[str, Family] = {
    "dummy": dummy.FAMILY,
    "linear": linear.FAMILY,
    "tree": tree.FAMILY,
    "lightgbm": lgbm.FAMILY,
    "xgboost": xgb.FAMILY,
    "boosting": boosting.FAMILY,
    "forest": forest.FAMILY,
}
