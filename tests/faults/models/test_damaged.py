"""A file of a version is not what was registered: nobody parses it."""

from pathlib import Path

import pytest
from stages import NAME, make_champion, refusals

pytestmark = pytest.mark.slow


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def swap(path: Path) -> None:
    path.write_bytes(b"the file of another version")


DAMAGE = {"flipped": flip, "truncated": truncate, "removed": Path.unlink, "swapped": swap}
FILES = ("golden.json", "manifest.json", "model.onnx", "pipeline.skops", "reference.npz", "schema.json")


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_refused_before_anything_is_parsed(stage, bundles, damage):
    parsed: list[Path] = []
    models = stage.models(probe=lambda folder, _: parsed.append(folder))
    models.refresh()
    assert len(parsed) == 1
    for version, name in enumerate(FILES, start=2):
        DAMAGE[damage](stage.register(version, bundles[6]) / name)
        make_champion(stage, version, version - 1)
        models.refresh()
        assert models.of(NAME).champion.version == 1
        assert name in models.of(NAME).problems["champion"]
        assert name in refusals(stage)[0]
    assert len(parsed) == 1
    assert {path.name for path in bundles[6].iterdir()} == set(FILES)
