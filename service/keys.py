"""API keys: who may ask for what, and how often. Only hashes are stored; a key is shown once, when it is made."""

import hashlib
import hmac
import secrets
import stat
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NamedTuple

import yaml
from pydantic import Field, PositiveInt, ValidationError

from phonegrade.core.errors import KeysFileError
from phonegrade.core.files import write_text
from phonegrade.core.strict import Strict

PREFIX = "pg"
DEFAULT_TENANT = "default"
_ID_BYTES, _SECRET_BYTES = 5, 32
_HEAD = "# API keys of phonegrade: `phonegrade key new` adds one. Hashes only: a lost key cannot be read from here.\n"


class Scope(StrEnum):
    """What a key may ask for."""

    GRADE = "grade"
    """Grade and inspect photos."""
    READ = "read"
    """Policies, devices and models."""
    METRICS = "metrics"
    """Figures for monitoring."""
    KIOSK = "kiosk"
    """Cases at a kiosk; this scope and those that follow need a service with --data."""
    APP = "app"
    """Cases in the customer's own hands: an app or a web page."""
    STORE = "store"
    """Cases in a shop."""
    REVIEWER = "reviewer"
    """Cases that a person reviews."""
    WAREHOUSE = "warehouse"
    """Cases in a warehouse."""
    ADMIN = "admin"
    """Everything that may be done with cases."""


class ApiKey(Strict):
    """One key as it is stored."""

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{10}$")]
    name: Annotated[str, Field(min_length=1, max_length=64)]
    """Who holds it, such as kiosk-7."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """Of the secret part, which is 256 random bits: no slow hash is needed."""
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)] = (Scope.GRADE, Scope.READ)
    per_minute: PositiveInt = 120
    """Requests of each scope."""
    expires: date | None = None
    """The first day on which it no longer counts."""
    tenant: Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,62})$")] = DEFAULT_TENANT
    """Whose cases it opens."""


class NewKey(NamedTuple):
    """A fresh key: what its holder gets, and what is stored."""

    text: str
    stored: ApiKey


def new_key(
    name: str,
    scopes: tuple[Scope, ...] = (Scope.GRADE, Scope.READ),
    per_minute: int = 120,
    expires: date | None = None,
    tenant: str = DEFAULT_TENANT,
) -> NewKey:
    """Return a fresh key."""
    key_id, secret = secrets.token_hex(_ID_BYTES), secrets.token_urlsafe(_SECRET_BYTES)
    stored = ApiKey(
        id=key_id,
        name=name,
        sha256=_hash(secret),
        scopes=scopes,
        per_minute=per_minute,
        expires=expires,
        tenant=tenant,
    )
    return NewKey(f"{PREFIX}_{key_id}_{secret}", stored)


class KeyRing:
    """Every key that counts."""

    def __init__(self, keys: tuple[ApiKey, ...]) -> None:
        self._by_id = {key.id: key for key in keys}

    def find(self, text: str, today: date | None = None) -> ApiKey | None:
        """Return the key that `text` is; None for one that is unknown, wrong or expired."""
        prefix, _, rest = text.partition("_")
        key_id, _, secret = rest.partition("_")
        key = self._by_id.get(key_id)
        # compared even where there is no such key: an answer's time does not tell which ids exist
        matches = hmac.compare_digest(_hash(secret), key.sha256 if key else _hash(""))
        if key is None or prefix != PREFIX or not matches:
            return None
        return None if key.expires is not None and (today or datetime.now(UTC).date()) >= key.expires else key


def read_keys(file: Path) -> tuple[ApiKey, ...]:
    """Return the keys of a file that `write_keys` wrote. Raises KeysFileError that names the file and what is wrong."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise KeysFileError(f"{file}: cannot be read ({error.strerror}); make one with `phonegrade key new`") from error
    except UnicodeDecodeError as error:
        raise KeysFileError(f"{file}: is not UTF-8 text") from error
    return parse_keys(text, str(file))


def parse_keys(text: str, name: str) -> tuple[ApiKey, ...]:
    """Return the keys in the text of such a file; `name` stands for it in messages. Raises KeysFileError."""
    try:
        keys = tuple(ApiKey.model_validate(entry) for entry in yaml.safe_load(text) or ())
    except (yaml.YAMLError, TypeError, ValueError) as error:
        problem = error.errors()[0]["msg"] if isinstance(error, ValidationError) else "not a list of keys"
        raise KeysFileError(f"{name}: {problem}; make keys with `phonegrade key new`") from error
    if len({key.id for key in keys}) < len(keys):
        raise KeysFileError(f"{name}: a key stands there twice")
    return keys


def write_keys(file: Path, keys: tuple[ApiKey, ...]) -> None:
    """Write all keys, readable by their owner alone; a file that is there keeps its owner and permissions.

    Otherwise the service, which runs as someone else, could no longer read what an administrator has changed.
    """
    entries = [key.model_dump(mode="json", exclude_none=True) for key in keys]
    before = file.stat() if file.exists() else None
    mode = 0o600 if before is None else stat.S_IMODE(before.st_mode)
    write_text(file, _HEAD + yaml.safe_dump(entries, sort_keys=False), mode, before)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()
