"""Where a training tile lies on the canvas of its surface, and what both makers of tiles share."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phonegrade.core.vocabulary import SURFACE_VIEWS, View
from phonegrade.datasets.labels import LABEL_PX_PER_MM

FREE_SHARE = 0.15
"""Tiles at any turn and a wide range of scales, as photos without an outline come."""
PAD_GREY = 114
Tile = tuple[NDArray[np.uint8], NDArray[np.uint16]]
"""RGB (crop, crop, 3) and its bit mask (crop/2, crop/2): one bit a class, then the ignore bit."""
BAND_MM = 10.0
"""No edge is higher, its rounding and turn included."""


class TileFormat(NamedTuple):
    """How large a tile is, how fine, and of which surfaces."""

    crop_px: int
    px_per_mm: float = LABEL_PX_PER_MM
    views: tuple[View, ...] = SURFACE_VIEWS

    @property
    def bands(self) -> int:
        """Edges that are as high as one tile."""
        return max(1, int(self.crop_px / (self.px_per_mm * BAND_MM)))

    @property
    def step(self) -> float:
        """Pixels of the labels' canvas in one pixel of a tile."""
        return LABEL_PX_PER_MM / self.px_per_mm


def draw_placement(
    centre: NDArray[np.float64], form: TileFormat, view: View, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw the homography (3, 3) from a tile about `centre` to canvas pixels: upright or nearly so, or free."""
    if rng.random() < FREE_SHARE:
        scale = float(np.exp(rng.uniform(np.log(0.55), np.log(1.7))))
        turn = rng.uniform(0, 2 * np.pi)
        return similarity(centre, form.crop_px, turn, form.step * scale, flip=rng.random() < 0.5)
    quarter = int(rng.integers(4)) if view is not View.EDGE else 2 * int(rng.integers(2))
    turn = quarter * np.pi / 2 + rng.normal(0, 0.02)
    scale = form.step * float(np.exp(rng.normal(0, 0.1)))
    return similarity(centre, form.crop_px, turn, scale, flip=rng.random() < 0.5)


def similarity(
    centre: NDArray[np.float64], crop_px: int, turn: float, scale: float, *, flip: bool
) -> NDArray[np.float64]:
    """Return the homography (3, 3) from tile pixels to canvas pixels, `scale` canvas pixels a tile pixel."""
    c, s = np.cos(turn) * scale, np.sin(turn) * scale
    mirror = -1.0 if flip else 1.0
    half = crop_px / 2
    to_centre = np.array([[mirror, 0, -mirror * half], [0, 1, -half], [0, 0, 1.0]])
    return np.asarray(np.array([[c, -s, centre[0]], [s, c, centre[1]], [0, 0, 1.0]]) @ to_centre, np.float64)


def half_scale(bits: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Return a bit mask (H, W) at half its size: a pixel has every bit that one of its four had."""
    return bits[0::2, 0::2] | bits[1::2, 0::2] | bits[0::2, 1::2] | bits[1::2, 1::2]
