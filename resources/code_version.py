"""Which code runs: the package's version, the Git commit it was taken from, and the hash of its lock file."""

import subprocess
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from mlops_assets.decision.canonical import sha256_of

PACKAGE = "mlops-assets"
LOCK = "requirements.lock"
ROOT = Path(__file__).parents[1]
GIT_TIMEOUT_S = 10
DESCRIBE = ("git", "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty")


@dataclass(frozen=True)
class CodeVersion:
    """`commit` ends in -dirty where files were changed; both others are None where the code is not in a checkout."""

    package: str
    commit: str | None
    lock_sha256: str | None


@cache
def code_version() -> CodeVersion:
    """The code of this process, asked once."""
    lock = ROOT / LOCK
    digest = sha256_of(lock.read_bytes()) if lock.is_file() else None
    return CodeVersion(version(PACKAGE), find_commit(ROOT), digest)


def find_commit(root: Path) -> str | None:
    """Hash of the commit that is checked out at `root`; None where there is no checkout, or no Git."""
    if not (root / ".git").exists():
        return None
    try:
        asked = subprocess.run(DESCRIBE, cwd=root, capture_output=True, text=True, timeout=GIT_TIMEOUT_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return asked.stdout.strip() or None
