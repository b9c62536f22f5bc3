"""Who may ask for what, kept in the database: API keys of a tenant, and links by which a customer reaches one case.

Only hashes of secrets are stored. A link's token stands in the fragment of an address, which no server and no log gets
to see, and is sent as a key is.
"""

import hashlib
import hmac
import re
import secrets
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, Row, and_, insert, select, update

from phonegrade.core.data_errors import NotFoundError
from phonegrade.store.tables import PRINCIPALS

_KEY = re.compile(r"pg_([0-9a-f]{10})_([0-9A-Za-z_-]{43})")
_ID_BYTES, _SECRET_BYTES = 5, 32


class Principal(NamedTuple):
    """Who asks."""

    tenant: str
    id: str
    kind: Literal["key", "link"]
    name: str
    """Who holds it, such as kiosk-7."""
    scopes: tuple[str, ...]
    case: str | None
    """The only case that it may see; None for every case of the tenant."""
    per_minute: int
    expires_at: datetime | None
    revoked_at: datetime | None


class NewPrincipal(NamedTuple):
    """A fresh one, and the text that its holder gets; it is shown once."""

    text: str
    principal: Principal


def add_principal(
    connection: Connection,
    tenant: str,
    name: str,
    scopes: tuple[str, ...],
    now: datetime,
    *,
    kind: Literal["key", "link"] = "key",
    case: str | None = None,
    per_minute: int = 120,
    expires_at: datetime | None = None,
) -> NewPrincipal:
    """Store a fresh key, or a fresh link to `case`."""
    principal_id, secret = secrets.token_hex(_ID_BYTES), secrets.token_urlsafe(_SECRET_BYTES)
    row = {
        "tenant": tenant,
        "id": principal_id,
        "kind": kind,
        "name": name,
        "sha256": _hash(secret),
        "scopes": list(scopes),
        "case_id": case,
        "per_minute": per_minute,
        "at": now,
        "expires_at": expires_at,
    }
    connection.execute(insert(PRINCIPALS).values(**row))
    text = f"pg_{principal_id}_{secret}"
    return NewPrincipal(text, Principal(tenant, principal_id, kind, name, scopes, case, per_minute, expires_at, None))


def find_principal(connection: Connection, text: str, now: datetime) -> Principal | None:
    """Return the key or link that `text` is; None for one that is unknown, wrong, expired or revoked."""
    row = _counted(connection, text, now)
    return None if row is None else _principal(row)


def revoke_principal(
    connection: Connection, tenant: str, principal_id: str, now: datetime, case: str | None = None
) -> None:
    """Let a key, or a link of `case`, no longer count. Raises NotFoundError."""
    same_case = PRINCIPALS.c.case_id.is_(None) if case is None else PRINCIPALS.c.case_id == case
    one = and_(PRINCIPALS.c.tenant == tenant, PRINCIPALS.c.id == principal_id, same_case)
    if connection.execute(update(PRINCIPALS).where(one).values(revoked_at=now)).rowcount != 1:
        raise NotFoundError(f"no key {principal_id}")


def revoke_named(connection: Connection, tenant: str, name: str, now: datetime) -> int:
    """Let every key of a name no longer count, and return how many there were."""
    live = and_(PRINCIPALS.c.tenant == tenant, PRINCIPALS.c.name == name, PRINCIPALS.c.revoked_at.is_(None))
    keys = and_(live, PRINCIPALS.c.kind == "key", PRINCIPALS.c.case_id.is_(None))
    return connection.execute(update(PRINCIPALS).where(keys).values(revoked_at=now)).rowcount


def principals(connection: Connection, tenant: str, case: str | None = None) -> list[Principal]:
    """Return a tenant's keys and links, or the links of one case, oldest first."""
    statement = select(PRINCIPALS).where(PRINCIPALS.c.tenant == tenant).order_by(PRINCIPALS.c.at, PRINCIPALS.c.id)
    if case is not None:
        statement = statement.where(PRINCIPALS.c.case_id == case)
    return [_principal(row) for row in connection.execute(statement)]


def _counted(connection: Connection, text: str, now: datetime) -> Row[Any] | None:
    parts = _KEY.fullmatch(text)
    key_id, secret = parts.groups() if parts else ("", "")
    row = connection.execute(select(PRINCIPALS).where(PRINCIPALS.c.id == key_id)).one_or_none()
    # compared even where there is no such key: an answer's time does not tell which ids exist
    matches = hmac.compare_digest(_hash(secret), row.sha256 if row else _hash(""))
    if row is None or not matches or row.revoked_at is not None:
        return None
    return None if row.expires_at is not None and now >= row.expires_at else row


def _principal(row: Row[Any]) -> Principal:
    return Principal(
        row.tenant,
        row.id,
        row.kind,
        row.name,
        tuple(row.scopes),
        row.case_id,
        row.per_minute,
        row.expires_at,
        row.revoked_at,
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()
