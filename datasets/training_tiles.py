"""Cached tiles as the segmenter learns from them: cut, turned over, put together and photographed anew each epoch."""

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.datasets.annotations.annotation import CLASS_BIT, IGNORE_BIT
from phonegrade.datasets.augment import Photographic
from phonegrade.datasets.cached_tiles import CachedTiles
from phonegrade.datasets.placement import PAD_GREY, Tile

BANDS = 4
"""An edge fills a quarter of its usual tile or less, the rest is padding: so many edges are as high as one tile."""
BAND_REPEATS = 2
"""How often an edge is drawn in an epoch; as a quarter of a tile, it still costs half of what it did."""
AIMED_SHARE = 0.75
"""Cuts about an annotation, or about a false positive, where a tile has any; the others lie anywhere."""
VISIBLE_CORRELATION = 0.5
"""Of a picture's detail before and after the corruptions: below, what they added outweighs what was there."""
HARD_FROM = 0.3
"""A tile with a false positive of this confidence or more is a hard negative."""
PAD_NOISE = 8
"""Grey levels by which padding may ring beside a picture in a JPEG."""
_DETAIL_PX = 4.0
"""Standard deviation of the blur whose remainder is detail: a scratch is narrower."""
_WINDOW_PX = 17


class TrainingTiles:
    """Map-style set over cached tiles; cuts, flips, corruptions and the company of edges are new each epoch.

    A sample is `crop_px` wide and high, cut out about one of the tile's annotations or about its false positive, as
    most of a tile is defect-free and teaches little. `often` says by class how many times a tile with such an
    annotation is drawn in an epoch, `hard_negatives` the same of tiles with a false positive; of several reasons the
    largest counts. Scratches that the corruptions took away are ignored: to train on them would teach to guess. `bands`
    edges are as high as one tile. Raises UsageError where hard negatives are wanted and were not mined.
    """

    def __init__(
        self,
        cached: CachedTiles,
        crop_px: int,
        seed: int,
        often: Mapping[str, int] | None = None,
        hard_negatives: int = 1,
        bands: int = BANDS,
    ) -> None:
        self.crop_px, self.seed = crop_px, seed
        self._cached = cached
        self._photographic = Photographic()
        is_band = np.array([_is_band(cached.thumbnail(tile), bands) for tile in range(len(cached))], np.bool_)
        copies = np.array([_copies(cached.bits(tile), often or {}) for tile in range(len(cached))], np.int64)
        self._false = np.zeros((len(cached), 3), np.float32)
        if hard_negatives > 1:
            self._false = cached.false_positives()
            copies = np.maximum(copies, np.where(self._false[:, 0] >= HARD_FROM, hard_negatives, 1))
        self._wide = np.repeat(np.flatnonzero(~is_band), copies[~is_band])
        self._bands = np.repeat(np.flatnonzero(is_band), copies[is_band] * BAND_REPEATS)
        tile_px = 2 * cached.bits(0).shape[0] if len(cached) else crop_px
        self._stacked = max(crop_px * bands // tile_px, 1)

    def __len__(self) -> int:
        return len(self._wide) + -(-len(self._bands) // self._stacked)

    def sample(self, index: int, epoch: int) -> Tile:
        """Return tile number `index`; the same index and epoch give the same bytes."""
        rng = np.random.default_rng((self.seed, index, epoch))
        if index < len(self._wide):
            tile, bits = self._cut(int(self._wide[index]), self.crop_px, rng)
        else:
            tile, bits = self._stack(index - len(self._wide), epoch, rng)
        corrupted = self._photographic(tile, int(rng.integers(2**31)))
        return corrupted, _still_visible(bits, tile, corrupted)

    def _stack(self, number: int, epoch: int, rng: np.random.Generator) -> Tile:
        order = np.random.default_rng((self.seed, epoch)).permutation(len(self._bands))
        chosen = self._bands[order[number * self._stacked : (number + 1) * self._stacked]]
        parts = [self._cut(int(tile), self.crop_px // self._stacked, rng) for tile in chosen]
        parts += [_padding(parts[0])] * (self._stacked - len(parts))
        tiles, bits = zip(*parts, strict=True)
        return np.concatenate(tiles), np.concatenate(bits)

    def _cut(self, number: int, high: int, rng: np.random.Generator) -> Tile:
        """Part (high, crop) of a cached tile, flipped or not along each of its sides; it holds the rows of an edge."""
        rgb, bits = self._cached.read(number)
        x, y = self._aim(number, bits, rng)
        if high < self.crop_px:
            rows = _rows(rgb)
            y = (rows.start + rows.stop) / 2
        top, left = _begin(y, high, rgb.shape[0]), _begin(x, self.crop_px, rgb.shape[1])
        part = rgb[top : top + high, left : left + self.crop_px]
        return _turned((part, bits[top // 2 : (top + high) // 2, left // 2 : (left + self.crop_px) // 2]), rng)

    def _aim(self, number: int, bits: NDArray[np.uint16], rng: np.random.Generator) -> tuple[float, float]:
        """(x, y) that a cut of a cached tile is to hold about its middle."""
        size = 2 * bits.shape[0]
        confidence, *at = self._false[number].tolist()
        held = int(np.bitwise_or.reduce(bits, axis=None))
        present = [bit for bit in CLASS_BIT.values() if held & bit]
        reasons = len(present) + (confidence >= HARD_FROM)
        if reasons == 0 or rng.random() >= AIMED_SHARE:
            x, y = rng.uniform(0, size, 2).tolist()
            return x, y
        reason = int(rng.integers(reasons))
        if reason < len(present):
            ys, xs = np.nonzero(bits & present[reason])
            pixel = int(rng.integers(len(ys)))
            at = [2.0 * float(xs[pixel]), 2.0 * float(ys[pixel])]
        x, y = (np.array(at) + rng.normal(0, self.crop_px / 6, 2)).tolist()
        return x, y


def _copies(bits: NDArray[np.uint16], often: Mapping[str, int]) -> int:
    held = int(np.bitwise_or.reduce(bits, axis=None))
    return max((times for name, times in often.items() if held & CLASS_BIT[name]), default=1)


def _turned(tile: Tile, rng: np.random.Generator) -> Tile:
    """The tile, flipped or not along each of its sides."""
    down, across = (1 if keep else -1 for keep in rng.random(2) < 0.5)
    return np.ascontiguousarray(tile[0][::down, ::across]), np.ascontiguousarray(tile[1][::down, ::across])


def _is_band(rgb: NDArray[np.uint8], bands: int) -> bool:
    """True where all but padding lies within so small a share of the picture's rows, the cut's rounding left over."""
    rows = _rows(rgb)
    return 0 < int(rows.stop - rows.start) <= int(rgb.shape[0]) // bands


def _rows(rgb: NDArray[np.uint8]) -> slice:
    """The rows from the first to the last that are more than padding and the ringing of its JPEG."""
    filled = np.flatnonzero((np.abs(rgb.astype(np.int16) - PAD_GREY).max(axis=2) > PAD_NOISE).any(axis=1))
    return slice(int(filled[0]), int(filled[-1]) + 1) if len(filled) else slice(0, 0)


def _begin(middle: float, size: int, whole: int) -> int:
    """Where a part of `size` about `middle` begins, within `whole`: an even number, as labels are half as fine."""
    return min(max(round((middle - size / 2) / 2) * 2, 0), whole - size)


def _padding(like: Tile) -> Tile:
    return np.full_like(like[0], PAD_GREY), np.zeros_like(like[1])


def _still_visible(bits: NDArray[np.uint16], before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """The bit mask (H/2, W/2) with those stretches of scratches ignored of which `after` shows nothing any more."""
    scratched = (bits & CLASS_BIT["scratch"]) > 0
    if not scratched.any():
        return bits
    one, other = _detail(before), _detail(after)
    window = (_WINDOW_PX, _WINDOW_PX)
    both, own, new = (cv2.blur(product, window) for product in (one * other, one * one, other * other))
    correlation = both / np.sqrt(np.maximum(own * new, 1e-6))
    gone = scratched & (correlation[::2, ::2] < VISIBLE_CORRELATION)
    kept = bits & ~np.where(gone, np.uint16(CLASS_BIT["scratch"]), np.uint16(0))
    kept[gone & ((kept & (IGNORE_BIT - 1)) == 0)] |= IGNORE_BIT
    return np.asarray(kept, np.uint16)


def _detail(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return grey - cv2.GaussianBlur(grey, (0, 0), _DETAIL_PX)
