"""An open-loop load: requests leave when they were planned to, whether or not the answers before have come.

A closed loop waits for answers and so never asks more than the service can do: it hides queues (coordinated omission).
Latency is counted from the planned start. Each request has a connection of its own, as kiosks do. Whole requests are
made beforehand and written to bare sockets: the generator shares the cores with what it measures.
"""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import NamedTuple
from urllib.parse import urlsplit

BOUNDARY = "phonegrade-load"
TIMEOUT_S = 60.0
REFUSALS = (429, 503)


class Sent(NamedTuple):
    """One request and what became of it."""

    planned_s: float
    latency_s: float
    status: int
    """0: no answer."""


@dataclass
class Load:
    """What a run of requests saw."""

    seconds: float
    sent: list[Sent] = field(default_factory=list)

    generator_cpu_s: float = 0.0

    def figures(self) -> dict[str, float | int | dict[str, int]]:
        """Return counts, goodput and latencies."""
        good = sorted(one.latency_s for one in self.sent if one.status == 200)
        refused = sorted(one.latency_s for one in self.sent if one.status in REFUSALS)
        return {
            "sent": len(self.sent),
            "per_s": round(len(self.sent) / self.seconds, 2),
            "goodput_per_s": round(len(good) / self.seconds, 2),
            "refused_share": round(len(refused) / max(len(self.sent), 1), 4),
            "p50_ms": quantile_ms(good, 0.5),
            "p95_ms": quantile_ms(good, 0.95),
            "p99_ms": quantile_ms(good, 0.99),
            "refused_p99_ms": quantile_ms(refused, 0.99),
            "generator_cpu_share": round(self.generator_cpu_s / self.seconds, 3),
            "status": {str(status): count for status, count in sorted(Counter(s.status for s in self.sent).items())},
        }

    def within(self, budget_s: float) -> float:
        """Return the share of all requests that were answered 200 within `budget_s` of their planned start."""
        return sum(s.status == 200 and s.latency_s <= budget_s for s in self.sent) / max(len(self.sent), 1)

    def between(self, begin_s: float, end_s: float) -> "Load":
        """Return the requests that were planned within a stretch of time."""
        return Load(end_s - begin_s, [one for one in self.sent if begin_s <= one.planned_s < end_s])


def quantile_ms(ordered: Sequence[float], share: float) -> float:
    """Return a quantile of sorted seconds, in milliseconds; NaN of none."""
    if not ordered:
        return float("nan")
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)


def form(files: Sequence[tuple[str, bytes]], texts: Mapping[str, str] | None = None) -> bytes:
    """Return a multipart body of files, each under the name of its part, after the texts."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
        for name, text in (texts or {}).items()
    ]
    for name, data in files:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}.jpg"\r\n\r\n'
        parts.append(head.encode() + data + b"\r\n")
    return b"".join((*parts, f"--{BOUNDARY}--\r\n".encode()))


def request(url: str, body: bytes, key: str | None = None) -> bytes:
    """Return a whole HTTP request."""
    parts = urlsplit(url)
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: {len(body)}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nConnection: close\r\n"
        + (f"Authorization: Bearer {key}\r\n" if key else "")
        + "\r\n"
    )
    return head.encode() + body


def address(url: str) -> tuple[str, int]:
    """Return host and port of a URL."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 80


class _Exchange(asyncio.Protocol):
    """Writes one request and keeps what comes back until the service closes, even where it resets the connection."""

    def __init__(self, whole: bytes, done: asyncio.Future[None]) -> None:
        self.answer = bytearray()
        self._whole, self._done = whole, done

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        transport.write(self._whole)

    def data_received(self, data: bytes) -> None:
        self.answer += data

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_result(None)


async def ask(url: str, whole: bytes) -> tuple[int, bytes]:
    """Return status and body of one request's answer; status 0 where there was none."""
    host, port = address(url)
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()
    exchange = _Exchange(whole, done)
    transport = None
    try:
        async with asyncio.timeout(TIMEOUT_S):
            transport, _ = await loop.create_connection(lambda: exchange, host, port)
            await done
    except (OSError, TimeoutError):
        return 0, b""
    finally:
        if transport is not None:
            transport.abort()
    head, _, body = bytes(exchange.answer).partition(b"\r\n\r\n")
    return (int(head.split(b" ", 2)[1]), body) if head.startswith(b"HTTP/1.1 ") else (0, b"")


def starts(rate: float, seconds: float, *, poisson: bool, seed: int = 0) -> Iterator[float]:
    """Yield planned starts in seconds: evenly spaced, or random arrivals."""
    draw, at = random.Random(seed), 0.0  # noqa: S311
    while True:
        at += draw.expovariate(rate) if poisson else 1.0 / rate
        if at > seconds:
            return
        yield at


async def run(url: str, bodies: Sequence[bytes], planned: Iterable[float], seconds: float) -> Load:
    """Send requests, one body after the other, each at its planned second; wait for every answer."""
    load, begun_s, cpu_s = Load(seconds), time.monotonic(), time.process_time()
    wholes = cycle([request(url, body) for body in bodies])

    async def one(planned_s: float, whole: bytes) -> None:
        status, _ = await ask(url, whole)
        load.sent.append(Sent(planned_s, time.monotonic() - begun_s - planned_s, status))

    async with asyncio.TaskGroup() as tasks:
        for planned_s in planned:
            await asyncio.sleep(max(0.0, begun_s + planned_s - time.monotonic()))
            tasks.create_task(one(planned_s, next(wholes)))
    load.generator_cpu_s = time.process_time() - cpu_s
    return load


async def closed(url: str, bodies: Sequence[bytes], clients: int, seconds: float) -> Load:
    """Let `clients` ask one request after another for `seconds`: what keeps a service busy, and no more."""
    load, begun_s, cpu_s = Load(seconds), time.monotonic(), time.process_time()
    wholes = cycle([request(url, body) for body in bodies])

    async def client() -> None:
        while (asked_s := time.monotonic() - begun_s) < seconds:
            status, _ = await ask(url, next(wholes))
            load.sent.append(Sent(asked_s, time.monotonic() - begun_s - asked_s, status))

    await asyncio.gather(*(client() for _ in range(clients)))
    load.seconds, load.generator_cpu_s = time.monotonic() - begun_s, time.process_time() - cpu_s
    return load


def print_figures(name: str, load: Load) -> None:
    """Print one line of JSON."""
    print(json.dumps({"load": name, **load.figures()}), flush=True)
