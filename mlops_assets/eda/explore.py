"""A table explored: its columns, their associations, and its target over time."""

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from mlops_assets.eda.column import ColumnFigures, figures_of
from mlops_assets.eda.gathered import Gathered
from mlops_assets.eda.matrix import Pair, associations
from mlops_assets.eda.over_time import OverTime, target_over_time
from mlops_assets.spec import UseCase


@dataclass(frozen=True)
class Exploration:
    """What a table looks like. Rows and missing shares are of all rows, all else of `sampled` rows drawn from them."""

    rows: int
    sampled: int
    columns: tuple[ColumnFigures, ...]
    pairs: tuple[Pair, ...]
    over_time: OverTime | None
    first: datetime | None
    last: datetime | None

    @property
    def strongest(self) -> tuple[Pair, ...]:
        """The pairs of which something can be said, the strongest first."""
        said = [pair for pair in self.pairs if pair.value == pair.value]
        return tuple(sorted(said, key=lambda pair: (-abs(pair.value), pair.a, pair.b)))


def explore(gathered: Gathered, use_case: UseCase) -> Exploration:
    """The figures of a gathered table; columns that it lacks are left out."""
    sample, k = gathered.sample, use_case.validation.outlier_iqr
    columns = tuple(
        figures_of(sample[name], name, column.kind, gathered.missing[name] / max(1, gathered.rows), k)
        for name, column in use_case.columns.items()
        if name in sample.columns
    )
    pairs, over_time = associations(sample, use_case), target_over_time(sample, use_case)
    return Exploration(gathered.rows, len(sample), columns, pairs, over_time, *_span(sample, use_case))


def _span(sample: pd.DataFrame, use_case: UseCase) -> tuple[datetime | None, datetime | None]:
    """The first and the last event time."""
    times = sample[use_case.time].dropna() if use_case.time in sample.columns else pd.Series(dtype="datetime64[ns]")
    return (None, None) if times.empty else (times.min().to_pydatetime(), times.max().to_pydatetime())
