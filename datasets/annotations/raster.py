"""Strokes and outlines on a raster with exact areas: what is drawn covers its length times its width, where it lies."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap

_STEP_PX = 0.5
_ROWS_A_PX = 8


@dataclass(frozen=True)
class Trail:
    """Points (N) spread evenly over strokes, two or more a pixel, each with its share of the strokes' area."""

    at_mm: NDArray[np.float64]  # (N, 2)
    normal: NDArray[np.float64]  # (N, 2) unit vectors to the left of the stroke's way
    along_mm: NDArray[np.float64]  # from the stroke's start
    across: NDArray[np.float64]  # -0.5 at the stroke's right edge, 0.5 at its left
    area_mm2: NDArray[np.float64]
    stroke: NDArray[np.intp]
    length_mm: NDArray[np.float64]  # (strokes,)
    width_mm: NDArray[np.float64]  # (strokes,)

    def wander(self, cell_mm: float, rng: np.random.Generator) -> NDArray[np.float64]:
        """Draw noise (N) of unit deviation that changes every `cell_mm` along a stroke; alike at every raster scale."""
        counts = np.ceil(self.length_mm / cell_mm).astype(int) + 2
        knots = rng.standard_normal(int(counts.sum()))
        place = (np.cumsum(counts) - counts)[self.stroke] + self.along_mm / cell_mm
        low = place.astype(int)
        share = place - low
        return np.asarray(knots[low] * (1 - share) + knots[low + 1] * share, np.float64)

    def from_ends_mm(self) -> NDArray[np.float64]:
        """Return the distance (N) along the stroke to its nearer end."""
        return np.asarray(np.minimum(self.along_mm, self.length_mm[self.stroke] - self.along_mm), np.float64)


