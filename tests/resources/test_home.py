import pytest

from mlops_assets.use_cases.load import load_use_cases
from resources.home import FOLDERS, prepare_home
from resources.settings import Settings


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(home=tmp_path / "home")


def test_a_home_has_its_folders_configuration_and_state(settings):
    root = prepare_home(settings, load_use_cases())
    assert root == settings.root
    assert all((root / folder).is_dir() for folder in FOLDERS)
    assert {path.name for path in (root / "landing").iterdir()} == set(load_use_cases())
    assert (root / "state.db").is_file()
    assert "telemetry: {enabled: false}" in (root / "dagster" / "dagster.yaml").read_text(encoding="utf-8")
    assert (root / "dagster" / "workspace.yaml").is_file()


def test_the_first_start_happens_once(settings):
    called = []
    for _ in range(2):
        prepare_home(settings, {}, first_start=lambda: called.append(1))
    assert called == [1]


def test_a_first_start_that_failed_is_tried_again(settings):
    def fail() -> None:
        raise RuntimeError("no space")

    with pytest.raises(RuntimeError, match="no space"):
        prepare_home(settings, {}, first_start=fail)
    called = []
    prepare_home(settings, {}, first_start=lambda: called.append(1))
    assert called == [1]


def test_a_persons_dagster_configuration_is_kept(settings):
    prepare_home(settings, {})
    (settings.dagster_home / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    prepare_home(settings, {})
    assert (settings.dagster_home / "dagster.yaml").read_text(encoding="utf-8") == "telemetry: {enabled: false}\n"


def test_a_landing_zone_elsewhere_gets_no_folder_here(tmp_path):
    settings = Settings(home=tmp_path / "home", landing="memory://landing")
    prepare_home(settings, load_use_cases())
    assert list((settings.root / "landing").iterdir()) == []
