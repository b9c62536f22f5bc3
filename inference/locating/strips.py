"""Strips across the sides of an outline: what the boundary refiner sees, in training as in use."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import RGB, Floats, Quad

ALONG = 128
"""Samples along a side."""
ACROSS = 64
"""Samples across it, from the inside out."""
STRIDE = 4
"""The boundary refiner answers for every so many samples along."""
LEAST_REACH_PX = 2.0
"""A side is sought at least so far to both sides."""
MOST_OF_SHORTER = 0.8
"""And no farther than this share of the outline's shorter side: beyond lies the opposite one."""
STRAIGHT = (0.08, 0.92)
"""The part of a side that its strip follows; the rest belongs to the round corners."""


def strips(rgb: RGB, sides: Floats, reach: float) -> RGB:
    """Strips (N, ALONG, ACROSS, 3) of a picture (H, W, 3) along sides (N, 2, 2), each from one corner to the next.

    The corners follow each other clockwise. Sample (i, j) of a strip lies at `along_of(i)` of its side's length and
    `offset_of(j, reach)` pixels outside of it.
    """
    start, step, normal = frames(sides)
    base = start[:, None] + along_of(np.arange(ALONG))[None, :, None] * step[:, None]
    points = base[:, :, None] + offset_of(np.arange(ACROSS), reach)[None, None, :, None] * normal[:, None, None]
    flat = points.reshape(-1, ACROSS, 2).astype(np.float32)
    seen = cv2.remap(rgb, flat[..., 0], flat[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen.reshape(-1, ALONG, ACROSS, 3), np.uint8)


def sides_of(quad: Quad) -> Floats:
    """The sides (4, 2, 2) of a quad (4, 2), each from one corner to the next."""
    return np.stack([quad, np.roll(quad, -1, axis=0)], axis=1)


def kept_reach(reach: float, shorter: float) -> float:
    """`reach` kept from nothing, and from the opposite side of an outline whose `shorter` side is so long."""
    return max(min(reach, MOST_OF_SHORTER * shorter), LEAST_REACH_PX)


def answers_along() -> Floats:
    """Where along its side each of the boundary refiner's answers lies (ALONG / STRIDE), as a share of its length."""
    return along_of(np.arange(ALONG).reshape(-1, STRIDE).mean(axis=1))


def frames(sides: Floats) -> tuple[Floats, Floats, Floats]:
    """Of sides (N, 2, 2): their starts, the steps to their ends and their outward unit normals, each (N, 2)."""
    start, step = sides[:, 0], sides[:, 1] - sides[:, 0]
    outward = np.stack([step[:, 1], -step[:, 0]], axis=1)
    return start, step, outward / np.maximum(np.linalg.norm(step, axis=1), 1e-9)[:, None]


def along_of(sample: NDArray[np.integer] | NDArray[np.floating]) -> Floats:
    """Where along its side a sample lies, as a share of its length."""
    first, last = STRAIGHT
    return np.asarray(first + (last - first) * (sample + 0.5) / ALONG, np.float64)


def offset_of(sample: NDArray[np.integer] | NDArray[np.floating], reach: float) -> Floats:
    """How far outside of its side a sample lies, in pixels of the picture, for strips of +-`reach`."""
    return np.asarray(((sample + 0.5) / ACROSS * 2 - 1) * reach, np.float64)
