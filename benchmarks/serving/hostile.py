"""Hostile uploads: photos damaged in hundreds of ways, to see that none costs more than itself.

    python benchmarks/serving/hostile.py --uploads 10000 --json hostile.json

A kind is a format, a way to damage it and a strength. Every upload must be answered below 500 (refusals are tried
again) within two seconds, counted from the attempt that was taken in; no worker may grow beyond 700 MB, and the service
must still be the process that was started and answer a good photo afterwards. Else the exit is 1.
"""

import argparse
import asyncio
import io
import random
import struct
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image

from phonegrade.benchmarks.serving.open_loop import REFUSALS, ask, form, request
from phonegrade.benchmarks.serving.photos import SAMPLES
from phonegrade.benchmarks.serving.service import Service, add_options, command_of, report, running
from phonegrade.benchmarks.serving.soak import Watch

SAMPLE = SAMPLES / "front.jpg"
MOST_S, MOST_WORKER_MB = 2.0, 700.0
MOST_TRIES = 100
TILE_PX = 256
STRENGTHS = (1, 2, 4, 8, 16, 32, 64, 128)
Damage = Callable[[bytearray, int, random.Random], bytearray]


def flip_bits(data: bytearray, strength: int, draw: random.Random) -> bytearray:
    """Flip single bits anywhere."""
    for _ in range(strength):
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return data


def flip_head(data: bytearray, strength: int, draw: random.Random) -> bytearray:
    """Change bytes of the first kilobyte, where sizes and tables are."""
    for _ in range(strength):
        data[draw.randrange(min(1024, len(data)))] = draw.randrange(256)
    return data


def cut_end(data: bytearray, strength: int, draw: random.Random) -> bytearray:
    """End in the middle."""
    return data[: max(1, int(len(data) * (1 - strength / 130) * draw.random()))]


def cut_middle(data: bytearray, strength: int, draw: random.Random) -> bytearray:
    """Leave a piece out."""
    at = draw.randrange(len(data))
    return data[:at] + data[at + strength * 50 :]


def repeat_piece(data: bytearray, strength: int, draw: random.Random) -> bytearray:
    """Say a piece again and again."""
    at = draw.randrange(len(data))
    piece = data[at : at + 64]
    return data[:at] + piece * strength + data[at:]


def zero_piece(data: bytearray, strength: int, draw: random.Random) -> bytearray:
    """Blank a piece out."""
    at, length = draw.randrange(len(data)), strength * 40
    data[at : at + length] = bytes(len(data[at : at + length]))
    return data


def huge_lengths(data: bytearray, strength: int, draw: random.Random) -> bytearray:
    """Write large numbers where lengths may be."""
    for _ in range(strength):
        at = draw.randrange(max(1, min(2048, len(data) - 4)))
        data[at : at + 4] = struct.pack(">I", draw.choice((0x7FFFFFFF, 0xFFFFFFFF, 0x10000, 0x8000)))
    return data


def swap_pieces(data: bytearray, strength: int, draw: random.Random) -> bytearray:
    """Exchange two pieces."""
    length = strength * 8
    one, other = sorted(draw.randrange(max(1, len(data) - length)) for _ in range(2))
    if other - one >= length:
        data[one : one + length], data[other : other + length] = (
            data[other : other + length],
            data[one : one + length],
        )
    return data


def append_noise(data: bytearray, strength: int, draw: random.Random) -> bytearray:
    """Add bytes after the end."""
    return data + draw.randbytes(strength * 1000)


DAMAGES: tuple[Damage, ...] = (
    flip_bits,
    flip_head,
    cut_end,
    cut_middle,
    repeat_piece,
    zero_piece,
    huge_lengths,
    swap_pieces,
    append_noise,
)


def whole_photos() -> dict[str, bytes]:
    """Return the sample in every format, a HEIC of tiles as phones write them and a CMYK JPEG among them."""
    pillow_heif.register_heif_opener()
    picture = Image.open(SAMPLE)
    half = picture.resize((picture.width // 2, picture.height // 2))
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (600, 800, 3), dtype=np.uint8))
    return {
        "jpeg": SAMPLE.read_bytes(),
        "progressive": _encoded(picture, "JPEG", progressive=True, quality=85),
        "cmyk": _encoded(noise.convert("CMYK"), "JPEG"),
        "png": _encoded(half, "PNG"),
        "webp": _encoded(half, "WEBP", quality=80),
        "lossless webp": _encoded(half, "WEBP", lossless=True),
        "heic": _encoded(half, "HEIF", quality=60),
        "tiled heic": _encoded(half, "HEIF", quality=60, tile_size=TILE_PX),
    }


