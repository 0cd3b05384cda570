"""A file put into a landing folder whole: written under a name that is ignored, then renamed."""

from pathlib import PurePosixPath

import fsspec

from mlops_assets.spec import Folder, UseCase
from resources.settings import Settings


def drop(settings: Settings, use_case: UseCase, name: str, data: bytes) -> str:
    """The address of the landed file, in the first folder among the use case's sources.

    Raises
    ------
    ValueError
        If the use case has no folder to land files in.
    """
    folders = [source for source in use_case.landing.sources if isinstance(source, Folder)]
    if not folders:
        raise ValueError(f"use case {use_case.name!r} reads no folder; add a source of kind folder to landing.sources")
    folder = folders[0].path or f"{settings.landing_root}/{use_case.name}"
    filesystem, root = fsspec.core.url_to_fs(folder)
    filesystem.makedirs(root, exist_ok=True)
    path = str(PurePosixPath(root) / name)
    hidden = str(PurePosixPath(root) / f".{name}.tmp")
    with filesystem.open(hidden, "wb") as file:
        file.write(data)
    filesystem.mv(hidden, path)
    return path
