"""Which OCR this is: two readings of the same bytes by the same edition are the same reading."""

import hashlib
from importlib.resources import files
from pathlib import Path

from mlops_assets.ocr.engines import ENGINES
from mlops_assets.spec.documents import Reading


def edition(reading: Reading) -> str:
    """A hash, hex, of the settings, of the versions of the engines that are there, and of the files of this room."""
    engines = [ENGINES[name] for name in reading.engines]
    versions = {engine.name: engine.version() for engine in engines if engine.available().usable}
    told = [reading.model_dump_json(), repr(versions), *_files()]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _files() -> list[str]:
    """Hashes of the code and the calibration, in the order of their names."""
    room = Path(str(files("mlops_assets.ocr")))
    kept = sorted(path for path in room.rglob("*") if path.suffix in (".py", ".json"))
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in kept]
