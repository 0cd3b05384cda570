"""A state database with all tables, once on SQLite and once on PostgreSQL when one answers."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

import resources.state.parking
import resources.state.promotions
import resources.state.routing
import resources.state.verdicts  # noqa: F401  each registers its table on metadata
from mlops_assets.spec import Feedback
from mlops_assets.use_cases.load import load_use_cases
from resources.state.database import State, metadata
from resources.state.prediction import Prediction
from resources.state.truth import Truths

POSTGRES = "postgresql+psycopg://postgres@127.0.0.1:5432/test"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[State]:
    if request.param == "postgresql":
        yield from _postgres()
        return
    state = State(f"sqlite:///{tmp_path / 'state.db'}")
    metadata.create_all(state.engine)
    yield state
    state.close()


def _postgres() -> Iterator[State]:
    admin = sa.create_engine(POSTGRES, connect_args={"connect_timeout": 2})
    schema = f"t_{uuid.uuid4().hex}"
    try:
        with admin.begin() as connection:
            connection.execute(sa.schema.CreateSchema(schema))
    except sa.exc.OperationalError as error:
        admin.dispose()
        pytest.skip(f"no PostgreSQL answers at {POSTGRES}: {error.orig}")
    state = State(f"{POSTGRES}?options=-csearch_path%3D{schema}")
    metadata.create_all(state.engine)
    yield state
    state.close()
    with admin.begin() as connection:
        connection.execute(sa.schema.DropSchema(schema, cascade=True))
    admin.dispose()


@pytest.fixture
def at() -> datetime:
    return NOON


@pytest.fixture(scope="session")
def truths() -> Truths:
    """Wine, whose truths expire after a day; deliveries, whose truths never do."""
    use_cases = load_use_cases()
    wine = use_cases["wine_quality"].model_copy(update={"feedback": Feedback(expires_h=24)})
    return Truths(use_cases | {"wine_quality": wine})


@pytest.fixture
def make_prediction():
    def make(prediction_id: str, **changes) -> Prediction:
        values = {
            "prediction_id": prediction_id,
            "use_case": "wine_quality",
            "unit_id": "u1",
            "arm": "A",
            "champion_version": 1,
            "challenger_version": 2,
            "champion_value": 5,
            "challenger_value": 6,
            "answered": 5,
            "features": {"alcohol": 9.4, "note": None},
            "phase": 1,
            "at": NOON,
        }
        return Prediction(**(values | changes))

    return make
