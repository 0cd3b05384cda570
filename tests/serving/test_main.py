import pytest

from resources.state.database import State, metadata
from serving.__main__ import HomeError, check_home, main


def test_home_that_was_not_made_is_refused(tmp_path):
    with pytest.raises(HomeError, match="start with `mlops up`"):
        check_home(tmp_path)


def test_home_that_was_made_is_fine(tmp_path):
    (tmp_path / ".ready").touch()
    check_home(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("MLOPS_ROUTER_PORT", "0", "MLOPS_ROUTER_PORT"),
        ("MLOPS_ROUTER_PROT", "5050", "MLOPS_ROUTER_PROT is unknown"),
        ("MLOPS_HOST", "0.0.0.0", "the router has no keys"),
    ],
)
def test_wrong_set_up_ends_with_2_and_one_sentence(tmp_path, monkeypatch, capsys, name, value, words):
    (tmp_path / ".ready").touch()
    state = State(f"sqlite:///{tmp_path / 'state.db'}")
    metadata.create_all(state.engine)
    state.close()
    monkeypatch.setenv("MLOPS_HOME", str(tmp_path))
    monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["serving"])
    assert main() == 2
    assert words in capsys.readouterr().err
