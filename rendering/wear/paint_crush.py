"""Paint of crushed glass: fragments round a blow, each tilted and white its own way, with bright seams and powder."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.wear.layers import Patch, blurred, outline_grid, span_mm

_FLYING = 0.12
"""Splinters fly no farther than where the region, blurred, is this faint."""
_FRAYED_MM = 0.9
"""A large zone's outline is no more ragged than about this."""
_MOST_FRAGMENTS = 6000


@dataclass(frozen=True)
class _Fragments:
    """Cells (h, w) about points that lie closer together towards the blow."""

    number: NDArray[np.int32]
    seed_rows: NDArray[np.intp]
    seed_columns: NDArray[np.intp]
    """Of cell i - 1, in the picture."""
    seam: FloatMap

    def spread(self, values: FloatMap) -> FloatMap:
        """One value for each cell, as a picture (h, w)."""
        return np.asarray(np.concatenate([[0], values])[self.number], np.float32)


def paint_crush(patch: Patch, region: NDArray[np.float64], rng: np.random.Generator) -> None:
    """Paint fragments that keep to `region` and fray out where splinters flew."""
    cell_mm, level = float(rng.uniform(0.22, 0.7)), float(10 ** rng.uniform(-1.1, -0.1))
    powder, tilt, gone = float(rng.uniform(0, 0.8)), float(rng.uniform(0.04, 0.25)), float(rng.uniform(0.02, 0.3))
    contrast, frayed = float(rng.uniform(0.5, 1.1)), float(rng.uniform(0.1, 0.35))
    low, fine, inside = outline_grid(region, crush_reach_mm(region), 260, 14)
    radius = float(np.sqrt(inside.sum() / np.pi))
    depth = blurred(inside, 0.3 * radius)
    depth = depth / max(float(depth.max()), 1e-6)
    frayed = min(frayed, _FRAYED_MM * fine / radius)
    streak = _streaks(inside.shape, (region.mean(axis=0) - low) * fine, rng)
    cells = _broken(inside, cell_mm * fine, rng)
    at = (cells.seed_rows, cells.seed_columns)
    kept = depth[at] + frayed * (streak[at] + 0.5 * rng.standard_normal(len(at[0]))) > 0.5
    kept &= depth[at] > _FLYING
    bright = kept * np.exp(1.3 * contrast * (rng.standard_normal(len(at[0])) - 0.5)) * (0.25 + 0.75 * depth[at])
    missing = kept & (rng.random(len(at[0])) < gone)
    there = cells.spread(kept.astype(np.float32))
    grain = rng.standard_normal(inside.shape, dtype=np.float32)
    blotches = level * np.clip(0.75 + 0.2 * streak + 3.0 * blurred(grain, 4.0), 0.1, 2)
    white = 0.3 * cells.spread(np.where(missing, 0.05, bright).astype(np.float32))
    white += there * blurred(cells.seam, 0.5) * np.clip(0.5 + 0.4 * streak + 0.3 * grain, 0, 1.5)
    white += powder * depth**3 * np.clip(0.5 + 0.4 * streak + 0.5 * grain, 0, 2)
    tilts = (kept * rng.normal(0, tilt, (2, len(at[0])))).astype(np.float32)
    mask = patch.place(there, low, fine)
    patch.layers.white[...] += patch.place(np.asarray(blotches * white, np.float32), low, fine)
    dark = patch.place(cells.spread(missing.astype(np.float32)), low, fine)
    np.maximum(patch.layers.dark, 0.6 * dark, out=patch.layers.dark)
    np.maximum(patch.layers.cover, 0.75 * mask, out=patch.layers.cover)
    patch.layers.slope_x[...] += patch.place(cells.spread(tilts[0]), low, fine)
    patch.layers.slope_y[...] += patch.place(cells.spread(tilts[1]), low, fine)
    patch.layers.rough[...] += 0.15 * mask


def crush_reach_mm(region: NDArray[np.float64]) -> float:
    """Return how far beyond `region` splinters may lie."""
    return 0.3 + 0.4 * span_mm(region)


def _broken(inside: FloatMap, cell_px: float, rng: np.random.Generator) -> _Fragments:
    """Cells that are about `cell_px` wide in the middle and wider outside."""
    h, w = inside.shape
    count = int(np.clip(h * w / cell_px**2, 12, _MOST_FRAGMENTS))
    aside = rng.uniform(-1, 1, (count, 2)) * rng.uniform(0.1, 1, (count, 1)) ** 0.7
    rows, columns = ((0.5 + 0.499 * aside) * (h, w)).astype(int).T
    seeds = np.ones((h, w), np.uint8)
    seeds[rows, columns] = 0
    rows, columns = np.nonzero(seeds == 0)
    _, label = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    order = np.argsort(label[rows, columns])
    seam = np.zeros((h, w), np.float32)
    seam[:, 1:] = label[:, 1:] != label[:, :-1]
    seam[1:] = np.maximum(seam[1:], label[1:] != label[:-1])
    return _Fragments(np.asarray(label, np.int32), rows[order], columns[order], seam)


def _streaks(shape: tuple[int, ...], centre: NDArray[np.float64], rng: np.random.Generator) -> FloatMap:
    """Noise (h, w) that runs out from `centre` in rays."""
    count = int(rng.integers(30, 120))
    rays = rng.standard_normal((2, count), dtype=np.float32)
    rays = np.concatenate([rays, rays[:, :1]], axis=1)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    x, y = x - np.float32(centre[0]), y - np.float32(centre[1])
    round_ = (np.arctan2(y, x) / np.float32(2 * np.pi) + np.float32(0.5)) * np.float32(count)
    out = np.minimum(np.hypot(x, y) / np.float32(max(shape) / 2), 1)
    return np.asarray(cv2.remap(rays, round_, out, cv2.INTER_LINEAR), np.float32)
