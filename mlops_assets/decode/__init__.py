from collections.abc import Callable

import pandas as pd

from mlops_assets.decode.aside import Aside
from mlops_assets.decode.delimited import read_delimited
from mlops_assets.decode.document import read_documents
from mlops_assets.decode.json_lines import read_json_lines
from mlops_assets.decode.parquet import read_parquet
from mlops_assets.spec import UseCase

FORMATS: dict[str, Callable[[bytes, UseCase, Aside], pd.DataFrame]] = {
    "delimited": read_delimited,
    "document": read_documents,
    "json_lines": read_json_lines,
    "parquet": read_parquet,
}
