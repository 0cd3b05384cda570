"""How far a boosted model may grow."""

from mlops_assets.training.incremental.refusal import RefitNeededError

ROUNDS = 20  # for one window; at a learning rate of 0.1 they take up 88 % of a shift of the mean, 1 - 0.9**20
ROUNDS_MAX = 1_000  # of one model: the time of a request and the size of the file grow with them


def check_rounds(rounds: int) -> None:
    """Refuses a model to which `ROUNDS` more do not fit.

    Raises
    ------
    RefitNeededError
        If it would have more than `ROUNDS_MAX`.
    """
    if rounds + ROUNDS > ROUNDS_MAX:
        raise RefitNeededError(
            f"the model has {rounds:,} rounds and may have {ROUNDS_MAX:,}: {ROUNDS} more do not fit; a refit is due"
        )