def trail(paths: Sequence[NDArray[np.float64]], widths_mm: Sequence[float], px_per_mm: float) -> Trail:
    """Return points along `paths`, each (n, 2) mm, as dense as a raster of `px_per_mm` needs."""
    points = np.concatenate(paths)
    ends = np.cumsum([len(path) for path in paths])
    steps = np.diff(points, axis=0)
    steps[ends[:-1] - 1] = 0  # no ink from one stroke to the next
    reached = np.concatenate([[0.0], np.cumsum(np.hypot(*steps.T))])
    start, length = reached[np.concatenate([[0], ends[:-1]])], np.zeros(len(paths))
    length[:] = reached[ends - 1] - start
    width = np.asarray(widths_mm, np.float64)
    along_count = np.maximum(np.ceil(length * px_per_mm / _STEP_PX), 1).astype(int)
    across_count = np.maximum(np.ceil(width * px_per_mm / _STEP_PX), 1).astype(int)
    counts = along_count * across_count
    stroke = np.repeat(np.arange(len(paths)), counts)
    number = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    along = (number // across_count[stroke] + 0.5) / along_count[stroke] * length[stroke]
    across = (number % across_count[stroke] + 0.5) / across_count[stroke] - 0.5
    place = start[stroke] + along
    segment = np.clip(np.searchsorted(reached, place, side="right") - 1, 0, len(steps) - 1)
    way = steps[segment] / np.maximum(np.hypot(*steps[segment].T), 1e-12)[:, None]
    normal = np.stack([way[:, 1], -way[:, 0]], axis=1)
    middle = np.stack([np.interp(place, reached, points[:, 0]), np.interp(place, reached, points[:, 1])], axis=1)
    at = middle + normal * (across * width[stroke])[:, None]
    return Trail(at, normal, along, across, (length * width / counts)[stroke], stroke, length, width)


class Spots:
    """Points (N, 2) of a raster (H, W), pixel centres at (i + 0.5), ready to be given values.

    `at` are the rows and columns of the U pixels that any of them touches.
    """

    def __init__(self, at_px: NDArray[np.float64], shape: tuple[int, int]) -> None:
        self.shape = shape
        h, w = shape
        corner = np.floor(at_px - 0.5).astype(np.int32)
        right = (at_px - 0.5 - corner).astype(np.float32)
        left = 1 - right
        x, y = corner.T
        pixels = np.stack([y * w + x, y * w + x + 1, (y + 1) * w + x, (y + 1) * w + x + 1])
        shares = np.stack(
            [left[:, 0] * left[:, 1], right[:, 0] * left[:, 1], left[:, 0] * right[:, 1], right[:, 0] * right[:, 1]]
        )
        inside_x, inside_y = (
            ((x >= 0) & (x < w), (x >= -1) & (x < w - 1)),
            ((y >= 0) & (y < h), (y >= -1) & (y < h - 1)),
        )
        inside = np.stack([inside_x[i] & inside_y[j] for j in (0, 1) for i in (0, 1)])
        self._shares = np.where(inside, shares, np.float32(0)).ravel()
        pixels = np.where(inside, pixels, 0).ravel()
        touched = np.zeros(h * w, bool)
        touched[pixels] = True
        used = np.flatnonzero(touched)
        number = np.empty(h * w, np.int32)
        number[used] = np.arange(len(used), dtype=np.int32)
        self._number = number[pixels]
        self.at: tuple[NDArray[np.intp], NDArray[np.intp]] = np.divmod(used, w)

    def gather(self, values: NDArray[np.float64]) -> FloatMap:
        """Share each of the values (N) out among its four nearest pixels, as (U); sum and centroid are kept."""
        shared = (self._shares.reshape(4, -1) * values).ravel()
        return np.asarray(np.bincount(self._number, shared, minlength=len(self.at[0])), np.float32)

    def sum(self, values: NDArray[np.float64]) -> FloatMap:
        """Do the same on the whole raster (H, W)."""
        total = np.zeros(self.shape, np.float32)
        total[self.at] = self.gather(values)
        return total


def stroke_cover(
    paths: Sequence[NDArray[np.float64]], widths_mm: Sequence[float], shape: tuple[int, int], px_per_mm: float
) -> FloatMap:
    """Return the share 0..1 of each pixel (H, W) that strokes with square ends cover."""
    ink = trail(paths, widths_mm, px_per_mm)
    cover = Spots(ink.at_mm * px_per_mm, shape).sum(ink.area_mm2 * px_per_mm**2)
    return np.minimum(cover, np.float32(1))


def region_cover(region: NDArray[np.float64], shape: tuple[int, int], px_per_mm: float) -> FloatMap:
    """Return the share 0..1 of each pixel (H, W) inside the closed polygon `region` (N, 2) mm."""
    h, w = shape
    start = region * px_per_mm
    end = np.roll(start, -1, axis=0)
    first = max(int(np.floor(start[:, 1].min())), 0)
    last = min(int(np.ceil(start[:, 1].max())), h)
    cover = np.zeros(shape, np.float32)
    if last <= first:
        return cover
    y = first + (np.arange((last - first) * _ROWS_A_PX) + 0.5)[:, None] / _ROWS_A_PX
    crosses = (start[:, 1] <= y) != (end[:, 1] <= y)
    row, edge = np.nonzero(crosses)
    rise = end[edge, 1] - start[edge, 1]
    x = start[edge, 0] + (y[row, 0] - start[edge, 1]) * (end[edge, 0] - start[edge, 0]) / rise
    x = np.clip(x, 0, w)
    pixel = np.floor(x).astype(int)
    sign = np.where(rise > 0, 1.0, -1.0) / _ROWS_A_PX
    at = row // _ROWS_A_PX * (w + 2) + pixel
    weights = np.concatenate([sign * (1 - (x - pixel)), sign * (x - pixel)])
    ink = np.bincount(np.concatenate([at, at + 1]), weights, minlength=(last - first) * (w + 2))
    filled = np.abs(np.cumsum(ink.reshape(last - first, w + 2), axis=1)[:, :w])
    cover[first:last] = np.minimum(filled, 1)
    return cover
