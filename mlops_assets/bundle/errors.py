"""What can be wrong with a bundle or with a request for it.

ValueError
├── BundleError   the files are not what was registered, or cannot be served here
└── InputError    rows that the model cannot answer
"""


class BundleError(ValueError):
    """A bundle that must not be read further; the sentence names the file."""


class InputError(ValueError):
    """Rows that do not fit the schema; the sentence names row, column, value and what is allowed.

    Attributes
    ----------
    row : int
        Position in the request, from 0.
    column : str
        Name of the column; empty when the row as a whole is wrong.
    problem : str
        The value and what is allowed.
    """

    def __init__(self, row: int, column: str, problem: str) -> None:
        self.row = row
        self.column = column
        self.problem = problem
        super().__init__(f"row {row}, column {column!r}: {problem}" if column else f"row {row}: {problem}")
