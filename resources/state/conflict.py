"""The one error of the state database that callers decide about."""


class ConflictError(RuntimeError):
    """Another writer was first: what was expected is no longer so. Read again, then decide again."""
