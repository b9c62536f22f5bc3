"""Events of a tenant as they happen: pages by cursor, and server-sent events that go on where a client stopped."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from pydantic import NonNegativeInt

from phonegrade.core.errors import UsageError
from phonegrade.core.strict import Strict
from phonegrade.store.event_log import PlacedEvent

POLL_S = 0.5
"""How long a new event may wait for the next look into the store."""
HEARTBEAT_S = 15.0
"""A comment so often, or proxies would think the connection dead."""
LIFE_S = 300.0
"""Then the stream ends, and the client comes again by itself with the last id that it got."""
Read = Callable[[int], Awaitable[list[PlacedEvent]]]
"""Returns the next events after a position."""


class FeedEvent(Strict):
    """An event and its place."""

    position: NonNegativeInt
    event: dict[str, Any]
    """In the CloudEvents 1.0 envelope."""


class EventPage(Strict):
    """The next events, oldest first."""

    events: tuple[FeedEvent, ...]
    next: NonNegativeInt
    """What `after` names to go on; the same as before where nothing new has happened."""


def page_of(events: list[PlacedEvent], after: int) -> EventPage:
    """Return events as a page."""
    return EventPage(
        events=tuple(FeedEvent(position=one.position, event=json.loads(one.envelope)) for one in events),
        next=events[-1].position if events else after,
    )


def start_after(after: int | None, last_event_id: str | None) -> int:
    """Return where a stream begins: after the id that the client got last, else where it asks to. Raises UsageError."""
    if last_event_id:
        if not last_event_id.isascii() or not last_event_id.isdigit() or len(last_event_id) > 18:
            raise UsageError("Last-Event-ID is the id of an event of this stream, a number")
        return int(last_event_id)
    return after or 0


async def event_lines(
    read: Read,
    after: int,
    *,
    life_s: float = LIFE_S,
    poll_s: float = POLL_S,
    clock_s: Callable[[], float] = time.monotonic,
    is_ending: Callable[[], bool] = lambda: False,
) -> AsyncIterator[bytes]:
    """Yield events after a position as they are sent (WHATWG HTML, 9.2), comments between them.

    It ends after `life_s`, and once the service `is_ending`.
    """
    ends_s, sent_s = clock_s() + life_s, clock_s()
    yield b"retry: 2000\n\n"
    while clock_s() < ends_s and not is_ending():
        events = await read(after)
        for one in events:
            yield f"id: {one.position}\nevent: {one.type}\ndata: {one.envelope}\n\n".encode()
            after, sent_s = one.position, clock_s()
        if events:
            continue
        if clock_s() - sent_s >= HEARTBEAT_S:
            yield b": nothing new\n\n"
            sent_s = clock_s()
        await asyncio.sleep(poll_s)
