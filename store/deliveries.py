"""Webhooks: who gets which events, each once, on the schedule that Standard Webhooks publishes.

A receiver that answers with anything but 2xx gets the event again, ten times in all over three days; then its
subscription is disabled, and shown as such, until somebody enables it and replays what it missed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, tuple_, update

from phonegrade.core.data_errors import NotFoundError
from phonegrade.store.columns import new_id
from phonegrade.store.engines import Database, insert_if_absent
from phonegrade.store.event_log import BATCH, last_position, place_events, read_events
from phonegrade.store.vault import Vault
from phonegrade.store.work_tables import DELIVERIES, EVENTS, SUBSCRIPTIONS

SCHEDULE_S = (0, 5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
"""Waits before each attempt, after the one before it: the table of the Standard Webhooks specification."""
LEASE_S = 60.0
"""Longer than an attempt may take; see `store/webhooks.py`."""
_GONE = 410
"""The receiver's own word that it wants no more."""
SubscriptionState = Literal["enabled", "disabled"]


@dataclass(frozen=True)
class Subscription:
    """Who gets which events; its secret is shown once, when it is made."""

    id: str
    url: str
    types: tuple[str, ...]
    """Patterns such as `phonegrade.offer.*`; none for every event."""
    state: SubscriptionState
    why: str | None
    position: int


@dataclass(frozen=True)
class DeliveryClaim:
    """One event that this worker is to send now."""

    tenant: str
    subscription: str
    event: str
    url: str
    secret: bytes
    """Sealed."""
    envelope: str
    worker: str
    attempt: int


def subscribe(
    connection: Connection, vault: Vault, tenant: str, url: str, types: tuple[str, ...], secret: str, now: datetime
) -> Subscription:
    """Let `url` get every event from now on; see `webhooks.check_url` and `webhooks.new_secret`."""
    row = {
        "tenant": tenant,
        "id": new_id(now),
        "url": url,
        "types": list(types),
        "secret": vault.seal_bytes(secret.encode("ascii")),
        "state": "enabled",
        "why": None,
        "position": last_position(connection),
        "at": now,
    }
    connection.execute(insert(SUBSCRIPTIONS).values(**row))
    return subscription(connection, tenant, str(row["id"]))


def subscriptions(connection: Connection, tenant: str) -> list[Subscription]:
    """Return a tenant's subscriptions, oldest first."""
    rows = connection.execute(
        select(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.tenant == tenant).order_by(SUBSCRIPTIONS.c.id)
    )
    return [_subscription(row) for row in rows]


def subscription(connection: Connection, tenant: str, subscription_id: str) -> Subscription:
    """Return one. Raises NotFoundError."""
    row = connection.execute(select(SUBSCRIPTIONS).where(_named(tenant, subscription_id))).one_or_none()
    if row is None:
        raise NotFoundError(f"no webhook {subscription_id}")
    return _subscription(row)


def set_state(
    connection: Connection, tenant: str, subscription_id: str, state: SubscriptionState, why: str | None, now: datetime
) -> None:
    """Disable a subscription, or enable it: what waits for it is then due at once. Raises NotFoundError."""
    statement = update(SUBSCRIPTIONS).where(_named(tenant, subscription_id)).values(state=state, why=why)
    if connection.execute(statement).rowcount != 1:
        raise NotFoundError(f"no webhook {subscription_id}")
    if state == "enabled":
        waiting = and_(_of(tenant, subscription_id), DELIVERIES.c.state == "waiting")
        connection.execute(update(DELIVERIES).where(waiting).values(run_at=now))


def replay(connection: Connection, tenant: str, subscription_id: str, since: datetime, now: datetime) -> int:
    """Send every event since then again, delivered or failed, and return how many; their ids stay the same."""
    subscription(connection, tenant, subscription_id)
    events = select(EVENTS.c.id).where(EVENTS.c.tenant == tenant, EVENTS.c.at >= since)
    again = and_(
        _of(tenant, subscription_id),
        DELIVERIES.c.state.in_(("delivered", "failed")),
        DELIVERIES.c.event_id.in_(events),
    )
    fresh = {"state": "waiting", "attempts": 0, "run_at": now, "ended_at": None, "problem": None, "status": None}
    return connection.execute(update(DELIVERIES).where(again).values(**fresh)).rowcount


def make_deliveries(database: Database, now: datetime) -> int:
    """Make a delivery of every new event for each subscription that wants it, and return how many."""
    place_events(database)
    made = 0
    with database.read() as connection:
        newest = last_position(connection)
        behind = select(SUBSCRIPTIONS.c.tenant, SUBSCRIPTIONS.c.id).where(SUBSCRIPTIONS.c.position < newest)
        waiting = connection.execute(behind).all()
    for tenant, subscription_id in waiting:
        with database.write() as connection:
            made += _catch_up(connection, tenant, subscription_id, now)
    return made


