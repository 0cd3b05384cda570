"""The one error of this room."""


class DocumentError(ValueError):
    """Bytes that could not be read as a document within the limits.

    Parameters
    ----------
    code : str
        Short reason for counts and status codes. About the bytes: 'empty', 'unsupported_type', 'unreadable',
        'encrypted', 'too_many_bytes', 'too_many_pages', 'too_many_pixels'. About what reading them took: 'time_out',
        'out_of_memory', 'crashed'. About this installation: 'busy', 'no_engine', 'unknown_language', 'engine_failed'.
    sentence : str
        What is wrong, where, and how to mend it.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{sentence} [{code}]")
        self.code = code
        self.sentence = sentence


def out_of_memory(memory_mb: int) -> DocumentError:
    """What is said of a document that does not fit."""
    sentence = f"the document needs more than memory_mb {memory_mb}; scan it smaller, or raise memory_mb"
    return DocumentError("out_of_memory", sentence)
