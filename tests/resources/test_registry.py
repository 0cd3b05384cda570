from pathlib import Path

import numpy as np
import pytest

from mlops_assets.spec import Column
from resources.registry import AwayError, Registry, RegistryError
from resources.tracking import Run, log_run

pytestmark = pytest.mark.slow


@pytest.fixture
def run_id(registry: Registry) -> str:
    return log_run(registry.uri, registry.artifact_root, Run("wine", "first"))


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    import skops.io
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    folder = tmp_path / "made"
    folder.mkdir()
    pipeline = make_pipeline(LogisticRegression()).fit(np.array([[0.0], [1.0]]), [5, 6])
    skops.io.dump(pipeline, folder / "pipeline.skops")
    (folder / "manifest.json").write_text("{}", encoding="utf-8")
    return folder


def test_versions_count_up_and_carry_tags_and_run(registry, run_id, bundle):
    first = registry.register_bundle("wine", bundle, run_id, tags={"stage": "Staging"})
    second = registry.register_bundle("wine", bundle, run_id)
    assert (first.version, second.version) == (1, 2)
    assert (first.run_id, first.tags) == (run_id, {"stage": "Staging"})
    assert [one.version for one in registry.versions("wine")] == [2, 1]


def test_alias_moves_and_goes(registry, run_id, bundle):
    registry.register_bundle("wine", bundle, run_id, alias="champion")
    registry.register_bundle("wine", bundle, run_id)
    assert registry.version_by_alias("wine", "champion").version == 1
    registry.set_alias("wine", "champion", 2)
    assert registry.version_by_alias("wine", "champion").version == 2
    registry.drop_alias("wine", "champion")
    registry.drop_alias("wine", "champion")
    assert registry.version_by_alias("wine", "champion") is None


def test_unknown_names_have_no_versions(registry):
    assert registry.version_by_alias("nobody", "champion") is None
    assert registry.versions("nobody") == []


def test_download_gives_the_bundle_back_byte_by_byte(registry, run_id, bundle, tmp_path):
    registry.register_bundle("wine", bundle, run_id)
    folder = registry.download("wine", 1, tmp_path / "copy")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        path.name: path.read_bytes() for path in bundle.iterdir()
    }


def test_download_of_an_unknown_version_is_an_error(registry, tmp_path):
    with pytest.raises(RegistryError, match="version 7 of 'wine' cannot be downloaded"):
        registry.download("wine", 7, tmp_path / "copy")


def test_alias_of_an_unknown_version_is_an_error(registry):
    with pytest.raises(RegistryError, match="set_registered_model_alias"):
        registry.set_alias("wine", "champion", 7)


def test_tags_can_be_written_later(registry, run_id, bundle):
    registry.register_bundle("wine", bundle, run_id, alias="champion")
    registry.set_tags("wine", 1, {"stage": "Production"})
    assert registry.version_by_alias("wine", "champion").tags == {"stage": "Production"}


def test_mlflow_loads_the_pipeline_and_shows_its_signature(registry, run_id, bundle, monkeypatch):
    import mlflow

    registry.register_bundle(
        "wine", bundle, run_id, alias="champion", features={"x": Column(kind="numeric")}, output="long"
    )
    monkeypatch.setenv("MLFLOW_TRACKING_URI", registry.uri)
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", registry.uri)
    loaded = mlflow.sklearn.load_model("models:/wine@champion")
    assert loaded.predict(np.array([[0.0], [1.0]])).tolist() == [5, 6]
    described = mlflow.models.get_model_info("models:/wine@champion")
    assert described.signature.inputs.to_dict() == [{"type": "double", "name": "x", "required": False}]


def test_a_registry_that_does_not_answer_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    away = Registry("http://me:secret@127.0.0.1:9", str(tmp_path))
    said = "no MLflow server answers at http://127.0.0.1:9; start it"
    with pytest.raises(AwayError, match=f"get_model_version_by_alias: {said}"):
        away.version_by_alias("wine", "champion")
    with pytest.raises(AwayError, match=f"download of version 1 of 'wine': {said}"):
        away.download("wine", 1, tmp_path)


def test_a_bundle_without_a_pipeline_is_a_version_too(registry, run_id, bundle, tmp_path):
    (bundle / "pipeline.skops").rename(bundle / "model.onnx")
    features = {"text": Column(kind="text")}
    version = registry.register_bundle("wine", bundle, run_id, features=features, output="double")
    assert version.version == 1
    folder = registry.download("wine", 1, tmp_path / "copy")
    assert {path.name for path in folder.iterdir()} == {"model.onnx", "manifest.json"}
