"""Tiles on disk: made once, by the studio or from a set of photos, then read in any order as often as wanted.

`shards/000007.bin` holds the JPEG and the mask's PNG of each tile of entry 7, one after the other; `000007.npy` (N, 2)
says where each of the two ends. `tiles.json` says what they were made of.
"""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from pathlib import Path
from typing import NamedTuple, Protocol

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress

from phonegrade.core.errors import UsageError
from phonegrade.core.files import write_text
from phonegrade.core.workers import pool_of
from phonegrade.datasets.labels import LABEL_PX_PER_MM
from phonegrade.datasets.manifest import Split, manifest_sha256
from phonegrade.datasets.placement import Tile, TileFormat
from phonegrade.datasets.tiles import SegmenterTiles

ABOUT = "tiles.json"
MINED = "mined.npy"
"""Beside the tiles of a folder, (N, 3): the FalsePositive of each (`training.mining`)."""
JPEG_QUALITY = 95
_ENTRIES_PER_JOB = 4


class FalsePositive(NamedTuple):
    """The most confident false positive on a tile."""

    confidence: float
    x: float
    y: float
    """Its middle, in pixels of the tile."""


NO_FALSE_POSITIVE = FalsePositive(0.0, 0.0, 0.0)


def scale_of(folder: Path) -> float:
    """Return the pixels per millimetre of the tiles under `folder`."""
    return float(json.loads((folder / ABOUT).read_text(encoding="utf-8")).get("px_per_mm", LABEL_PX_PER_MM))


class TileSource(Protocol):
    """Whatever makes tiles, entry by entry: the same entry, the same tiles."""

    def tiles(self, index: int, count: int) -> Iterator[Tile]:
        """Yield `count` tiles of entry number `index`."""


def cache_photo_tiles(
    out: Path, root: Path, split: Split, per_photo: int, form: TileFormat, seed: int, workers: int
) -> None:
    """Write `per_photo` tiles of each photo of the set under `root`, each photo decoded once; raises UsageError."""
    photos = SegmenterTiles(root, split, form, seed, augment=True)
    set_sha256 = manifest_sha256(root)
    about = {"set": set_sha256, "split": split, **described(form), "seed": seed, "per_entry": per_photo}
    cache_tiles(out, photos, range(len(photos)), about, workers)


class CachedTiles:
    """Map-style set of the cached tiles of one or more folders, as they were cached."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = roots
        finished = [path for root in roots for path in sorted((root / "shards").glob("*.npy"))]
        self._shards = [path.with_suffix(".bin") for path in finished]
        ends = [np.load(path) for path in finished]
        self._ends = np.concatenate([np.empty((0, 2), np.int64), *ends])
        self._shard_of = np.repeat(np.arange(len(ends)), [len(end) for end in ends])
        self._starts = np.concatenate([np.empty(0, np.int64), *(np.r_[0, end[:-1, 1]] for end in ends)])

    def __len__(self) -> int:
        return len(self._ends)

    def read(self, index: int) -> Tile:
        """Return tile number `index`."""
        jpeg, png = self._bytes(index)
        return simplejpeg.decode_jpeg(jpeg), _bits(png)

    def false_positives(self) -> NDArray[np.float32]:
        """Return the FalsePositive of each tile (N, 3); raises UsageError where some were not mined."""
        parts = [np.load(root / MINED) for root in self._roots if (root / MINED).is_file()]
        false_positives = np.concatenate([np.empty((0, 3), np.float32), *parts])
        if len(parts) != len(self._roots) or len(false_positives) != len(self):
            folders = " ".join(str(root) for root in self._roots)
            raise UsageError(f"hard negatives are not known: run phonegrade dev mine {folders} --segmenter FILE")
        return false_positives

    def thumbnail(self, index: int) -> NDArray[np.uint8]:
        """Return its picture at an eighth of its size, which is read in a fraction of the time."""
        jpeg, _ = self._bytes(index)
        return np.asarray(simplejpeg.decode_jpeg(jpeg, min_height=1, min_width=1, min_factor=8), np.uint8)

    def bits(self, index: int) -> NDArray[np.uint16]:
        """Return its bit mask alone."""
        return _bits(self._bytes(index)[1])

    def _bytes(self, index: int) -> tuple[bytes, bytes]:
        """The JPEG and the mask's PNG."""
        start, (middle, end) = int(self._starts[index]), self._ends[index].tolist()
        with self._shards[self._shard_of[index]].open("rb") as shard:
            shard.seek(start)
            data = shard.read(end - start)
        return data[: middle - start], data[middle - start :]


