"""Deleting what has become old: events that everybody has got, their deliveries, and answers to old requests.

Facts stay: they are the audit. That events of before a moment were deleted is itself written down, and the database
lets only those go.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select

from phonegrade.core.errors import UsageError
from phonegrade.store.answers import forget_answers
from phonegrade.store.columns import new_id
from phonegrade.store.engines import Database
from phonegrade.store.state_tables import EVENT_HORIZONS
from phonegrade.store.work_tables import DELIVERIES, EVENTS, SUBSCRIPTIONS

BATCH = 500
_UNDELIVERED = ("waiting", "sending")


class Pruned(NamedTuple):
    """How much went."""

    events: int
    deliveries: int


def prune(database: Database, until: datetime, now: datetime) -> Pruned:
    """Delete events of before `until` and their deliveries, a batch a transaction.

    What a webhook has yet to get stays, and so does the newest event, as readers go on from its position. Raises
    UsageError for a moment that is not past.
    """
    if until >= now:
        raise UsageError("what is yet to come cannot be old; name an age of some days")
    forget_answers(database, now)
    with database.write() as connection:
        connection.execute(insert(EVENT_HORIZONS).values(id=new_id(now), until=until, at=now))
    events = deliveries = 0
    while True:
        with database.write() as connection:
            gone = _batch(connection, until)
        if gone is None:
            return Pruned(events, deliveries)
        events, deliveries = events + gone.events, deliveries + gone.deliveries


def _batch(connection: Connection, until: datetime) -> Pruned | None:
    old = select(EVENTS.c.tenant, EVENTS.c.id).where(_old(connection, until)).order_by(EVENTS.c.position)
    rows = connection.execute(old.limit(BATCH)).all()
    if not rows:
        return None
    deliveries = 0
    for tenant in sorted({row.tenant for row in rows}):
        ids = [row.id for row in rows if row.tenant == tenant]
        of_events = and_(DELIVERIES.c.tenant == tenant, DELIVERIES.c.event_id.in_(ids))
        deliveries += len(
            connection.execute(delete(DELIVERIES).where(of_events).returning(DELIVERIES.c.event_id)).all()
        )
        connection.execute(delete(EVENTS).where(EVENTS.c.tenant == tenant, EVENTS.c.id.in_(ids)))
    return Pruned(len(rows), deliveries)


def _old(connection: Connection, until: datetime) -> ColumnElement[bool]:
    """Return the condition of events that are old, that every enabled webhook has got, and that are not the newest."""
    newest = connection.execute(select(func.max(EVENTS.c.position))).scalar()
    behind = select(func.min(SUBSCRIPTIONS.c.position)).where(SUBSCRIPTIONS.c.state == "enabled")
    got = connection.execute(behind).scalar()
    waits = select(DELIVERIES.c.event_id).where(
        DELIVERIES.c.tenant == EVENTS.c.tenant,
        DELIVERIES.c.event_id == EVENTS.c.id,
        DELIVERIES.c.state.in_(_UNDELIVERED),
    )
    return and_(
        EVENTS.c.at < until,
        EVENTS.c.position < (newest or 0),
        EVENTS.c.position <= (newest or 0 if got is None else got),
        ~waits.exists(),
    )
