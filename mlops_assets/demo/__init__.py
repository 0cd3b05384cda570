"""What `mlops demo` can show: a stage for each use case by its name, from a folder of real data or from drawn rows."""

from collections.abc import Callable
from pathlib import Path

from mlops_assets.demo import deliveries, documents, reviews, wine
from mlops_assets.demo.stage import Stage

STAGES: dict[str, Callable[[Path | None], Stage]] = {
    "wine_quality": wine.build_stage,
    "delivery_time": deliveries.build_stage,
    "review_rating": reviews.build_stage,
    "document_type": documents.build_stage,
}
