"""Why a model cannot learn on from where it is."""


class RefitNeededError(ValueError):
    """The model must be fitted anew; the sentence says what stands in the way of a continuation."""
