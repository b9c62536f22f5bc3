"""Clients that hold what they do not use: what a good client notices of them, and when their places are free again.

    python benchmarks/serving/slow_clients.py --sockets 500 --seconds 60 --json slow.json

Of the bad sockets 80 % send a byte of a request's head every five seconds (slowloris), 15 % send half a photo and then
nothing, and 5 % hang up, every ten seconds, midway through a photo or right after it. Whoever is thrown out comes back.
A good client asks one photo after another, before and meanwhile; an answer that is not 200 counts as a minute. Then no
bad client comes back: the places are free when the service has closed every bad socket of its own accord, and when as
many good photos at once as there are workers are answered in time.
"""

import argparse
import asyncio
import random
import resource
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from phonegrade.benchmarks.serving.ceiling import BUDGET_FACTOR, inspect_body
from phonegrade.benchmarks.serving.open_loop import TIMEOUT_S, Load, address, ask, closed, quantile_ms, request
from phonegrade.benchmarks.serving.service import Service, add_options, command_of, report, running

SLOW_SHARE, STOPPED_SHARE = 0.8, 0.15
BYTE_EVERY_S = 5.0
HANGS_UP_EVERY_S = 10.0
LONGEST_S = 60.0
"""After which the places count as never free."""


@dataclass
class Crowd:
    """The bad clients, what they have been through, and how many sockets they hold now."""

    url: str
    whole: bytes
    attacking: bool = True
    open_now: int = 0
    closed_by_service: int = 0
    hung_up: int = 0
    refused: int = 0
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def send(self, sockets: int) -> None:
        """Let them loose."""
        slow, stopped = int(sockets * SLOW_SHARE), int(sockets * STOPPED_SHARE)
        kinds = [self._slow] * slow + [self._stopped] * stopped + [self._hanging_up] * (sockets - slow - stopped)
        self.tasks = [asyncio.create_task(self._again_and_again(kind)) for kind in kinds]

    async def _again_and_again(self, client: Callable[[], Coroutine[None, None, None]]) -> None:
        while self.attacking:
            try:
                await client()
            except OSError:
                self.refused += 1
            await asyncio.sleep(0.5)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(*address(self.url))

    async def _held(self, first: bytes, drip: bytes) -> None:
        """Send `first`, then `drip` byte by byte, until the service closes."""
        reader, writer = await self._connect()
        self.open_now += 1
        try:
            writer.write(first)
            while True:
                try:
                    await asyncio.wait_for(reader.read(), BYTE_EVERY_S)  # ends when the service closes
                    break
                except TimeoutError:
                    writer.write(drip)
        except OSError:
            pass  # reset instead of closed
        finally:
            self.open_now -= 1
            self.closed_by_service += 1
            writer.close()

    async def _slow(self) -> None:
        await self._held(self.whole[:20], b"X")

    async def _stopped(self) -> None:
        await self._held(self.whole[: len(self.whole) // 2], b"")

    async def _hanging_up(self) -> None:
        await asyncio.sleep(HANGS_UP_EVERY_S * random.random())  # noqa: S311
        _, writer = await self._connect()
        writer.write(self.whole if self.hung_up % 2 else self.whole[: len(self.whole) * 4 // 5])
        await writer.drain()
        await asyncio.sleep(0.02)
        writer.transport.abort()
        self.hung_up += 1
        await asyncio.sleep(HANGS_UP_EVERY_S / 2)


async def places_free_s(crowd: Crowd, url: str, whole: bytes, workers: int, budget_s: float) -> dict[str, float | None]:
    """Return how long after the attack its sockets were closed, and photos at once were answered in time again."""
    begun_s = time.monotonic()
    measured: dict[str, float | None] = {"sockets_closed_s": None, "workers_free_s": None}
    while time.monotonic() - begun_s < LONGEST_S and None in measured.values():
        if measured["workers_free_s"] is None:
            asked_s = time.monotonic()
            answers = await asyncio.gather(*(ask(url, whole) for _ in range(workers)))
            if all(status == 200 for status, _ in answers) and time.monotonic() - asked_s <= budget_s:
                measured["workers_free_s"] = round(asked_s - begun_s, 2)
        if measured["sockets_closed_s"] is None and crowd.open_now == 0:
            measured["sockets_closed_s"] = round(time.monotonic() - begun_s, 2)
        await asyncio.sleep(0.1)
    return measured


def good_figures(load: Load) -> dict[str, Any]:
    """Return what the good client saw."""
    times = sorted(one.latency_s if one.status == 200 else TIMEOUT_S for one in load.sent)
    return {
        "asked": len(load.sent),
        "not_answered": sum(one.status != 200 for one in load.sent),
        "p50_ms": quantile_ms(times, 0.5),
        "p95_ms": quantile_ms(times, 0.95),
    }


async def measure(service: Service, sockets: int, seconds: float, workers: int) -> dict[str, Any]:
    """Return what the good client saw before and during the attack, and when it was over."""
    url, body = f"{service.url}/v1/inspect", inspect_body()
    whole = request(url, body)
    await closed(url, [body], 1, 2.0)  # warms up
    before = good_figures(await closed(url, [body], 1, seconds))
    crowd = Crowd(url, whole)
    crowd.send(sockets)
    await asyncio.sleep(min(3.0, seconds / 4))
    most_open, during = crowd.open_now, good_figures(await closed(url, [body], 1, seconds))
    crowd.attacking = False
    budget_s = BUDGET_FACTOR * before["p50_ms"] / 1e3
    free = await places_free_s(crowd, url, whole, workers, budget_s)
    for task in crowd.tasks:
        task.cancel()
    await asyncio.gather(*crowd.tasks, return_exceptions=True)
    return {
        "sockets": sockets,
        "before": before,
        "during": during,
        "p95_during_to_before": round(during["p95_ms"] / before["p95_ms"], 2),
        **free,
        "open_at_the_start": most_open,
        "closed_by_service": crowd.closed_by_service,
        "hung_up": crowd.hung_up,
        "connections_refused": crowd.refused,
        "memory_mb": round(service.memory_mb(), 1),
        "worker_restarts": service.metric("phonegrade_worker_restarts_total"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_options(parser)
    parser.add_argument("--sockets", type=int, default=500)
    parser.add_argument(
        "--seconds", type=float, default=60.0, help="of the good client, before and during (default 60)"
    )
    options = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with running(command_of(options)) as service:
        seconds = 8.0 if options.quick else options.seconds
        measured = asyncio.run(measure(service, options.sockets, seconds, options.workers))
    for when in ("before", "during"):
        good = measured[when]
        print(
            f"{when:<8}p50 {good['p50_ms']:>7} ms  p95 {good['p95_ms']:>7} ms  of {good['asked']} "
            f"not answered {good['not_answered']}"
        )
    print(
        f"p95 {measured['p95_during_to_before']} times as long with {options.sockets} bad sockets; "
        f"then all workers free "
        f"after {measured['workers_free_s']} s, all sockets after {measured['sockets_closed_s']} s"
    )
    report("slow_clients", measured, options.json, service)


if __name__ == "__main__":
    main()
