"""Baked tiles as the segmenter learns from them: drawn, turned over, put together and photographed anew each epoch."""

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.datasets.augment import Photographic
from phonegrade.datasets.baked_tiles import BakedTiles
from phonegrade.datasets.placement import PAD_GREY, Tile
from phonegrade.datasets.wear.marks import CLASS_BIT, IGNORE_BIT

BANDS = 4
"""An edge fills a quarter of its tile or less, the rest is padding: so many edges make one tile."""
BAND_REPEATS = 2
"""How often an edge is drawn in an epoch; as a quarter of a tile, it still costs half of what it did."""
SEEN_CORRELATION = 0.5
"""Of a picture's detail before and after the photographic changes: below, what changed outweighs what was there."""
HARD_FROM = 0.3
"""A tile told so surely, and falsely, of damage is a hard negative."""
PAD_NOISE = 8
"""Grey levels by which padding may ring beside a picture in a JPEG."""
_DETAIL_PX = 4.0
"""Standard deviation of the blur whose remainder is detail: a scratch is narrower."""
_WINDOW_PX = 17


class TrainingTiles:
    """Map-style set over baked tiles; flips, photographic changes and the company of edges are new each epoch.

    `often` says by class how many times a tile with such a mark is drawn in an epoch, `hard_negatives` the same of
    tiles that were told falsely of damage; of several reasons the largest counts. Scratches that the photographic
    changes took away are ignored: to ask for them would teach to guess. Raises UsageError where hard negatives are
    wanted and not known.
    """

    def __init__(
        self, baked: BakedTiles, seed: int, often: Mapping[str, int] | None = None, hard_negatives: int = 1
    ) -> None:
        self.seed = seed
        self._baked = baked
        self._photographic = Photographic()
        bands = np.array([_is_band(baked.thumbnail(tile)) for tile in range(len(baked))], np.bool_)
        copies = np.array([_copies(baked.bits(tile), often or {}) for tile in range(len(baked))], np.int64)
        if hard_negatives > 1:
            copies = np.maximum(copies, np.where(baked.told_falsely() >= HARD_FROM, hard_negatives, 1))
        self._wide = np.repeat(np.flatnonzero(~bands), copies[~bands])
        self._bands = np.repeat(np.flatnonzero(bands), copies[bands] * BAND_REPEATS)

    def __len__(self) -> int:
        return len(self._wide) + -(-len(self._bands) // BANDS)

    def sample(self, index: int, epoch: int) -> Tile:
        """Tile number `index`; the same index and epoch give the same bytes."""
        rng = np.random.default_rng((self.seed, index, epoch))
        if index < len(self._wide):
            tile, bits = _turned(self._baked.read(int(self._wide[index])), rng)
        else:
            tile, bits = self._stack(index - len(self._wide), epoch, rng)
        changed = self._photographic(tile, int(rng.integers(2**31)))
        return changed, _still_seen(bits, tile, changed)

    def _stack(self, number: int, epoch: int, rng: np.random.Generator) -> Tile:
        order = np.random.default_rng((self.seed, epoch)).permutation(len(self._bands))
        chosen = self._bands[order[number * BANDS : (number + 1) * BANDS]]
        parts = [_band(_turned(self._baked.read(int(tile)), rng)) for tile in chosen]
        parts += [_padding(parts[0])] * (BANDS - len(parts))
        tiles, bits = zip(*parts, strict=True)
        return np.concatenate(tiles), np.concatenate(bits)


def _copies(bits: NDArray[np.uint16], often: Mapping[str, int]) -> int:
    held = int(np.bitwise_or.reduce(bits, axis=None))
    return max((times for name, times in often.items() if held & CLASS_BIT[name]), default=1)


def _turned(tile: Tile, rng: np.random.Generator) -> Tile:
    """The tile, flipped or not along each of its sides."""
    down, across = (1 if keep else -1 for keep in rng.random(2) < 0.5)
    return np.ascontiguousarray(tile[0][::down, ::across]), np.ascontiguousarray(tile[1][::down, ::across])


def _is_band(rgb: NDArray[np.uint8]) -> bool:
    """True where all but padding lies within a quarter of the picture's rows, the cut's own rounding left over."""
    rows = _rows(rgb)
    return 0 < int(rows.stop - rows.start) <= int(rgb.shape[0]) // BANDS


def _rows(rgb: NDArray[np.uint8]) -> slice:
    """The rows from the first to the last that are more than padding and the ringing of its JPEG."""
    filled = np.flatnonzero((np.abs(rgb.astype(np.int16) - PAD_GREY).max(axis=2) > PAD_NOISE).any(axis=1))
    return slice(int(filled[0]), int(filled[-1]) + 1) if len(filled) else slice(0, 0)


def _band(tile: Tile) -> Tile:
    """The quarter (crop/4, crop) of a tile about its filled rows."""
    rgb, bits = tile
    high = rgb.shape[0] // BANDS
    rows = _rows(rgb)
    top = min(max((rows.start + rows.stop - high) // 4 * 2, 0), rgb.shape[0] - high)
    return rgb[top : top + high], bits[top // 2 : (top + high) // 2]


def _padding(like: Tile) -> Tile:
    return np.full_like(like[0], PAD_GREY), np.zeros_like(like[1])


def _still_seen(bits: NDArray[np.uint16], before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """The bit mask (H/2, W/2) with those stretches of scratches ignored of which `after` shows nothing any more."""
    scratched = (bits & CLASS_BIT["scratch"]) > 0
    if not scratched.any():
        return bits
    one, other = _detail(before), _detail(after)
    window = (_WINDOW_PX, _WINDOW_PX)
    both, own, new = (cv2.blur(product, window) for product in (one * other, one * one, other * other))
    correlation = both / np.sqrt(np.maximum(own * new, 1e-6))
    gone = scratched & (correlation[::2, ::2] < SEEN_CORRELATION)
    kept = bits & ~np.where(gone, np.uint16(CLASS_BIT["scratch"]), np.uint16(0))
    kept[gone & ((kept & (IGNORE_BIT - 1)) == 0)] |= IGNORE_BIT
    return np.asarray(kept, np.uint16)


def _detail(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return grey - cv2.GaussianBlur(grey, (0, 0), _DETAIL_PX)
