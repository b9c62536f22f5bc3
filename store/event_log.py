"""The events in one order, so that a reader who has come to a position misses none and gets none twice.

Transactions that run side by side end in another order than they began, so a number that each takes for itself would
let a reader pass one by. Events therefore get their `position` after they are kept: one at a time, without a gap.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, func, select, text, update

from phonegrade.store.engines import Database
from phonegrade.store.work_tables import EVENTS

BATCH = 500
_LOCK = 0x70686F6E65
"""What one transaction at a time holds on PostgreSQL; on SQLite writers are alone anyway."""


class PlacedEvent(NamedTuple):
    """One event as readers get it."""

    position: int
    """The cursor; `Last-Event-ID` of server-sent events."""
    id: str
    type: str
    envelope: str
    """A `CloudEvent` as JSON."""


def place_events(database: Database) -> int:
    """Give every kept event that has none its position, and return how many got one."""
    placed = 0
    while True:
        with database.read() as connection:
            if connection.execute(select(EVENTS.c.id).where(EVENTS.c.position.is_(None)).limit(1)).scalar() is None:
                return placed
        with database.write() as connection:
            placed += _place_batch(connection)


def events_after(
    database: Database, tenant: str, position: int, types: Sequence[str] = (), limit: int = BATCH
) -> list[PlacedEvent]:
    """Return a tenant's next events after `position`, 0 for all, of every type or of patterns as `phonegrade.offer.*`.

    The position of the last is where to go on; with patterns, fewer than `limit` are not yet the end unless none came.
    """
    place_events(database)
    with database.read() as connection:
        return read_events(connection, tenant, position, types, limit)


def read_events(
    connection: Connection, tenant: str, position: int, types: Sequence[str] = (), limit: int = BATCH
) -> list[PlacedEvent]:
    """Return what `events_after` does, of the events that have their position."""
    events: list[PlacedEvent] = []
    while len(events) < limit:
        page = _page(connection, tenant, position, limit)
        events += [event for event in page if matches(event.type, types)]
        if len(page) < limit:
            break
        position = page[-1].position
    return events[:limit]


def last_position(connection: Connection) -> int:
    """Return the position of the newest event, 0 where there is none."""
    return int(connection.execute(select(func.coalesce(func.max(EVENTS.c.position), 0))).scalar_one())


def matches(event_type: str, patterns: Sequence[str]) -> bool:
    """Return whether an event's type is one of `patterns`; without any, every type is."""
    return not patterns or any(fnmatchcase(event_type, pattern) for pattern in patterns)


def _page(connection: Connection, tenant: str, position: int, limit: int) -> list[PlacedEvent]:
    columns = (EVENTS.c.position, EVENTS.c.id, EVENTS.c.type, EVENTS.c.envelope)
    wanted = select(*columns).where(EVENTS.c.tenant == tenant, EVENTS.c.position > position)
    return [PlacedEvent(*row) for row in connection.execute(wanted.order_by(EVENTS.c.position).limit(limit))]


def _place_batch(connection: Connection) -> int:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    columns = (EVENTS.c.tenant, EVENTS.c.id, EVENTS.c.case_id, EVENTS.c.sequence)
    unplaced = select(*columns).where(EVENTS.c.position.is_(None)).order_by(EVENTS.c.at, EVENTS.c.id).limit(BATCH)
    rows: list[Row[Any]] = [*connection.execute(unplaced)]
    if not rows:
        return 0
    rows = _whole_cases(connection, rows)
    first = last_position(connection) + 1
    placed = [
        {"of_tenant": row.tenant, "of_id": row.id, "place": first + index} for index, row in enumerate(_in_order(rows))
    ]
    connection.execute(
        update(EVENTS)
        .where(EVENTS.c.tenant == bindparam("of_tenant"), EVENTS.c.id == bindparam("of_id"))
        .values(position=bindparam("place")),
        placed,
    )
    return len(placed)


def _whole_cases(connection: Connection, rows: Sequence[Row[Any]]) -> list[Row[Any]]:
    """Return `rows` and the earlier unplaced events of their cases that the batch has cut off."""
    if len(rows) < BATCH:
        return list(rows)
    columns = (EVENTS.c.tenant, EVENTS.c.id, EVENTS.c.case_id, EVENTS.c.sequence)
    cases = {row.case_id for row in rows if row.case_id is not None}
    others = select(*columns).where(EVENTS.c.position.is_(None), EVENTS.c.case_id.in_(cases))
    known = {row.id for row in rows}
    return [*rows, *(row for row in connection.execute(others) if row.id not in known)]


def _in_order(rows: Iterable[Row[Any]]) -> Iterator[Row[Any]]:
    """Yield `rows` as they come, but those of each case by their sequence, whatever the clocks of machines were."""
    kept = list(rows)
    by_case: dict[tuple[str, str | None], list[Row[Any]]] = defaultdict(list)
    for row in kept:
        by_case[row.tenant, row.case_id].append(row)
    turns = {
        key: iter(of_case if key[1] is None else sorted(of_case, key=lambda row: int(row.sequence)))
        for key, of_case in by_case.items()
    }
    for row in kept:
        yield next(turns[row.tenant, row.case_id])
