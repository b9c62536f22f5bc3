"""Hostile uploads: photos damaged in hundreds of ways, to see that none costs more than itself.

    python benchmarks/serving/hostile.py --url http://127.0.0.1:8000/v1/inspect --uploads 10000

A kind is a format, a way to damage it and a strength. Every upload must be answered below 500 (503 and 429 are tried
again) within two seconds; the service must still answer a good photo afterwards.
"""

import argparse
import asyncio
import io
import json
import random
import struct
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pillow_heif
from open_loop import BOUNDARY, ask, request
from PIL import Image

SAMPLE = Path(__file__).parents[2] / "samples" / "front.jpg"
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
    """Return the sample in every format, HEIC with tiles and a large plain PNG among them."""
    pillow_heif.register_heif_opener()
    picture = Image.open(SAMPLE)
    photos = {"jpeg": SAMPLE.read_bytes()}
    for name, form, options in (
        ("progressive", "JPEG", {"progressive": True, "quality": 85}),
        ("png", "PNG", {}),
        ("webp", "WEBP", {"quality": 80}),
        ("lossless webp", "WEBP", {"lossless": True}),
        ("heic", "HEIF", {"quality": 60}),
    ):
        shown = picture.resize((picture.width // 2, picture.height // 2)) if name != "progressive" else picture
        file = io.BytesIO()
        shown.save(file, form, **options)
        photos[name] = file.getvalue()
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (600, 800, 3), dtype=np.uint8))
    file = io.BytesIO()
    noise.convert("CMYK").save(file, "JPEG")
    photos["cmyk"] = file.getvalue()
    return photos


def uploads(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield kind and bytes; every kind comes up before one comes up again."""
    whole, draw = whole_photos(), random.Random(seed)  # noqa: S311
    kinds = [(name, damage, strength) for name in whole for damage in DAMAGES for strength in STRENGTHS]
    for number in range(count):
        name, damage, strength = kinds[number % len(kinds)]
        yield f"{name}, {damage.__name__}, {strength}", bytes(damage(bytearray(whole[name]), strength, draw))


def body_of(data: bytes) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photo"; filename="x.jpg"\r\n\r\n'
    return head.encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()


async def attack(url: str, count: int, seed: int, clients: int) -> dict[str, object]:
    """Send every upload and count what came back."""
    waiting = uploads(count, seed)
    statuses: Counter[int] = Counter()
    slowest, bad = (0.0, ""), []

    async def client() -> None:
        nonlocal slowest
        for kind, data in waiting:
            while True:
                begun_s = time.monotonic()
                status, _ = await ask(url, request(url, body_of(data)))
                if status not in (429, 503):
                    break
                await asyncio.sleep(0.2)
            statuses[status] += 1
            slowest = max(slowest, (round(time.monotonic() - begun_s, 2), kind))
            if status == 0 or status >= 500:
                bad.append(kind)

    await asyncio.gather(*(client() for _ in range(clients)))
    good, _ = await ask(url, request(url, body_of(SAMPLE.read_bytes())))
    kinds = min(count, len(whole_photos()) * len(DAMAGES) * len(STRENGTHS))
    return {
        "uploads": count,
        "kinds": kinds,
        "status": {str(status): number for status, number in sorted(statuses.items())},
        "slowest_s": slowest[0],
        "slowest": slowest[1],
        "failed": bad[:20],
        "good_photo_afterwards": good,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8000/v1/inspect")
    parser.add_argument("--uploads", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--clients", type=int, default=2)
    options = parser.parse_args()
    outcome = asyncio.run(attack(options.url, options.uploads, options.seed, options.clients))
    print(json.dumps(outcome, indent=1))
    sys.exit(bool(outcome["failed"]) or outcome["good_photo_afterwards"] != 200)


if __name__ == "__main__":
    main()
