"""A request that is sent again is answered again and has no second effect: Idempotency-Key, kept in the database.

As `service/idempotency.py` for what is not kept (the IETF httpapi draft), with one promise more: what a request
does and its answer are one transaction, so that no crash and no repeat elsewhere gives it two effects or none.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, select, update

from phonegrade.core.data_errors import AnswerExpiredError
from phonegrade.core.errors import IdempotencyError, StillRunningError
from phonegrade.core.idempotency import KEPT, read_idempotency_key
from phonegrade.store.engines import Database, insert_if_absent
from phonegrade.store.vault import Vault
from phonegrade.store.work_tables import ANSWERS

LEASE = timedelta(seconds=60)
"""After so long a request that has not been answered counts as crashed, and a repeat of it begins anew."""


class StoredAnswer(NamedTuple):
    """What was answered."""

    status: int
    media_type: str
    body: bytes
    headers: Mapping[str, str] = {}
    secret_until: datetime | None = None
    """Until when an answer that shows a secret is kept, sealed; None for any other answer."""

    def sealed(self, vault: Vault) -> "StoredAnswer":
        """Return the answer as it is stored."""
        return self if self.secret_until is None else self._replace(body=vault.seal_bytes(self.body))

    def opened(self, vault: Vault, now: datetime) -> "StoredAnswer":
        """Return the answer as it is sent. Raises AnswerExpiredError where its secret is no longer kept."""
        if self.secret_until is None:
            return self
        if now > self.secret_until:
            raise AnswerExpiredError(
                "the answer showed a secret and is no longer kept; ask anew with another Idempotency-Key"
            )
        return self._replace(body=vault.unseal_bytes(self.body))


class AnswerName(NamedTuple):
    """Whose answer to what: a key means nothing to another tenant, another holder or another route."""

    tenant: str
    holder: str
    route: str
    key: str

    def condition(self) -> ColumnElement[bool]:
        """Return what selects the row."""
        return and_(
            ANSWERS.c.tenant == self.tenant,
            ANSWERS.c.holder == self.holder,
            ANSWERS.c.route == self.route,
            ANSWERS.c.name == self.key,
        )


def answer_name(tenant: str, holder: str, route: str, key: str) -> AnswerName:
    """Return the name of a request by its Idempotency-Key. Raises UsageError for a key that is none."""
    return AnswerName(tenant, holder, route, read_idempotency_key(key))


def answer_once(
    database: Database,
    name: AnswerName,
    fingerprint: str,
    work: Callable[[Connection], StoredAnswer],
    clock: Callable[[], datetime],
) -> tuple[StoredAnswer, bool]:
    """Return `work`'s answer, or the one that was given to the same request before, and whether it was that.

    What `work` writes with its connection is kept together with its answer, or not at all. An error is raised and
    leaves nothing, so that the request may be tried again. Raises IdempotencyError for a key that came with another
    `fingerprint` (see `core.idempotency.fingerprint`), StillRunningError while the first is being answered.
    """
    token = secrets.token_hex(16)
    known = _begin(database, name, fingerprint, token, clock())
    if known is not None:
        return known, True
    try:
        with database.write() as connection:
            answer = work(connection)
            row = {"status": answer.status, "media_type": answer.media_type, "body": answer.body}
            row["secret_until"] = answer.secret_until
            values = {**row, "headers": dict(answer.headers), "token": None, "leased_until": None, "at": clock()}
            mine = and_(name.condition(), ANSWERS.c.token == token)
            if connection.execute(update(ANSWERS).where(mine).values(**values)).rowcount != 1:
                raise StillRunningError("this request took so long that a repeat of it is being answered")
    except BaseException:
        _release(database, name, token)
        raise
    return answer, False


def find_answer(connection: Connection, name: AnswerName) -> StoredAnswer | None:
    """Return the answer that was given to such a request; None where there is none yet."""
    row = connection.execute(select(ANSWERS).where(name.condition(), ANSWERS.c.status.is_not(None))).one_or_none()
    return None if row is None else _answer(row)


def forget_answers(database: Database, now: datetime) -> int:
    """Delete answers that are older than a week, and return how many; those with an old secret are emptied."""
    with database.write() as connection:
        old = and_(ANSWERS.c.secret_until < now, ANSWERS.c.body != b"")
        connection.execute(update(ANSWERS).where(old).values(body=b""))
        return connection.execute(delete(ANSWERS).where(ANSWERS.c.at <= now - KEPT)).rowcount


def _begin(database: Database, name: AnswerName, fingerprint: str, token: str, now: datetime) -> StoredAnswer | None:
    """Take the turn for a request, or return its answer."""
    with database.read() as connection:  # most repeats come after the answer, and need no lock
        known = connection.execute(select(ANSWERS).where(name.condition())).one_or_none()
    if known is not None and known.fingerprint == fingerprint and known.status is not None and now - known.at <= KEPT:
        return _answer(known)
    turn = {"fingerprint": fingerprint, "token": token, "leased_until": now + LEASE, "at": now}
    row = {"tenant": name.tenant, "holder": name.holder, "route": name.route, "name": name.key, **turn}
    with database.write() as connection:
        if insert_if_absent(connection, ANSWERS, row):
            return None
        known = connection.execute(select(ANSWERS).where(name.condition()).with_for_update()).one_or_none()
        if known is None:  # the first has just failed, and left nothing
            raise StillRunningError("the first request with this Idempotency-Key has just failed; send it again")
        if now - known.at > KEPT:
            empty = {"status": None, "media_type": None, "body": None, "headers": None, "secret_until": None}
            connection.execute(update(ANSWERS).where(name.condition()).values(**turn, **empty))
            return None
        if known.fingerprint != fingerprint:
            raise IdempotencyError("this Idempotency-Key came with other content before; take a new one")
        if known.status is not None:
            return _answer(known)
        if known.leased_until > now:
            raise StillRunningError("the first request with this Idempotency-Key is still being answered")
        connection.execute(update(ANSWERS).where(name.condition()).values(**turn))
        return None


def _answer(row: Row[Any]) -> StoredAnswer:
    return StoredAnswer(row.status, row.media_type, row.body, row.headers, row.secret_until)


def _release(database: Database, name: AnswerName, token: str) -> None:
    with database.write() as connection:
        connection.execute(delete(ANSWERS).where(name.condition(), ANSWERS.c.token == token))