def claim_delivery(database: Database, worker: str, now: datetime, lease_s: float = LEASE_S) -> DeliveryClaim | None:
    """Lease the delivery that is longest overdue; None where none is due."""
    due = or_(
        and_(DELIVERIES.c.state == "waiting", DELIVERIES.c.run_at <= now),
        and_(DELIVERIES.c.state == "sending", DELIVERIES.c.leased_until <= now),
    )
    enabled = select(SUBSCRIPTIONS.c.id).where(
        SUBSCRIPTIONS.c.tenant == DELIVERIES.c.tenant,
        SUBSCRIPTIONS.c.id == DELIVERIES.c.subscription_id,
        SUBSCRIPTIONS.c.state == "enabled",
    )
    key = (DELIVERIES.c.tenant, DELIVERIES.c.subscription_id, DELIVERIES.c.event_id)
    # events of one moment go out in their order
    first = select(*key).where(due, enabled.exists()).order_by(DELIVERIES.c.run_at, DELIVERIES.c.position).limit(1)
    with database.write() as connection:
        if not database.is_sqlite:
            first = first.with_for_update(skip_locked=True, of=DELIVERIES)
        values = {"state": "sending", "worker": worker, "leased_until": now + timedelta(seconds=lease_s)}
        taken = update(DELIVERIES).where(tuple_(*key).in_(first)).values(attempts=DELIVERIES.c.attempts + 1, **values)
        row = connection.execute(taken.returning(*key, DELIVERIES.c.attempts)).one_or_none()
        if row is None:
            return None
        tenant, subscription_id, event_id, attempt = row
        to = connection.execute(select(SUBSCRIPTIONS).where(_named(tenant, subscription_id))).one()
        event = select(EVENTS.c.envelope).where(EVENTS.c.tenant == tenant, EVENTS.c.id == event_id)
        envelope = connection.execute(event).scalar_one()
    return DeliveryClaim(tenant, subscription_id, event_id, to.url, to.secret, envelope, worker, attempt)


def end_delivery(
    database: Database, claim: DeliveryClaim, status: int | None, problem: str | None, now: datetime
) -> bool:
    """Record what came of an attempt: 2xx is delivered, 410 ends the subscription, all else is tried again.

    Returns whether the delivery was still this worker's. After the last attempt the subscription is disabled.
    """
    good = problem is None and status is not None and 200 <= status < 300
    last = claim.attempt >= len(SCHEDULE_S)
    values: dict[str, Any] = {"status": status, "problem": problem, "worker": None, "leased_until": None}
    if good:
        values |= {"state": "delivered", "ended_at": now}
    elif last or status == _GONE:
        values |= {"state": "failed", "ended_at": now}
    else:
        values |= {"state": "waiting", "run_at": now + timedelta(seconds=SCHEDULE_S[claim.attempt])}
    mine = and_(
        _of(claim.tenant, claim.subscription),
        DELIVERIES.c.event_id == claim.event,
        DELIVERIES.c.state == "sending",
        DELIVERIES.c.worker == claim.worker,
        DELIVERIES.c.attempts == claim.attempt,
    )
    with database.write() as connection:
        if connection.execute(update(DELIVERIES).where(mine).values(**values)).rowcount != 1:
            return False
        if not good and (last or status == _GONE):
            why = "the receiver is gone (410)" if status == _GONE else f"no success in {claim.attempt} attempts"
            set_state(connection, claim.tenant, claim.subscription, "disabled", why, now)
    return True


def backlog(connection: Connection, tenant: str | None = None) -> dict[str, int]:
    """Return how many deliveries there are by state."""
    statement = select(DELIVERIES.c.state, func.count()).group_by(DELIVERIES.c.state)
    if tenant is not None:
        statement = statement.where(DELIVERIES.c.tenant == tenant)
    counts = {"waiting": 0, "sending": 0, "delivered": 0, "failed": 0}
    return counts | dict(connection.execute(statement).all())


def next_due(connection: Connection) -> datetime | None:
    """Return when the next delivery of an enabled subscription is due; None where nothing waits."""
    both = and_(SUBSCRIPTIONS.c.tenant == DELIVERIES.c.tenant, SUBSCRIPTIONS.c.id == DELIVERIES.c.subscription_id)
    statement = select(func.min(DELIVERIES.c.run_at)).join(SUBSCRIPTIONS, both)
    waiting = statement.where(DELIVERIES.c.state == "waiting", SUBSCRIPTIONS.c.state == "enabled")
    due: datetime | None = connection.execute(waiting).scalar_one()
    return due


def _catch_up(connection: Connection, tenant: str, subscription_id: str, now: datetime) -> int:
    """Make deliveries of what came since the subscription's position; a disabled one keeps its place in line too."""
    row = connection.execute(select(SUBSCRIPTIONS).where(_named(tenant, subscription_id)).with_for_update()).one()
    position, made = row.position, 0
    while True:
        events = read_events(connection, tenant, position, row.types, BATCH)
        for event in events:
            names = {"tenant": tenant, "subscription_id": subscription_id, "event_id": event.id}
            fresh = {"position": event.position, "state": "waiting", "attempts": 0, "at": now, "run_at": now}
            made += insert_if_absent(connection, DELIVERIES, names | fresh)
            position = event.position
        if len(events) < BATCH:
            break
    # events of other types, and other tenants', need not be read again
    position = max(position, last_position(connection))
    connection.execute(update(SUBSCRIPTIONS).where(_named(tenant, subscription_id)).values(position=position))
    return made


def _named(tenant: str, subscription_id: str) -> ColumnElement[bool]:
    return and_(SUBSCRIPTIONS.c.tenant == tenant, SUBSCRIPTIONS.c.id == subscription_id)


def _of(tenant: str, subscription_id: str) -> ColumnElement[bool]:
    return and_(DELIVERIES.c.tenant == tenant, DELIVERIES.c.subscription_id == subscription_id)


def _subscription(row: Any) -> Subscription:  # noqa: ANN401  a row of SUBSCRIPTIONS
    return Subscription(row.id, row.url, tuple(row.types), row.state, row.why, row.position)
