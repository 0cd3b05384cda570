import pytest

from mlops_assets.use_cases.load import find_use_case
from resources.landing.drop import drop
from resources.settings import Settings


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(home=tmp_path / "home")


def test_a_file_lands_whole_in_the_folder_of_its_use_case(settings):
    use_case = find_use_case("wine_quality")
    address = drop(settings, use_case, "a.csv", b"bytes")
    folder = settings.root / "landing" / "wine_quality"
    assert address == str(folder / "a.csv")
    assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [("a.csv", b"bytes")]


def test_a_file_of_that_name_is_replaced(settings):
    use_case = find_use_case("wine_quality")
    drop(settings, use_case, "a.csv", b"old")
    drop(settings, use_case, "a.csv", b"new")
    assert (settings.root / "landing" / "wine_quality" / "a.csv").read_bytes() == b"new"


def test_a_folder_of_its_own_is_where_files_land(settings, tmp_path):
    use_case = find_use_case("wine_quality", None, [f"landing.sources=[{{kind: folder, path: {tmp_path}/own}}]"])
    assert drop(settings, use_case, "a.csv", b"bytes") == str(tmp_path / "own" / "a.csv")


def test_a_use_case_without_a_folder_is_told_what_to_add(settings):
    use_case = find_use_case("wine_quality", None, ["landing.sources=[{kind: glob, pattern: /data/**}]"])
    with pytest.raises(ValueError, match="'wine_quality' reads no folder; add a source of kind folder"):
        drop(settings, use_case, "a.csv", b"bytes")
