"""Answers that come piece by piece: server-sent events (WHATWG HTML, 9.2)."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import NamedTuple

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from phonegrade.core.errors import PhonegradeError
from phonegrade.service.tasks import EVENTS

Work = Callable[[Callable[[bytes], None]], Awaitable[bytes]]
"""Is handed what tells of one photo, as JSON, and returns the JSON of the grade."""


class Event(NamedTuple):
    """One event: what happened, and JSON about it."""

    name: str
    data: bytes

    @property
    def line(self) -> bytes:
        """Return the event as it is sent."""
        return b"event: " + self.name.encode("ascii") + b"\ndata: " + self.data + b"\n\n"


class EventStream(Response):
    """Sends events as they come, until there is None."""

    media_type = EVENTS

    def __init__(self, first: Event, following: "asyncio.Queue[Event | None]", running: "asyncio.Task[None]") -> None:
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        self._first, self._following, self._running = first, following, running

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(name, value) for name, value in self.raw_headers if name != b"content-length"]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        event: Event | None = self._first
        while event is not None:
            await send({"type": "http.response.body", "body": event.line, "more_body": True})
            event = await self._following.get()
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        with suppress(ClientDisconnect):
            await self._running


async def streamed(work: Work, failed: Callable[[PhonegradeError], bytes]) -> EventStream:
    """Run `work` and return the stream of its events: `photo` for each one that it tells of, then `grade` or `error`.

    What goes wrong before the first event is raised; afterwards `failed` gives the JSON of the `error` event.
    """
    queue: asyncio.Queue[Event | None] = asyncio.Queue()
    begun = False

    def tell(data: bytes) -> None:
        nonlocal begun
        begun = True
        queue.put_nowait(Event("photo", data))

    async def run() -> None:
        try:
            queue.put_nowait(Event("grade", await work(tell)))
        except PhonegradeError as error:
            if not begun:
                raise
            queue.put_nowait(Event("error", failed(error)))

    running = asyncio.create_task(run())
    running.add_done_callback(lambda _: queue.put_nowait(None))
    first = await queue.get()
    if first is None:
        await running
        raise ClientDisconnect
    return EventStream(first, queue, running)
