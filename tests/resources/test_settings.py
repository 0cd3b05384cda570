from pathlib import Path

import pytest

from resources.settings import SettingsError, read_settings


def refusal(**environment: str) -> str:
    with pytest.raises(SettingsError) as refused:
        read_settings(environment)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_without_variables_everything_lies_in_the_home():
    settings = read_settings({})
    home = Path.cwd() / ".mlops"
    assert settings.root == home
    assert settings.landing_root == str(home / "landing")
    assert settings.lake_root == str(home / "lake")
    assert settings.state_address == f"sqlite:///{home}/state.db"
    assert settings.mlflow_address == f"sqlite:///{home}/mlflow/mlflow.db"
    assert settings.artifact_root == str(home / "mlflow" / "artifacts")
    assert settings.own_use_cases == home / "use_cases"
    assert settings.dagster_home == home / "dagster"


def test_each_address_can_point_elsewhere():
    settings = read_settings(
        {
            "MLOPS_HOME": "/srv/mlops",
            "MLOPS_LANDING": "s3://bucket/landing",
            "MLOPS_LAKE": "s3://bucket/lake",
            "MLOPS_STATE_URL": "postgresql+psycopg://me:secret@db/state",
            "MLOPS_MLFLOW_URI": "http://mlflow:5000",
            "MLOPS_MLFLOW_ARTIFACTS": "s3://bucket/models",
            "MLOPS_USE_CASES": "/etc/mlops",
            "MLOPS_ROUTER_PORT": "8080",
        }
    )
    assert settings.root == Path("/srv/mlops")
    assert settings.landing_root == "s3://bucket/landing"
    assert settings.lake_root == "s3://bucket/lake"
    assert settings.state_address == "postgresql+psycopg://me:secret@db/state"
    assert settings.mlflow_address == "http://mlflow:5000"
    assert settings.artifact_root == "s3://bucket/models"
    assert settings.own_use_cases == Path("/etc/mlops")
    assert settings.router_port == 8080


def test_overrides_win_over_variables():
    assert read_settings({"MLOPS_ROUTER_PORT": "8080"}, router_port=9).router_port == 9


def test_a_tilde_is_the_persons_home():
    assert read_settings({"MLOPS_HOME": "~/mlops"}).root == Path.home() / "mlops"


def test_variables_of_others_are_left_alone():
    assert read_settings({"PATH": "/bin", "MLFLOW_TRACKING_URI": "x"}) == read_settings({})


def test_an_unknown_variable_is_told_beside_the_known_ones():
    assert refusal(MLOPS_PORT="1").startswith(
        "environment: MLOPS_PORT is unknown; known: MLOPS_ACCEPT_LIBRARIES, MLOPS_DAGSTER_PORT"
    )


@pytest.mark.parametrize(
    ("value", "what"), [("0", "greater than or equal to 1"), ("70000", "less than"), ("x", "integer")]
)
def test_a_port_that_cannot_be_is_told_with_its_variable(value, what):
    sentence = refusal(MLOPS_ROUTER_PORT=value)
    assert sentence.startswith(f"environment: MLOPS_ROUTER_PORT='{value}': ")
    assert what in sentence


def test_a_secret_is_never_shown():
    assert "secret" not in repr(read_settings({"MLOPS_STATE_URL": "postgresql://me:secret@db/state"}))
    with pytest.raises(SettingsError, match=r"environment: MLOPS_STATE_URL=\*\*\*: ") as refused:
        read_settings({}, state_url=["secret"])
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:5050"),
        ("ml.example", "http://ml.example:5050"),
        ("0.0.0.0", "http://127.0.0.1:5050"),
        ("::1", "http://[::1]:5050"),
        ("[::1]", "http://[::1]:5050"),
        ("::", "http://[::1]:5050"),
    ],
)
def test_the_router_has_an_address_that_a_browser_can_open(host, address):
    assert read_settings({"MLOPS_HOST": host}).router_address == address


def test_mlflows_pages_are_where_mlflow_is():
    assert read_settings({"MLOPS_MLFLOW_PORT": "5009"}).mlflow_page == "http://127.0.0.1:5009"
    assert read_settings({"MLOPS_MLFLOW_URI": "https://me:secret@ml.example/runs/"}).mlflow_page == (
        "https://ml.example/runs"
    )
