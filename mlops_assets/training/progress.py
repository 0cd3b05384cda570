"""Where a fit tells how far it is, when nobody listens."""


def silent(line: str) -> None:
    """Tell nobody."""
