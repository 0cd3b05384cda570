"""One spelling for a code that files, requests and YAML spell in several."""

FLAGS = {"true": "True", "TRUE": "True", "false": "False", "FALSE": "False"}


def code(text: str) -> str:
    """The code that a text means, blanks stripped.

    One file writes a code column with missing values as 5.0, another without them as 5; one library writes a flag as
    true, another as True.

    Examples
    --------
    >>> code(" 5.0"), code("5.5"), code("true"), code("truly")
    ('5', '5.5', 'True', 'truly')
    """
    text = text.strip()
    head, _, tail = text.partition(".")
    is_whole = tail.strip("0") == "" != tail and head.removeprefix("-").isdecimal()
    return head if is_whole else FLAGS.get(text, text)
