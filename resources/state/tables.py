"""Every table of the state database, in one import."""

from resources.state import (
    audit,
    drift_log,
    evidence,
    feedback,
    keys,
    labels,
    ledger,
    parking,
    predictions,
    promotions,
    retrains,
    routing,
    sightings,
    traffic,
    verdicts,
    windows,
)

__all__ = [
    "audit",
    "drift_log",
    "evidence",
    "feedback",
    "keys",
    "labels",
    "ledger",
    "parking",
    "predictions",
    "promotions",
    "retrains",
    "routing",
    "sightings",
    "traffic",
    "verdicts",
    "windows",
]