def _encoded(picture: Image.Image, form: str, **options: Any) -> bytes:  # noqa: ANN401  Pillow's own
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def kinds() -> list[tuple[str, Damage, int]]:
    """Return every format with every damage at every strength."""
    return [(name, damage, strength) for name in whole_photos() for damage in DAMAGES for strength in STRENGTHS]


def uploads(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield kind and bytes; every kind comes up before one comes up again."""
    whole, known, draw = whole_photos(), kinds(), random.Random(seed)  # noqa: S311
    draw.shuffle(known)
    for number in range(count):
        name, damage, strength = known[number % len(known)]
        yield f"{name}, {damage.__name__}, {strength}", bytes(damage(bytearray(whole[name]), strength, draw))


class Attack:
    """Sends uploads from several clients and keeps what came back."""

    def __init__(self, url: str, waiting: Iterator[tuple[str, bytes]]) -> None:
        self.statuses: Counter[int] = Counter()
        self.slowest: tuple[float, str] = (0.0, "")
        self.late: list[str] = []
        self.failed: list[str] = []
        self.tried_again = 0
        self._url, self._waiting = url, waiting

    async def run(self, clients: int) -> None:
        """Let so many clients send until nothing is left."""
        await asyncio.gather(*(self._client() for _ in range(clients)))

    async def _client(self) -> None:
        for kind, data in self._waiting:
            whole = request(self._url, form([("photo", data)]))
            for _ in range(MOST_TRIES):
                begun_s = time.monotonic()
                status, _ = await ask(self._url, whole)
                if status not in REFUSALS:
                    break
                self.tried_again += 1
                await asyncio.sleep(0.2)
            taken_s = round(time.monotonic() - begun_s, 2)
            self.statuses[status] += 1
            self.slowest = max(self.slowest, (taken_s, kind))
            if taken_s > MOST_S:
                self.late.append(f"{kind}: {taken_s} s")
            if status == 0 or status >= 500 or status in REFUSALS:
                self.failed.append(f"{kind}: {status}")


def measure(service: Service, count: int, seed: int, clients: int) -> dict[str, Any]:
    """Return what the service did with `count` uploads."""
    url = f"{service.url}/v1/inspect"
    attack = Attack(url, uploads(count, seed))
    begun_s = time.monotonic()
    with Watch(lambda: max(service.workers_mb(), default=0.0), 0.25) as worker, Watch(service.memory_mb, 1.0) as whole:
        asyncio.run(attack.run(clients))
    good, _ = asyncio.run(ask(url, request(url, form([("photo", SAMPLE.read_bytes())]))))
    return {
        "uploads": count,
        "kinds": min(count, len(kinds())),
        "per_s": round(count / (time.monotonic() - begun_s), 1),
        "status": {str(status): number for status, number in sorted(attack.statuses.items())},
        "tried_again": attack.tried_again,
        "slowest_s": attack.slowest[0],
        "slowest": attack.slowest[1],
        "late": attack.late[:20],
        "failed": attack.failed[:20],
        "most_worker_mb": max((mb for _, mb in worker.samples), default=0.0),
        "most_mb": max((mb for _, mb in whole.samples), default=0.0),
        "worker_restarts": service.metric("phonegrade_worker_restarts_total"),
        "worker_crashes": service.metric("phonegrade_worker_crashes_total"),
        "service_restarted": service.pid not in service.processes(),
        "good_photo_afterwards": good,
    }


def passed(measured: dict[str, Any]) -> bool:
    """Return whether the service stood it."""
    return (
        not measured["failed"]
        and not measured["late"]
        and not measured["service_restarted"]
        and measured["good_photo_afterwards"] == 200
        and measured["most_worker_mb"] <= MOST_WORKER_MB
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_options(parser)
    parser.add_argument("--uploads", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--clients", type=int, default=2)
    options = parser.parse_args()
    with running(command_of(options)) as service:
        measured = measure(service, 150 if options.quick else options.uploads, options.seed, options.clients)
    for name, value in measured.items():
        print(f"{name:<22} {value}")
    print("stood" if passed(measured) else "did not stand")
    report("hostile", measured, options.json, service)
    sys.exit(not passed(measured))


if __name__ == "__main__":
    main()
