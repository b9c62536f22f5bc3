"""Connections over a real socket: slow heads are cut, and a good client is served beside them."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from phonegrade.service.connections import LingeringClose, timed_protocol


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer everything with "here"."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        await send({"type": "http.response.body", "body": b"here"})


@contextlib.asynccontextmanager
async def served(head_s: float = 0.3, max_connections: int = 100, answer: ASGIApp = app) -> AsyncIterator[int]:
    """The port of a running server."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        http = timed_protocol(head_s, max_connections)
        server = uvicorn.Server(uvicorn.Config(answer, http=http, lifespan="off", log_level="critical"))
        running = asyncio.create_task(server.serve([listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            await running


def with_server(use: Callable[[int], Awaitable[None]], **settings: Any) -> None:  # noqa: ANN401
    async def main() -> None:
        async with served(**settings) as port:
            await use(port)

    asyncio.run(main())


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    return await reader.readexactly(4)


def test_a_head_that_never_ends_is_cut_though_bytes_keep_coming() -> None:
    async def use(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\n")

        async def dribble() -> None:
            while True:
                writer.write(b"X-A: b\r\n")
                await asyncio.sleep(0.05)

        dribbling = asyncio.create_task(dribble())
        assert await asyncio.wait_for(reader.read(), 2.0) == b""
        dribbling.cancel()
        writer.close()

    with_server(use)


def test_a_connection_is_used_again_and_again_beyond_that_time() -> None:
    async def use(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(4):
            assert await ask(reader, writer) == b"here"
            await asyncio.sleep(0.15)
        writer.close()

    with_server(use)


def test_beyond_the_limit_connections_are_closed_and_the_others_served() -> None:
    async def use(port: int) -> None:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        await asyncio.sleep(0.05)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await reader.read() == b""
        writer.close()
        assert await ask(*held[0]) == b"here"
        for _, one in held:
            one.close()

    with_server(use, max_connections=2)


REFUSAL = b"refused"


async def refusing(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse everything without reading it."""
    if scope["type"] == "http":
        headers = [(b"content-length", str(len(REFUSAL)).encode())]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": REFUSAL})


def test_who_is_refused_while_sending_reads_why_and_is_then_cut_off() -> None:
    async def use(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 100000000\r\n\r\n")
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        assert b"413" in head
        assert b"connection: close" in head
        writer.write(bytes(1_000_000))  # still sending: what comes is thrown away
        await writer.drain()
        assert await reader.readexactly(len(REFUSAL)) == REFUSAL
        started = asyncio.get_running_loop().time()
        assert await asyncio.wait_for(reader.read(), 2.0) == b""
        assert asyncio.get_running_loop().time() - started < 1.5
        writer.close()

    with_server(use, answer=LingeringClose(refusing, linger_s=0.3))


def test_a_request_that_was_read_keeps_its_connection() -> None:
    async def use(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            assert await ask(reader, writer) == b"here"
        writer.close()

    with_server(use, answer=LingeringClose(app))
