"""A router over a fresh database and a registry of folders, for tests of what stands around the models."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "serving"))
sys.path.insert(0, str(Path(__file__).parents[1] / "serving" / "documents"))

from fake_models import FolderRegistry, load_fake, probe_fake, verify_fake
from fake_reader import FakeReader, document_use_case

from mlops_assets.use_cases.load import load_use_cases
from resources.lake import Lake
from resources.settings import Settings, read_settings
from resources.state import keys, tables
from resources.state.database import State, metadata
from serving.callers import MAY, Role
from serving.copies import Copies
from serving.documents.documents import Documents
from serving.models import Models
from serving.router import Router, open_router, utc_now
from serving.wanted import Rows


def keyed(home: Path, **settings: object) -> Settings:
    """An installation that asks for keys on this machine."""
    return read_settings({}, home=home, keys_required=True, **settings)


def open_fake_router(home: Path) -> Router:
    """Wine: champion 1 answers 5, challenger 2 answers 6. Deliveries: champion 1 answers 12.5. Letters: 'bill'."""
    home.mkdir(parents=True, exist_ok=True)
    state = State(read_settings({}, home=home).state_address)
    assert tables.keys is keys  # every table is known by now
    metadata.create_all(state.engine)
    registry = FolderRegistry(home / "registry")
    if not registry.folder.exists():
        registry.add("wine_quality", 1, value=5, classes=[5, 6])
        registry.add("wine_quality", 2, value=6, classes=[5, 6])
        registry.add("delivery_time", 1, value=12.5)
        registry.add("letters", 1, value="bill", classes=["bill", "letter"], needs="")
    registry.aliases |= {
        ("wine_quality", "champion"): 1,
        ("wine_quality", "challenger"): 2,
        ("delivery_time", "champion"): 1,
        ("letters", "champion"): 1,
    }
    use_cases = load_use_cases()
    use_cases["letters"] = document_use_case(use_cases["wine_quality"])
    copies = Copies(home / "bundles", registry, verify_fake, probe_fake, load_fake)
    models = Models(use_cases, copies, Rows(use_cases, state, utc_now, reread_s=0.0))
    documents = Documents(use_cases, Lake(str(home / "lake")), FakeReader)
    router = open_router(use_cases, state, models, documents=documents)
    router.models.refresh()
    return router


def make_keys(router: Router) -> dict[Role, str]:
    """One key of each role."""
    with router.state.write() as connection:
        return {role: keys.create(connection, role, at=utc_now(), by="test")[1] for role in MAY if role != "public"}
