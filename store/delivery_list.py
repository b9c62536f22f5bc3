"""What became of a subscription's deliveries, and the end of a subscription."""

from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import Connection, delete, select

from phonegrade.core.data_errors import NotFoundError
from phonegrade.store.work_tables import DELIVERIES, SUBSCRIPTIONS


class Delivery(NamedTuple):
    """One event for one subscription."""

    event: str
    position: int
    """Of the event."""
    state: Literal["waiting", "sending", "delivered", "failed"]
    attempts: int
    run_at: datetime
    """When it is or was due."""
    status: int | None
    """The receiver's last answer; None where there was none."""
    problem: str | None


def deliveries_of(
    connection: Connection, tenant: str, subscription_id: str, before: int | None, limit: int
) -> list[Delivery]:
    """Return a subscription's deliveries, the newest event first; `before` is the last page's last position."""
    columns = (DELIVERIES.c.event_id, *(DELIVERIES.c[name] for name in Delivery._fields[1:]))
    wanted = select(*columns).where(DELIVERIES.c.tenant == tenant, DELIVERIES.c.subscription_id == subscription_id)
    if before is not None:
        wanted = wanted.where(DELIVERIES.c.position < before)
    return [Delivery(*row) for row in connection.execute(wanted.order_by(DELIVERIES.c.position.desc()).limit(limit))]


def unsubscribe(connection: Connection, tenant: str, subscription_id: str) -> None:
    """Delete a subscription and what waits for it; the events stay. Raises NotFoundError."""
    waiting = delete(DELIVERIES).where(DELIVERIES.c.tenant == tenant, DELIVERIES.c.subscription_id == subscription_id)
    connection.execute(waiting)
    one = delete(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.tenant == tenant, SUBSCRIPTIONS.c.id == subscription_id)
    if connection.execute(one).rowcount != 1:
        raise NotFoundError(f"no webhook {subscription_id}")
