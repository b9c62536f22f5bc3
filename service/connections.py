"""Connections that do not wait for ever: a request's head must come in time, and there are only so many at once."""

import asyncio
import functools
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 10.0
"""From a connection, or from the answer before on it, to the end of a request's head once its first byte has come."""
MAX_CONNECTIONS = 1000


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
