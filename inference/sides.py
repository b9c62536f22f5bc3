"""Moves the four sides of a coarse outline to where the side finder sees the body end."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.inference.card import SidesCard
from phonegrade.inference.quad import Quad, intersection, is_convex, robust_line, side_lengths
from phonegrade.inference.session import OnnxModel
from phonegrade.inference.strips import (
    ACROSS,
    ALONG,
    LEAST_REACH_PX,
    MOST_OF_SHORTER,
    STRIDE,
    along_of,
    frames,
    offset_of,
    strips,
)

REACH_SHARES = (0.032, 0.01)
"""How far from the side a border is sought, look by look, as a share of the picture's long side: first as far as a
coarse outline may be off, then closer and finer."""
SEARCH_STEP = 2
"""Lines are sought on every second sample across."""
NEAR = 3.0
"""Samples across on either side of the best line whose probability places the border."""
MIN_SUPPORT = 0.1
"""Least mean probability along the best line; a side with less keeps its place."""
SURE_SHARE = 0.25
"""A place along the side counts when its probability near the line is this share of the greatest."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Refined:
    """A quad on the body's border."""

    quad: Quad
    support: float
    """Mean probability of the border along the side that has least of it."""


def refine_sides(rgb: NDArray[np.uint8], quad: Quad, finder: OnnxModel[SidesCard]) -> Refined | None:
    """Refine the clockwise `quad` (4, 2) in the picture (H, W, 3); None when its sides no longer make a quad.

    Each look asks the side finder for the border in a strip across each side, takes the straight line with the
    greatest mean probability, a two-parameter Hough search, and fits it robustly to the borders beside that line.
    """
    for share in REACH_SHARES:
        reach = min(share * max(rgb.shape[:2]), MOST_OF_SHORTER * min(side_lengths(quad)))
        reach = max(reach, LEAST_REACH_PX)
        sides = np.stack([quad, np.roll(quad, -1, axis=0)], axis=1)
        border = finder.session.run(["border"], {"image": strips(rgb, sides, reach)})[0]
        found = [_line(side, seen, reach) for side, seen in zip(sides, border, strict=True)]
        corners = [intersection(found[i - 1][0], found[i][0]) for i in range(4)]
        if any(corner is None for corner in corners):
            return None
        quad = np.array(corners, np.float64)
        if not is_convex(quad):
            return None
    return Refined(quad, min(support for _, support in found))


def _line(side: Floats, border: NDArray[np.float32], reach: float) -> tuple[tuple[Quad, Quad], float]:
    """The line (point, direction) along which `border` (ALONG / STRIDE, ACROSS) is likeliest near the side (2, 2).

    And the mean probability along it, of what lies within SEARCH_STEP samples.
    """
    (start,), (step,), (normal,) = frames(side[None])
    offsets = offset_of(np.arange(ACROSS), reach)
    along = along_of(np.arange(ALONG).reshape(-1, STRIDE).mean(axis=1))
    # what lies beside a sample supports it too: the likeliest sample differs from place to place along a blurred border
    width = 2 * SEARCH_STEP + 1
    support = np.asarray(width * cv2.blur(border, (width, 1), borderType=cv2.BORDER_CONSTANT), np.float32)
    first, last, score = _best_line(support[:, ::SEARCH_STEP])
    if score < MIN_SUPPORT:
        return (start, step), score
    line = np.linspace(offsets[first * SEARCH_STEP], offsets[last * SEARCH_STEP], len(along))
    weight = np.where(np.abs(offsets - line[:, None]) <= NEAR * (offsets[1] - offsets[0]), border, 0.0)
    total = weight.sum(axis=1)
    sure = total >= SURE_SHARE * total.max()
    place = (weight @ offsets)[sure] / total[sure]
    return robust_line(start + along[sure][:, None] * step + place[:, None] * normal), score


def _best_line(support: NDArray[np.float32]) -> tuple[int, int, float]:
    """Offset indices at both ends of the straight line with the greatest mean support, and that mean."""
    samples, count = support.shape
    mean = support[np.arange(samples), _lines(samples, count)].mean(axis=2)
    first, last = np.unravel_index(int(mean.argmax()), mean.shape)
    return int(first), int(last), float(mean[first, last])


@lru_cache(maxsize=1)
def _lines(samples: int, count: int) -> NDArray[np.intp]:
    """Offset index (count, count, samples) along the straight line from every offset to every other."""
    ends = np.arange(count)
    rise = ends[None, :] - ends[:, None]
    return np.asarray(np.round(ends[:, None, None] + rise[..., None] * np.linspace(0.0, 1.0, samples)), np.intp)
