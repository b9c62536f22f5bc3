"""Whether the service grows: many requests, bad ones among them, and the memory of all its processes.

    python benchmarks/serving/soak.py --requests 20000 --json soak.json
    python benchmarks/serving/soak.py --minutes 30 --share 0.6
    python benchmarks/serving/soak.py --leak 20

Photos arrive at random at a share of the measured ceiling: the six surfaces at 12 MP and as they are, and one in twenty
is no photo or ends early. Any answer but 200, 4xx for a bad one, or a refusal is an error. The growth is that of the
second half: the median memory of its last fifth less that of its first. `--leak KB` plants a leak of so many kilobytes
a photo, which the same criterion must catch: then the exit is 1 if it does not. With `--quick` nothing is judged: a
service still grows over its first hundred photos.
"""

import argparse
import asyncio
import sys
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from phonegrade.benchmarks.serving.ceiling import inspect_body, measure_ceiling
from phonegrade.benchmarks.serving.leaking import LEAK_KB
from phonegrade.benchmarks.serving.open_loop import REFUSALS, Load, form, run, starts
from phonegrade.benchmarks.serving.photos import SAMPLES, device_photos
from phonegrade.benchmarks.serving.service import Service, add_options, command_of, report, running
from phonegrade.core.vocabulary import Surface

MOST_GROWTH_MB = 20.0
"""Of the second half, over all processes."""
FEWEST_SAMPLES = 200
Sample = tuple[float, float]
"""Seconds since the start, and MB."""


def bodies() -> list[bytes]:
    """Return twenty bodies: large and small photos of every surface, and a bad one."""
    large = device_photos()
    small = {surface: (SAMPLES / f"{surface}.jpg").read_bytes() for surface in Surface}
    good = [form([("photo", data)]) for data in (*large.values(), *small.values(), *large.values())]
    bad = (large[Surface.FRONT][:100_000], b"this is no photo", b"")
    return [body for data in bad for body in (*good, *good[:1], form([("photo", data)]))]


def growth_mb(samples: Sequence[Sample]) -> float:
    """Return by how much the memory grows over the second half: medians of its last and its first fifth."""
    half = [mb for _, mb in samples[len(samples) // 2 :]]
    fifth = max(1, len(half) // 5)
    return round(median(half[-fifth:]) - median(half[:fifth]), 1)


class Watch:
    """Samples a service's memory in a thread, so that a busy event loop delays nothing."""

    def __init__(self, sample: Callable[[], float], every_s: float) -> None:
        self.samples: list[Sample] = []
        self._sample, self._every_s = sample, every_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        at_s = 0.0
        while not self._stop.wait(self._every_s):
            at_s += self._every_s
            self.samples.append((round(at_s, 1), round(self._sample(), 2)))


def measure(service: Service, requests: int, minutes: float | None, share: float) -> dict[str, Any]:
    """Return what a soak of a running service saw."""
    url = f"{service.url}/v1/inspect"
    ceiling = measure_ceiling(service, url, inspect_body(), 10.0)
    rate = share * ceiling.per_s
    seconds = requests / rate if minutes is None else 60 * minutes
    print(f"{rate:.2f} requests a second for {seconds / 60:.1f} minutes", flush=True)
    with Watch(service.memory_mb, min(5.0, seconds / FEWEST_SAMPLES)) as watch:
        load = asyncio.run(run(url, bodies(), starts(rate, seconds, poisson=True), seconds))
    fifth = max(1, len(watch.samples) // 5)
    return {
        "ceiling": ceiling.figures(),
        "load": load.figures(),
        "errors": errors(load),
        "growth_mb": growth_mb(watch.samples),
        "first_fifth_mb": median(mb for _, mb in watch.samples[:fifth]),
        "last_fifth_mb": median(mb for _, mb in watch.samples[-fifth:]),
        "most_mb": max(mb for _, mb in watch.samples),
        "worker_restarts": service.metric("phonegrade_worker_restarts_total"),
        "samples": watch.samples,
    }


def errors(load: Load) -> dict[str, int]:
    """Return how often something came back that should not have."""
    statuses = Counter(one.status for one in load.sent)
    return {str(status): count for status, count in statuses.items() if _is_wrong(status)}


def _is_wrong(status: int) -> bool:
    return status not in REFUSALS and not (status == 200 or 400 <= status < 500)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_options(parser)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--minutes", type=float, help="how long, instead of how many")
    parser.add_argument("--share", type=float, default=0.6, help="of the ceiling (default 0.6)")
    parser.add_argument("--leak", type=int, default=0, metavar="KB", help="plant a leak of so much a photo")
    options = parser.parse_args()
    command = command_of(options)
    if options.leak:
        at = command.index("phonegrade")
        command[at - 1 : at + 1] = [str(Path(__file__).with_name("leaking.py"))]  # in the place of -m phonegrade
    with running(command, environment={LEAK_KB: str(options.leak)}) as service:
        measured = measure(service, options.requests, 0.4 if options.quick else options.minutes, options.share)
    grew = measured["growth_mb"] > MOST_GROWTH_MB
    judged = "too short to judge" if options.quick else "it leaks" if grew else "level"
    print(
        f"{measured['load']['sent']} requests, errors {measured['errors'] or 'none'}, "
        f"memory {measured['first_fifth_mb']:.0f} MB at first, {measured['last_fifth_mb']:.0f} MB at last, most "
        f"{measured['most_mb']:.0f} MB; the second half grows {measured['growth_mb']} MB: {judged}; "
        f"workers replaced: {measured['worker_restarts']}"
    )
    report("soak", {"leak_kb": options.leak, **measured}, options.json, service)
    sys.exit(bool(measured["errors"]) or (grew != bool(options.leak) and not options.quick))


if __name__ == "__main__":
    main()
