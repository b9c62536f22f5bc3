"""Connections over a real socket: slow heads are cut, and a good client is served beside them."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import uvicorn
from starlette.types import Receive, Scope, Send

from phonegrade.service.connections import timed_protocol


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer everything with "here"."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        await send({"type": "http.response.body", "body": b"here"})


@contextlib.asynccontextmanager
async def served(head_s: float = 0.3, max_connections: int = 100) -> AsyncIterator[int]:
    """The port of a running server."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        http = timed_protocol(head_s, max_connections)
        server = uvicorn.Server(uvicorn.Config(app, http=http, lifespan="off", log_level="critical"))
        running = asyncio.create_task(server.serve([listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            await running


def with_server(use: Callable[[int], Awaitable[None]], **settings: float) -> None:
    async def main() -> None:
        async with served(**settings) as port:  # type: ignore[arg-type]
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
