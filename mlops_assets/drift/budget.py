"""How the chance of a false alarm is spent over a champion's life."""

SLOW_SHARE = 0.2  # of the budget, for what accumulates over batches; the rest for each batch by itself
HALF_LIFE = 26  # batches after which half of the budget is spent: half a year of weekly ones


def alpha_of(number: int, alpha: float) -> float:
    """The chance of a false alarm that batch `number` (1, 2, ...) of a champion may take.

    Notes
    -----
    alpha h / ((k + h - 1) (k + h)) for batch k, whose sum over all k is alpha, since each is the difference of
    alpha h / (k + h - 1) and alpha h / (k + h). However the batches hang together, an alarm among all of them then has
    a chance of alpha at most (Boole). The series falls slowly, so that a champion stays watched.

    Examples
    --------
    >>> round(sum(alpha_of(number, 0.05) for number in range(1, 27)), 4)
    0.025
    """
    return alpha * HALF_LIFE / ((number + HALF_LIFE - 1) * (number + HALF_LIFE))


def spent(number: int, alpha: float) -> float:
    """What the first `number` batches may take together: alpha k / (k + h)."""
    return alpha * number / (number + HALF_LIFE)


def split(alpha: float) -> tuple[float, float]:
    """The budget for single batches and that for what accumulates."""
    return alpha * (1 - SLOW_SHARE), alpha * SLOW_SHARE
