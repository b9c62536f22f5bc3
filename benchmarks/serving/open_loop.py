"""An open-loop load: requests leave when they were planned to, whether or not the answers before have come.

A closed loop waits for answers and so never asks more than the service can do: it hides queues (coordinated omission).
Latency is counted from the planned start. Each request has a connection of its own, as kiosks do.
"""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

BOUNDARY = "phonegrade-load"
TIMEOUT_S = 60.0


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

    def figures(self) -> dict[str, float | int | dict[str, int]]:
        """Return counts, goodput and latencies."""
        good = sorted(one.latency_s for one in self.sent if one.status == 200)
        refused = sorted(one.latency_s for one in self.sent if one.status in (429, 503))
        return {
            "sent": len(self.sent),
            "per_s": round(len(self.sent) / self.seconds, 2),
            "goodput_per_s": round(len(good) / self.seconds, 2),
            "refused_share": round(len(refused) / max(len(self.sent), 1), 4),
            "p50_ms": quantile_ms(good, 0.5),
            "p95_ms": quantile_ms(good, 0.95),
            "p99_ms": quantile_ms(good, 0.99),
            "refused_p99_ms": quantile_ms(refused, 0.99),
            "status": {str(status): count for status, count in sorted(Counter(s.status for s in self.sent).items())},
        }


def quantile_ms(ordered: Sequence[float], share: float) -> float:
    """Return a quantile of sorted seconds, in milliseconds; NaN of none."""
    if not ordered:
        return float("nan")
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)


def form(files: Sequence[tuple[str, Path]], texts: dict[str, str] | None = None) -> bytes:
    """Return a multipart body."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
        for name, text in (texts or {}).items()
    ]
    for name, path in files:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{path.name}"\r\n\r\n'
        parts.append(head.encode() + path.read_bytes() + b"\r\n")
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


async def ask(url: str, whole: bytes) -> tuple[int, bytes]:
    """Return status and body of one request's answer; status 0 where there was none."""
    parts = urlsplit(url)
    try:
        async with asyncio.timeout(TIMEOUT_S):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            try:
                writer.write(whole)
                answer = await reader.read()  # up to the end: the service closes
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return 0, b""
    head, _, body = answer.partition(b"\r\n\r\n")
    return (int(head.split(b" ", 2)[1]), body) if head.startswith(b"HTTP/1.1 ") else (0, b"")


def starts(rate: float, seconds: float, *, poisson: bool, seed: int = 0) -> Iterator[float]:
    """Yield planned starts in seconds: evenly spaced, or random arrivals."""
    draw, at = random.Random(seed), 0.0  # noqa: S311
    while True:
        at += draw.expovariate(rate) if poisson else 1.0 / rate
        if at > seconds:
            return
        yield at


async def run(url: str, bodies: Sequence[bytes], rate: float, seconds: float, *, poisson: bool, seed: int = 0) -> Load:
    """Send requests, one body after the other, at `rate` a second for `seconds`."""
    load, begun_s = Load(seconds), time.monotonic()
    wholes = cycle([request(url, body) for body in bodies])

    async def one(planned_s: float, whole: bytes) -> None:
        status, _ = await ask(url, whole)
        load.sent.append(Sent(planned_s, time.monotonic() - begun_s - planned_s, status))

    async with asyncio.TaskGroup() as tasks:
        for planned_s in starts(rate, seconds, poisson=poisson, seed=seed):
            await asyncio.sleep(max(0.0, begun_s + planned_s - time.monotonic()))
            tasks.create_task(one(planned_s, next(wholes)))
    return load


def print_figures(name: str, load: Load) -> None:
    """Print one line of JSON."""
    print(json.dumps({"load": name, **load.figures()}), flush=True)
