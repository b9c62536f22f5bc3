"""Connections: a request's head must come in time, there are only so many at once, and HTTP's manners are kept."""

import asyncio
import functools
from contextlib import suppress
from threading import Event
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 10.0
"""From a connection, or from the answer before on it, to the end of a request's head once its first byte has come."""
MAX_CONNECTIONS = 1000
LINGER_S = 2.0
"""How long the rest of a refused request is read."""


class TimedProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 with a limit on the time that a request's head may take, and on connections.

    uvicorn itself times only connections that idle between requests: a client that sends a byte of a head now and then
    (slowloris) would hold its socket for ever.
    """

    def __init__(self, *args: Any, head_s: float, max_connections: int, **more: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **more)
        self._head_s = head_s
        self._max_connections = max_connections
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept a connection, or close it where there are too many."""
        super().connection_made(transport)
        if len(self.connections) > self._max_connections:
            transport.close()
            return
        self._head_timer = self.loop.call_later(self._head_s, self._close)

    def data_received(self, data: bytes) -> None:
        """Take what has come; the first byte after an answer starts the clock for the next head."""
        if self._head_timer is None and self._waits_for_head():
            self._head_timer = self.loop.call_later(self._head_s, self._close)
        super().data_received(data)
        if not self._waits_for_head():
            self._stop()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection and its clock."""
        self._stop()
        super().connection_lost(exc)

    def _waits_for_head(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _stop(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _close(self) -> None:
        if self._waits_for_head() and self.transport is not None:
            self.transport.close()


def timed_protocol(head_s: float = HEAD_S, max_connections: int = MAX_CONNECTIONS) -> Any:  # noqa: ANN401
    """Return what `uvicorn.Config(http=...)` takes."""
    return functools.partial(TimedProtocol, head_s=head_s, max_connections=max_connections)


class EndingServer(uvicorn.Server):
    """uvicorn, which lets the app know at once that it is told to stop, and not when every answer has been sent."""

    def __init__(self, config: uvicorn.Config, ending: Event) -> None:
        super().__init__(config)
        self._ending = ending

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take SIGINT or SIGTERM."""
        self._ending.set()
        super().handle_exit(sig, frame)


class LingeringClose:
    """ASGI middleware that ends the connection of a request which was answered before its body had come.

    The answer is sent whole, what still comes is thrown away for a moment, and then the connection is closed: a client
    in the middle of sending would otherwise be reset and never read why it was refused.
    """

    def __init__(self, app: ASGIApp, linger_s: float = LINGER_S) -> None:
        self.app = app
        self._linger_s = linger_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _has_body(scope):
            await self.app(scope, receive, send)
            return
        complete = False

        async def watched() -> Message:
            nonlocal complete
            message = await receive()
            complete = complete or message["type"] != "http.request" or not message.get("more_body", False)
            return message

        async def rest() -> None:
            while not complete:
                await watched()

        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start" and not complete:
                message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
            if message["type"] == "http.response.body" and not message.get("more_body", False) and not complete:
                await send({**message, "more_body": True})
                with suppress(TimeoutError):
                    await asyncio.wait_for(rest(), self._linger_s)
                message = {"type": "http.response.body", "body": b"", "more_body": False}
            await send(message)

        await self.app(scope, watched, closing)


def _has_body(scope: Scope) -> bool:
    headers = dict(scope["headers"])
    return b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0"


class HeadAsGet:
    """ASGI middleware that answers HEAD with what GET would answer, without the body (RFC 9110, 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self.app({**scope, "method": "GET"}, receive, without_body)
