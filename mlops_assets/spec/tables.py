"""The tables of names that a use case may use: derivations, model metrics, losses; and those that it may not."""

# Columns that tables of this project have beside those of a use case.
RESERVED = ("_unparsable", "_row", "_reasons", "_batch")
RESERVED_IN_RACE = ("_y", "_known_at", "_window", "_part", "_ticket")

TAKES: dict[str, tuple[int, str]] = {
    # derivation: (number of columns it takes, kind of column it gives)
    "joined": (2, "datetime"),
    "hour": (1, "numeric"),
    "minute_of_day": (1, "numeric"),
    "weekday": (1, "numeric"),
    "day_of_month": (1, "numeric"),
    "month": (1, "numeric"),
    "is_weekend": (1, "numeric"),
    "day_of_year": (1, "numeric"),
    "time_of_day_sin": (1, "numeric"),
    "time_of_day_cos": (1, "numeric"),
    "time_of_week_sin": (1, "numeric"),
    "time_of_week_cos": (1, "numeric"),
    "time_of_year_sin": (1, "numeric"),
    "time_of_year_cos": (1, "numeric"),
    "minutes_between": (2, "numeric"),
    "clock_minutes_between": (2, "numeric"),
    "haversine_km": (4, "numeric"),
}

METRICS: dict[str, tuple[str, bool]] = {
    # model metric: (task, True when larger is better)
    "accuracy": ("classification", True),
    "balanced_accuracy": ("classification", True),
    "f1_macro": ("classification", True),
    "log_loss": ("classification", False),
    "mae": ("regression", False),
    "rmse": ("regression", False),
    "r2": ("regression", True),
}

LOSSES: dict[str, str] = {
    # loss of one prediction: the task it judges
    "zero_one": "classification",
    "log_loss": "classification",
    "absolute": "regression",
    "squared": "regression",
    "quantile": "regression",
}
