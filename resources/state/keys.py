"""Keys of callers: an id, the hash of a secret, a role, and when it is valid.

A key reads `mlops_0123456789.SECRET`. The secret is 32 random bytes, so a plain SHA-256 keeps it as well as a slow hash
would keep a password, and costs a microsecond. Nothing here or elsewhere writes a secret down.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Literal

import sqlalchemy as sa

from resources.state import audit
from resources.state.database import UtcTime, metadata

Role = Literal["predictor", "uploader", "viewer", "operator", "admin"]

PREFIX = "mlops_"
ID_BYTES = 5
SECRET_BYTES = 32
NOTE_LENGTH = 128

keys = sa.Table(
    "keys",
    metadata,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("secret_sha256", sa.String(64), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("note", sa.String(NOTE_LENGTH), nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime),
    sa.Column("revoked_at", UtcTime),
    sa.Column("last_used_at", UtcTime),
)


@dataclass(frozen=True)
class Key:
    """One key without its secret; `expires_at` None means that it holds until it is revoked."""

    id: str
    secret_sha256: str = field(repr=False)
    role: Role
    note: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None

    def is_valid(self, at: datetime) -> bool:
        """True while it is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


def create(
    connection: sa.Connection, role: Role, *, at: datetime, by: str, note: str = "", expires_at: datetime | None = None
) -> tuple[Key, str]:
    """A new key, and the text that its owner sends; nobody can read that text again."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    key = Key(PREFIX + secrets.token_hex(ID_BYTES), _digest(secret), role, note, at, expires_at)
    connection.execute(keys.insert().values(**vars(key)))
    audit.record(connection, audit.Change(by, "create_key", at, after=_shown(key)))
    return key, f"{key.id}.{secret}"


def all_keys(connection: sa.Connection) -> list[Key]:
    """Every key there ever was, the newest first."""
    rows = connection.execute(sa.select(keys).order_by(keys.c.created_at.desc(), keys.c.id)).mappings()
    return [Key(**row) for row in rows]


def revoke(connection: sa.Connection, key_id: str, *, at: datetime, by: str) -> Key:
    """The key, which nobody can use any more; a key that was revoked before stays as it is.

    Raises
    ------
    LookupError
        If there is no such key.
    """
    found = next((key for key in all_keys(connection) if key.id == key_id), None)
    if found is None:
        raise LookupError(f"key {key_id!r} is unknown; `mlops keys list` shows their ids")
    if found.revoked_at is not None:
        return found
    revoked = Key(**{**vars(found), "revoked_at": at})
    connection.execute(keys.update().where(keys.c.id == key_id).values(revoked_at=at))
    audit.record(connection, audit.Change(by, "revoke_key", at, before=_shown(found), after=_shown(revoked)))
    return revoked


def check(known: Mapping[str, Key], text: str, at: datetime) -> Key | None:
    """The key that `text` proves, None when it is unknown, wrong, expired or revoked."""
    key_id, _, secret = text.partition(".")
    key = known.get(key_id)
    if key is None or not hmac.compare_digest(_digest(secret), key.secret_sha256) or not key.is_valid(at):
        return None
    return key


def mark_used(connection: sa.Connection, used: Mapping[str, datetime]) -> None:
    """Note when each key was last used."""
    for key_id, at in used.items():
        connection.execute(keys.update().where(keys.c.id == key_id).values(last_used_at=at))


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _shown(key: Key) -> dict[str, str | None]:
    moments = {"expires_at": key.expires_at, "revoked_at": key.revoked_at}
    shown = {name: at.isoformat() if at is not None else None for name, at in moments.items()}
    return {"key": key.id, "role": key.role, "note": key.note, **shown}
