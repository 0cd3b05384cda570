"""How much more is missing."""


def missing_share(missing_reference: int, n_reference: int, missing_current: int, n_current: int) -> float:
    """Rise of the share of missing values, -1..1 (0.05 = five points more); negative where fewer are missing."""
    return missing_current / n_current - missing_reference / n_reference
