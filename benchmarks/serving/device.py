"""One device of six photos: over HTTP at once and as a camera takes them, against the same photos in this process.

    python benchmarks/serving/device.py --runs 15 --json device.json

In turns, within one run: the six 12 MP photos to /v1/grade at once; the same to a kiosk (`--workers 1 --threads 2`);
one after another over a link of 20 Mbit/s, of which the time from the last byte to the answer counts; and one after
another in this process on one thread, which is what the ratios are to. Processor time is told apart by process. The
device is named before its photos: without a name nothing can be measured before all of the form is known.
"""

import argparse
import asyncio
import os
import time
from collections.abc import Callable
from statistics import median
from typing import Any, NamedTuple

import cv2

from phonegrade.benchmarks.serving.open_loop import address, ask, form, request
from phonegrade.benchmarks.serving.photos import device_photos
from phonegrade.benchmarks.serving.service import Service, add_options, command_of, report, running, serve_command
from phonegrade.core.devices.catalogue import find_device
from phonegrade.core.photo_file import PhotoFile
from phonegrade.inference.inspector import LISTED_FROM, Inspector

LINK_BYTES_PER_S = 20_000_000 / 8
CHUNK_BYTES = 16_384
DEVICE = "Apple iPhone 13"
"""The one of `samples/`."""
PRECISION = 4


class Taken(NamedTuple):
    """What one device took."""

    wall_s: float
    cpu_s: float
    """Of all processes that worked on it."""
    front_cpu_s: float = 0.0
    """Of the service's first process alone."""


class InProcess:
    """The six photos one after another in this process, on one thread."""

    def __init__(self) -> None:
        cv2.setNumThreads(1)
        self._inspector = Inspector.load(None, 1)
        self._device = find_device(DEVICE)
        self._files = [PhotoFile(surface, data, surface) for surface, data in device_photos().items()]
        self._photo_s: dict[str, list[float]] = {file.name: [] for file in self._files}

    def __call__(self) -> Taken:
        whole_s, cpu_s = 0.0, time.process_time()
        for file in self._files:
            begun_s = time.perf_counter()
            self._inspector.inspect(file, device=self._device, min_confidence=LISTED_FROM)
            taken_s = time.perf_counter() - begun_s
            self._photo_s[file.name].append(taken_s)
            whole_s += taken_s
        return Taken(whole_s, time.process_time() - cpu_s)

    def slowest_s(self) -> float:
        """Return the median time of the photo that takes longest."""
        return max(median(times) for times in self._photo_s.values())


def at_once(service: Service, body: bytes) -> Taken:
    """Send a whole device. Raises RuntimeError where it is not answered 200."""
    url = f"{service.url}/v1/grade"
    whole = request(url, body)
    cpu_s, front_s, begun_s = service.cpu_s(), service.front_cpu_s(), time.perf_counter()
    status, answer = asyncio.run(ask(url, whole))
    wall_s = time.perf_counter() - begun_s
    _check(status, answer)
    return Taken(wall_s, service.cpu_s() - cpu_s, service.front_cpu_s() - front_s)


def over_a_link(service: Service, body: bytes, bytes_per_s: float = LINK_BYTES_PER_S) -> Taken:
    """Send a device as fast as the link lets it; the wall time is that from the last byte to the end of the answer."""
    url = f"{service.url}/v1/grade"
    cpu_s, front_s = service.cpu_s(), service.front_cpu_s()
    wall_s = asyncio.run(_throttled(url, request(url, body), bytes_per_s))
    return Taken(wall_s, service.cpu_s() - cpu_s, service.front_cpu_s() - front_s)


async def _throttled(url: str, whole: bytes, bytes_per_s: float) -> float:
    reader, writer = await asyncio.open_connection(*address(url))
    begun_s, overslept_s, blocked_s = time.perf_counter(), 0.0, 0.0
    for at in range(0, len(whole), CHUNK_BYTES):
        # a chunk has arrived when the link has had time for all of it, so it is handed over no sooner
        due_s = begun_s + min(at + CHUNK_BYTES, len(whole)) / bytes_per_s
        pause_s, asleep_s = max(0.0, due_s - time.perf_counter()), time.perf_counter()
        await asyncio.sleep(pause_s)
        awake_s = time.perf_counter()
        writer.write(whole[at : at + CHUNK_BYTES])
        await writer.drain()
        overslept_s = max(overslept_s, awake_s - asleep_s - pause_s)
        blocked_s = max(blocked_s, time.perf_counter() - awake_s)
    sent_s = time.perf_counter()
    answer = await reader.read()
    taken_s = time.perf_counter() - sent_s
    writer.close()
    # a machine that stood still makes this client oversleep; a service that did not read blocks it
    why = f"sending overslept by {overslept_s:.2f} s and was blocked for {blocked_s:.2f} s at most"
    _check(int(answer.split(b" ", 2)[1]), answer, why)
    return taken_s


