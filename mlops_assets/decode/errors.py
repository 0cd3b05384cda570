"""The one error of this room."""


class DecodeError(ValueError):
    """Bytes that are not the table they should be.

    Parameters
    ----------
    code : str
        Short reason for counts and filters, such as 'too_many_columns'.
    sentence : str
        What is wrong, where, and how to mend it.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{sentence} [{code}]")
        self.code = code
        self.sentence = sentence
