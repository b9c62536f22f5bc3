"""What the machine could do at most, measured on the service itself: cores over the processor seconds of one photo."""

import asyncio
from dataclasses import dataclass
from statistics import median

from phonegrade.benchmarks.serving.open_loop import closed, form
from phonegrade.benchmarks.serving.photos import large_photo
from phonegrade.benchmarks.serving.service import CORES, Service
from phonegrade.core.vocabulary import Surface

BUDGET_FACTOR = 4.0
"""An answer is in time within so many service times of the planned start."""


@dataclass(frozen=True)
class Ceiling:
    """What one photo costs, and what follows from it."""

    cpu_s: float
    """Of all processes of the service, per photo, while every core is busy."""
    service_s: float
    """Median time of one photo on an idle service."""

    @property
    def per_s(self) -> float:
        """Photos a second that the cores could inspect, if nothing else took any of them."""
        return CORES / self.cpu_s

    @property
    def budget_s(self) -> float:
        """How long an answer may take from the planned start."""
        return BUDGET_FACTOR * self.service_s

    def figures(self) -> dict[str, float]:
        """Return all of it, rounded."""
        return {
            "cpu_ms_a_photo": round(1e3 * self.cpu_s, 1),
            "service_ms": round(1e3 * self.service_s, 1),
            "ceiling_per_s": round(self.per_s, 2),
            "budget_ms": round(1e3 * self.budget_s, 1),
        }


def inspect_body() -> bytes:
    """Return the body of /v1/inspect with the front of the sample device, 12 MP."""
    return form([("photo", large_photo(Surface.FRONT))])


def measure_ceiling(service: Service, url: str, body: bytes, seconds: float) -> Ceiling:
    """Return the ceiling of a service that answers `body` at `url`; half of `seconds` with one client, half with more.

    Raises RuntimeError where it answers nothing.
    """
    alone = asyncio.run(closed(url, [body], 1, seconds / 2))
    before_s = service.cpu_s()
    busy = asyncio.run(closed(url, [body], CORES, seconds / 2))
    spent_s = service.cpu_s() - before_s
    answered = sum(one.status == 200 for one in busy.sent)
    times = [one.latency_s for one in alone.sent if one.status == 200]
    if not answered or not times:
        raise RuntimeError(f"{url} answers {busy.figures()['status']}, nothing with 200")
    return Ceiling(spent_s / answered, median(times))