def _check(status: int, answer: bytes, why: str = "") -> None:
    if status != 200:
        raise RuntimeError(f"/v1/grade answers {status}: {answer[-500:].decode(errors='replace')} {why}")


def figures(taken: dict[str, list[Taken]], slowest_s: float) -> dict[str, Any]:
    """Return medians and the ratios that count."""
    wall = {name: median(one.wall_s for one in runs) for name, runs in taken.items()}
    cpu = {name: median(one.cpu_s for one in runs) for name, runs in taken.items()}
    alone = [one.wall_s for one in taken["in process"]]
    ratios = {
        name: median(one.wall_s / beside for one, beside in zip(runs, alone, strict=True))
        for name, runs in taken.items()
    }
    front = sum(one.front_cpu_s for one in taken["at once"]) / sum(one.cpu_s for one in taken["at once"])
    measured = {
        "p50_s": wall,
        "cpu_s": cpu,
        "to_the_sum_in_process": {name: ratio for name, ratio in ratios.items() if "link" not in name},
        "slowest_photo_s": slowest_s,
        "last_byte_to_grade_to_the_slowest_photo": wall["over a link"] / slowest_s,
        "front_share_of_cpu": front,
        "cpu_over_in_process": cpu["at once"] / cpu["in process"] - 1,
    }
    return rounded(measured)


def rounded(measured: dict[str, Any]) -> dict[str, Any]:
    """Return the figures with few digits."""
    return {
        name: rounded(value) if isinstance(value, dict) else round(value, PRECISION) for name, value in measured.items()
    }


def measure(ways: dict[str, Callable[[], Taken]], runs: int) -> dict[str, list[Taken]]:
    """Let the ways take turns; one turn warms up."""
    taken: dict[str, list[Taken]] = {name: [] for name in ways}
    for turn in range(runs + 1):
        for name, way in ways.items():
            one = way()
            if turn:
                taken[name].append(one)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_options(parser)
    parser.add_argument("--runs", type=int, default=15, help="timed turns (default 15)")
    parser.add_argument("--kiosk-command", metavar="TEXT", help="as --command, in the place of the kiosk's")
    options = parser.parse_args()
    kiosk = argparse.Namespace(command=options.kiosk_command, workers=1)
    kiosk_command = serve_command(1, 2) if options.kiosk_command is None else command_of(kiosk)
    in_process = InProcess()
    body = form([(surface.value, data) for surface, data in device_photos().items()], {"device": DEVICE})
    with running(command_of(options)) as service, running(kiosk_command) as one_worker:
        taken = measure(
            {
                "in process": in_process,
                "at once": lambda: at_once(service, body),
                "over a link": lambda: over_a_link(service, body),
                "kiosk": lambda: at_once(one_worker, body),
                "kiosk, over a link": lambda: over_a_link(one_worker, body),
            },
            3 if options.quick else options.runs,
        )
    measured = figures(taken, in_process.slowest_s())
    print(
        f"six photos of {len(body) / 6e6:.1f} MB each, {os.cpu_count()} cores, medians of {len(taken['at once'])} turns"
    )
    for name, wall_s in measured["p50_s"].items():
        what = "last byte to grade" if "link" in name else "whole device"
        print(f"{name:<20}{what:<20}{1e3 * wall_s:>8.0f} ms wall{1e3 * measured['cpu_s'][name]:>8.0f} ms processor")
    print(
        f"at once {measured['to_the_sum_in_process']['at once']:.2f} of the sum in process; last byte to grade "
        f"{measured['last_byte_to_grade_to_the_slowest_photo']:.2f} of the slowest photo "
        f"({1e3 * measured['slowest_photo_s']:.0f} ms); processor time "
        f"{measured['cpu_over_in_process']:+.1%} over in process; "
        f"{measured['front_share_of_cpu']:.1%} in the first process"
    )
    report("device", measured, options.json, service)


if __name__ == "__main__":
    main()
