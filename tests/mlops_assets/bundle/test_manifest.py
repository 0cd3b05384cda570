import json

import pytest

from mlops_assets.bundle.errors import BundleError
from mlops_assets.bundle.manifest import MANIFEST, verify

pytestmark = pytest.mark.slow

FILES = ["pipeline.skops", "model.onnx", "schema.json", "reference.npz", "golden.json", "manifest.json"]


@pytest.mark.parametrize("name", FILES)
def test_one_changed_byte_is_found_in_each_file(write, name):
    path = write() / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(BundleError, match=f"{name}: .*fetch the version again"):
        verify(path.parent)


@pytest.mark.parametrize("name", FILES)
def test_a_truncated_file_is_found(write, name):
    path = write() / name
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BundleError, match=name):
        verify(path.parent)


@pytest.mark.parametrize("name", FILES)
def test_a_removed_file_is_found(write, name):
    path = write() / name
    path.unlink()
    with pytest.raises(BundleError, match=f"{name}: .*missing"):
        verify(path.parent)


def test_a_file_that_nobody_registered_is_found(write):
    folder = write()
    (folder / "extra.pkl").write_bytes(b"")
    with pytest.raises(BundleError, match=r"extra.pkl: not named by the manifest"):
        verify(folder)


def test_a_link_is_no_file(write, tmp_path):
    folder = write()
    copy = tmp_path / "copy"
    copy.write_bytes((folder / "reference.npz").read_bytes())
    (folder / "reference.npz").unlink()
    (folder / "reference.npz").symlink_to(copy)
    with pytest.raises(BundleError, match="a plain file is due"):
        verify(folder)


@pytest.mark.parametrize("change", [{"engine": "skops"}, {"data_hash": "other"}, {"classes": ["low", "high"]}])
def test_an_edited_manifest_is_found(write, change):
    path = write() / MANIFEST
    content = json.loads(path.read_bytes())
    content["manifest"] |= change
    path.write_text(json.dumps(content, sort_keys=True, indent=1) + "\n", encoding="utf-8")
    with pytest.raises(BundleError, match="do not match the hash"):
        verify(path.parent)


def test_the_manifest_says_what_it_was_told(write):
    manifest = verify(write(metrics={"accuracy": 0.9}, data_hash="abc", created="2026-11-20", candidate="linear"))
    assert (manifest.metrics, manifest.data_hash, manifest.created) == ({"accuracy": 0.9}, "abc", "2026-11-20")
    assert (manifest.use_case, manifest.task, manifest.target) == ("small", "classification", "label")
    assert manifest.classes == ("high", "low")
    assert set(manifest.files) == set(FILES) - {MANIFEST}
    assert manifest.loss is None