def described(form: TileFormat) -> dict[str, object]:
    """Return the format as `tiles.json` has it; older folders do not name the usual scale and views."""
    usual = TileFormat(form.crop_px)
    return {name: value for name, value in form._asdict().items() if name == "crop_px" or value != getattr(usual, name)}


def cache_tiles(out: Path, source: TileSource, entries: range, about: dict[str, object], workers: int) -> None:
    """Write the tiles of `entries` that `out` lacks; raises UsageError where `out` was begun with other settings."""
    _begin(out, about)
    per_entry = int(str(about["per_entry"]))
    waiting = [index for index in entries if not _shard(out, index).with_suffix(".npy").is_file()]
    jobs = [waiting[at : at + _ENTRIES_PER_JOB] for at in range(0, len(waiting), _ENTRIES_PER_JOB)]
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("caching tiles", total=len(waiting))
        for written in _done(out, source, jobs, per_entry, workers):
            progress.advance(task, written)


def _done(out: Path, source: TileSource, jobs: list[list[int]], per_entry: int, workers: int) -> Iterator[int]:
    """Do the jobs, here or in `workers` processes; yield the number of entries of each when it is done."""
    if workers <= 1:
        threads = cv2.getNumThreads()
        yield from (_write_shards(out, source, job, per_entry) for job in jobs)
        cv2.setNumThreads(threads)
        return
    with pool_of(workers) as pool:
        waiting = [pool.submit(_write_shards, out, source, job, per_entry) for job in jobs]
        yield from (job.result() for job in as_completed(waiting))


def _begin(out: Path, about: dict[str, object]) -> None:
    (out / "shards").mkdir(parents=True, exist_ok=True)
    settings = json.dumps(about, indent=1)
    if (out / ABOUT).is_file() and (out / ABOUT).read_text(encoding="utf-8") != settings:
        raise UsageError(f"{out} was begun with other settings: give the same to go on, or choose a new folder")
    write_text(out / ABOUT, settings)


def _write_shards(out: Path, source: TileSource, entries: list[int], per_entry: int) -> int:
    cv2.setNumThreads(1)
    for index in entries:
        _write_shard(_shard(out, index), source.tiles(index, per_entry))
    return len(entries)


def _write_shard(path: Path, tiles: Iterator[Tile]) -> None:
    """The bytes first, then where they end: a shard without its ends is not finished."""
    parts: list[bytes] = []
    ends: list[tuple[int, int]] = []
    at = 0
    for tile, bits in tiles:
        jpeg = simplejpeg.encode_jpeg(tile, quality=JPEG_QUALITY, colorsubsampling="444")
        png = _png(bits)
        ends.append((at + len(jpeg), at + len(jpeg) + len(png)))
        at = ends[-1][1]
        parts += [jpeg, png]
    path.write_bytes(b"".join(parts))
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        np.save(file, np.array(ends, np.int64).reshape(-1, 2))
    unfinished.replace(path.with_suffix(".npy"))


def _bits(png: bytes) -> NDArray[np.uint16]:
    return np.asarray(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED), np.uint16)


def _png(bits: NDArray[np.uint16]) -> bytes:
    return bytes(cv2.imencode(".png", bits)[1])


def _shard(out: Path, index: int) -> Path:
    return out / "shards" / f"{index:06d}.bin"
