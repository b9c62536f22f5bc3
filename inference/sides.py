"""Moves the four sides of a coarse outline onto the nearest strong edges of the photo."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.inference.quad import Quad, intersection, robust_line, side_lengths

REACH_SHARE = 0.015
"""How far from the coarse side an edge is sought, as a share of the outline's longer side."""
SAMPLES = 72
STRAIGHT = (0.12, 0.88)
STEP_PX = 0.5
MIN_SUPPORT = 0.30
"""Least mean support (0..1) of a side by its photo; a side with less keeps its coarse place."""


def refine_sides(rgb: NDArray[np.uint8], quad: Quad, reach_px: float) -> Quad | None:
    """Refine `quad` (4, 2) in the photo (H, W, 3); `reach_px` is the coarse outline's own uncertainty.

    Each side is the straight line, within reach, along which the colour changes most: a two-parameter Hough search over
    the profiles across the side, then a robust fit through the peaks beside that line. None when the sides no longer
    meet.
    """
    smooth = cv2.GaussianBlur(rgb, (0, 0), 0.8).astype(np.float32)
    sides = side_lengths(quad)
    reach = max(REACH_SHARE * max(sides), reach_px)
    reach = min(max(reach, 2.0), 0.3 * min(sides))
    lines = []
    for corner, following in zip(quad, np.roll(quad, -1, axis=0), strict=True):
        lines.append(_refine_side(smooth, corner, following, reach))
    corners = [intersection(lines[i - 1], lines[i]) for i in range(4)]
    if any(c is None for c in corners):
        return None
    return np.array(corners, np.float64)


def _refine_side(smooth: NDArray[np.float32], a: Quad, b: Quad, reach: float) -> tuple[Quad, Quad]:
    """The line (point, direction) through the best supported edge near the side from `a` to `b`."""
    side = b - a
    normal = np.array([side[1], -side[0]]) / max(float(np.linalg.norm(side)), 1e-9)
    along = np.linspace(*STRAIGHT, SAMPLES)
    offsets = np.arange(-reach, reach + STEP_PX / 2, STEP_PX)
    support = _support(smooth, a + along[:, None] * side, normal, offsets)
    coarse = offsets[::2]
    first, last, score = _best_line((support * np.exp(-0.5 * (offsets / (0.7 * reach)) ** 2))[:, ::2])
    if score < MIN_SUPPORT:
        return a, side
    line = coarse[first] + (coarse[last] - coarse[first]) * (along - along[0]) / (along[-1] - along[0])
    near = np.abs(offsets[None] - line[:, None]) <= 1.5
    weight = np.where(near, support, 0.0)
    total = weight.sum(axis=1)
    used = total > 0.5 * np.median(total)
    peak = (weight * offsets).sum(axis=1)[used] / total[used]
    points = a + along[used][:, None] * side + peak[:, None] * normal
    return robust_line(points)


def _support(smooth: NDArray[np.float32], base: Quad, normal: Quad, offsets: Quad) -> NDArray[np.float64]:
    """Edge strength (samples, offsets) in 0..1: colour change across the side, saturating lest one glint outvote it."""
    outer, inner = (_profile(smooth, base, normal, offsets + step) for step in (1.0, -1.0))
    change = np.maximum.reduce(cv2.split(cv2.absdiff(outer, inner)))
    return np.asarray(change / (change + max(float(np.median(change)), 3.0) * 2), np.float64)


def _profile(smooth: NDArray[np.float32], base: Quad, normal: Quad, offsets: Quad) -> NDArray[np.float32]:
    """Colours (samples, offsets, 3) along the normals through `base` (samples, 2)."""
    points = (base[:, None] + offsets[None, :, None] * normal).astype(np.float32)
    sampled = cv2.remap(smooth, points[..., 0], points[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(sampled, np.float32)


def _best_line(support: NDArray[np.float64]) -> tuple[int, int, float]:
    """Offset indices at both ends of the straight line with the greatest mean support, and that mean."""
    samples, count = support.shape
    mean = support[np.arange(samples), _lines(samples, count)].mean(axis=2)
    first, last = np.unravel_index(int(mean.argmax()), mean.shape)
    return int(first), int(last), float(mean[first, last])


@lru_cache(maxsize=4)
def _lines(samples: int, count: int) -> NDArray[np.intp]:
    """Offset index (count, count, samples) along the straight line from every offset to every other.

    Kept, because a photo's four sides ask for the same.
    """
    ends = np.arange(count)
    rise = ends[None, :] - ends[:, None]
    return np.asarray(np.round(ends[:, None, None] + rise[..., None] * np.linspace(0.0, 1.0, samples)), np.intp)
