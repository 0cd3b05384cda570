"""What the version that did not answer says of a logged row, written after the answer."""

from collections.abc import Iterable

import sqlalchemy as sa

from resources.state.database import marks
from resources.state.labelling import renew
from resources.state.prediction import Side, Value
from resources.state.predictions import json_text

FILL: dict[Side, str] = {
    "champion": "UPDATE predictions SET champion_value = ? WHERE prediction_id = ? AND champion_value IS NULL",
    "challenger": "UPDATE predictions SET challenger_value = ? WHERE prediction_id = ? AND challenger_value IS NULL",
}


def fill(connection: sa.Connection, side: Side, values: Iterable[tuple[str, Value]]) -> None:
    """Write what the version that did not answer says; a value that is there stays.

    Labels that came before take their place among the evidence only now.

    Parameters
    ----------
    values : iterable of (prediction_id, value)
    """
    encoded = encode_values(values)
    if encoded:
        connection.exec_driver_sql(marks(FILL[side], connection.dialect), encoded)
        renew(connection, [prediction_id for _, prediction_id in encoded])


def encode_values(values: Iterable[tuple[str, Value]]) -> list[tuple[str | None, str]]:
    """Values for FILL, of (prediction_id, value)."""
    return [(json_text(value), prediction_id) for prediction_id, value in values]
