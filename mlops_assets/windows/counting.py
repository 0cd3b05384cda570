"""Windows of so many rows, in the order in which the rows arrived."""


def numbered_key(number: int, size: int) -> str:
    """Name of the `number`-th window of `size` rows, from 0 on; names sort as their windows do.

    Examples
    --------
    >>> numbered_key(12, 2000)
    '00000012-2000rows'
    """
    return f"{number:08d}-{size}rows"


def spread(n_rows: int, taken: int, size: int) -> dict[int, range]:
    """Window number -> positions of the rows of a batch that fall into it.

    Parameters
    ----------
    n_rows : rows of the batch
    taken : rows that arrived before
    size : rows of a window, above 0

    Examples
    --------
    >>> spread(5, taken=8, size=4)
    {2: range(0, 4), 3: range(4, 5)}
    """
    numbers = range(taken // size, -(-(taken + n_rows) // size)) if n_rows else range(0)
    return {
        number: range(max(0, number * size - taken), min(n_rows, (number + 1) * size - taken)) for number in numbers
    }
