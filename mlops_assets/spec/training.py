"""How candidates are built, compared and refused: the part of a use case about training."""

from typing import Literal

from pydantic import Field

from mlops_assets.spec.bert import Bert
from mlops_assets.spec.tables import METRICS
from mlops_assets.spec.value import Value


class Training(Value):
    """How candidates are built, compared and refused."""

    engine: Literal["pycaret", "lean"] = Field("pycaret", description="who drives the comparison")
    metric: str = Field(description=f"what the leaderboard is ordered by: {', '.join(METRICS)}")
    budget_s: float = Field(60.0, gt=0, description="wall-clock seconds for comparing and tuning")
    families: tuple[str, ...] = Field(
        (
            "linear",
            "tree",
            "lightgbm",
            "xgboost",
            "boosting",
            "forest",
            "tfidf_linear",
            "tfidf_svm",
            "tfidf_forest",
        ),
        description="model families that compete; a baseline always does, those on TF-IDF only where there is text; "
        "tfidf_network needs the extra [torch], bert and cascade the extra [bert] and minutes, so they compete only "
        "where they are named",
    )
    preprocessing: tuple[Literal["plain", "scaled", "power"], ...] = Field(
        ("plain", "scaled", "power"), description="variants tried with families that feel them"
    )
    prefer: Literal["best", "cheaper_if_equivalent"] = Field(
        "best", description="what wins: the best score, or the cheapest request within one standard error of it"
    )
    tune_best: int = Field(2, ge=0, description="how many of the best families are tuned in what is left of the budget")
    folds: int = Field(5, ge=2, description="of the cross-validation")
    order: Literal["random", "time"] = Field("random", description="time: folds and hold-out never look ahead")
    groups: str | None = Field(
        None, description="column whose equal values stay on one side of every fold and of the hold-out; None = rows"
    )
    abstain_error: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="share of rows whose class may be missing among the possible ones; answers then say whether the "
        "model abstains; None = it never does",
    )
    holdout_share: float = Field(0.2, gt=0, lt=1, description="share of the rows that no candidate is fitted on")
    worse_by_max: float = Field(
        0.0, ge=0, description="the gate lets a challenger be this much worse on the rows of old batches"
    )
    explain_rows: int = Field(
        200, ge=0, description="rows sampled for SHAP, permutation importance and the words that move answers; 0 = none"
    )
    random_state: int = Field(7, description="seed of folds, models and tuning")
    bert: Bert = Field(Bert(), description="what the families bert and cascade fine-tune, and how long")
