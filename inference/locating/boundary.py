"""Moves the four sides of a coarse outline to where the boundary refiner sees the body end."""

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np

from phonegrade.core.arrays import RGB, FloatMap, Floats, Indices, Quad
from phonegrade.core.geometry import area, intersection, is_convex, robust_line, side_lengths
from phonegrade.core.vocabulary import View
from phonegrade.inference.card import BoundaryRefinerCard
from phonegrade.inference.locating.coarse import UPSAMPLE, BodyMask, Outline
from phonegrade.inference.locating.strips import (
    ACROSS,
    LEAST_REACH_PX,
    answers_along,
    frames,
    kept_reach,
    offset_of,
    sides_of,
    strips,
)
from phonegrade.inference.session import OnnxModel

REACH_SHARES = (0.032, 0.01)
"""How far from the side a border is sought, look by look, as a share of the picture's long side: first as far as a
coarse outline may be off, then closer and finer."""
SEARCH_STEP = 2
"""Lines are sought on every second sample across."""
NEAR = 3.0
"""Samples across on either side of the best line whose probability places the border."""
MIN_LINE_SCORE = 0.1
"""Least mean probability along the best line; a side with less keeps its place."""
MAX_LENGTHENING = 2.0
"""How much of its length is added to a strip at most in search of its end."""
SURE_SHARE = 0.25
"""A place along the side counts when its probability near the line is this share of the greatest."""
MIN_BOUNDARY_SCORE = 0.3
"""Of its weakest side, for an outline that the mask alone does not bear out."""
MAX_MOVE = 8.0
"""How far a corner may be moved, in pixels of the map."""
MAX_GROWTH = 1.6
"""By what factor the outline may grow or shrink when its sides are moved."""


@dataclass(frozen=True)
class Refined:
    """A quad on the body's border."""

    quad: Quad
    side_scores: tuple[float, ...]
    """Mean probability of the border along each side, 0..1."""

    @property
    def boundary_score(self) -> float:
        """Of the side that has least."""
        return min(self.side_scores)


def refine_boundary(
    rgb: RGB,
    quad: Quad,
    view: View,
    refiner: OnnxModel[BoundaryRefinerCard],
    reach_shares: tuple[float, ...] = REACH_SHARES,
) -> Refined | None:
    """Refine the clockwise `quad` (4, 2) in the picture (H, W, 3) of `view`; None when its sides no longer make a quad.

    Each look asks the boundary refiner for the border in a strip across each side, takes the straight line with the
    greatest mean probability, a two-parameter Hough search, and fits it robustly to the borders beside that line.
    """
    for share in reach_shares:
        sides = sides_of(quad)
        reach = kept_reach(share * max(rgb.shape[:2]), min(side_lengths(quad)))
        border = _borders(rgb, sides, reach, view, refiner)
        found = [_line(side, seen, reach) for side, seen in zip(sides, border, strict=True)]
        corners = [intersection(found[i - 1][0], found[i][0]) for i in range(4)]
        if any(corner is None for corner in corners):
            return None
        quad = np.array(corners, np.float64)
        if not is_convex(quad):
            return None
    return Refined(quad, tuple(support for _, support in found))


def farther_ends(rgb: RGB, strip: Refined, refiner: OnnxModel[BoundaryRefinerCard], least: float) -> Quad | None:
    """The quad of an edge, one of whose ends has less support than `least`, with that end where it has most.

    A shadow across an edge may end the locator's mask half way. The end is sought outwards along the
    strip, as far as MAX_LENGTHENING of its length and the picture go; None where no end is missing or none is found.
    """
    length = np.linalg.norm(np.roll(strip.quad, -1, axis=0) - strip.quad, axis=1)
    ends = (0, 2) if length[0] + length[2] < length[1] + length[3] else (1, 3)
    weak = [end for end in ends if strip.side_scores[end] < least]
    if len(weak) != 1:
        return None
    end = weak[0]
    reach = float(max(REACH_SHARES[0] * max(rgb.shape[:2]), LEAST_REACH_PX))
    a, b = strip.quad[end], strip.quad[(end + 1) % 4]
    along_a, along_b = a - strip.quad[end - 1], b - strip.quad[(end + 2) % 4]
    steps = np.arange(1, int(MAX_LENGTHENING * np.linalg.norm(along_a) / reach) + 1) * reach / np.linalg.norm(along_a)
    moved = np.stack([a + steps[:, None] * along_a, b + steps[:, None] * along_b], axis=1)
    inside = ((moved >= 0) & (moved <= np.array([rgb.shape[1], rgb.shape[0]]) - 1)).all(axis=(1, 2))
    if not inside.any():
        return None
    border = _borders(rgb, moved[inside], reach, View.EDGE, refiner)
    found = [_line(side, seen, reach)[1] for side, seen in zip(moved[inside], border, strict=True)]
    if max(found) < least:
        return None
    quad = strip.quad.copy()
    quad[end], quad[(end + 1) % 4] = moved[inside][int(np.argmax(found))]
    return quad


def _borders(rgb: RGB, sides: Floats, reach: float, view: View, refiner: OnnxModel[BoundaryRefinerCard]) -> FloatMap:
    """How likely (N, ALONG / STRIDE, ACROSS) the border of what `view` shows lies where beside `sides` (N, 2, 2)."""
    borders = refiner.session.run(["border"], {"image": strips(rgb, sides, reach)})[0]
    return np.asarray(borders[:, refiner.card.views.index(view)], np.float32)


def _line(side: Floats, border: FloatMap, reach: float) -> tuple[tuple[Quad, Quad], float]:
    """The line (point, direction) along which `border` (ALONG / STRIDE, ACROSS) is likeliest near the side (2, 2).

    And the mean probability along it, of what lies within SEARCH_STEP samples.
    """
    (start,), (step,), (normal,) = frames(side[None])
    offsets = offset_of(np.arange(ACROSS), reach)
    along = answers_along()
    # neighbours of a sample count too: along a blurred border the likeliest sample differs from place to place
    width = 2 * SEARCH_STEP + 1
    support = np.asarray(width * cv2.blur(border, (width, 1), borderType=cv2.BORDER_CONSTANT), np.float32)
    first, last, score = _best_line(support[:, ::SEARCH_STEP])
    if score < MIN_LINE_SCORE:
        return (start, step), score
    line = np.linspace(offsets[first * SEARCH_STEP], offsets[last * SEARCH_STEP], len(along))
    weight = np.where(np.abs(offsets - line[:, None]) <= NEAR * (offsets[1] - offsets[0]), border, 0.0)
    total = weight.sum(axis=1)
    sure = total >= SURE_SHARE * total.max()
    place = (weight @ offsets)[sure] / total[sure]
    return robust_line(start + along[sure][:, None] * step + place[:, None] * normal), score


def _best_line(support: FloatMap) -> tuple[int, int, float]:
    """Offset indices at both ends of the straight line with the greatest mean support, and that mean."""
    samples, count = support.shape
    mean = support[np.arange(samples), _lines(samples, count)].mean(axis=2)
    first, last = np.unravel_index(int(mean.argmax()), mean.shape)
    return int(first), int(last), float(mean[first, last])


@lru_cache(maxsize=1)
def _lines(samples: int, count: int) -> Indices:
    """Offset index (count, count, samples) along the straight line from every offset to every other."""
    ends = np.arange(count)
    rise = ends[None, :] - ends[:, None]
    return np.asarray(np.round(ends[:, None, None] + rise[..., None] * np.linspace(0.0, 1.0, samples)), np.intp)


def refine(
    rgb: RGB, coarse: Outline, mask: BodyMask, view: View, refiner: OnnxModel[BoundaryRefinerCard]
) -> list[Outline]:
    """Outlines with the sides moved to the body's border; the coarse one where the result strays from it.

    Of an edge that has no border at one end there is a second, which ends farther on.
    """
    found = refine_boundary(rgb, coarse.quad, view, refiner)
    if found is None:
        return [coarse]
    map_px = UPSAMPLE * float(np.sqrt(abs(np.linalg.det(mask.photo_from_pixels[:2, :2]))))
    moved = float(np.abs(found.quad - coarse.quad).max())
    grown = area(found.quad) / max(area(coarse.quad), 1e-9)
    strays = moved > MAX_MOVE * map_px or not 1 / MAX_GROWTH < grown < MAX_GROWTH
    outlines = [
        coarse if strays else replace(coarse, quad=found.quad, boundary_score=found.boundary_score, refined=True)
    ]
    if view is View.EDGE and found.boundary_score < MIN_BOUNDARY_SCORE:
        longer = farther_ends(rgb, found, refiner, MIN_BOUNDARY_SCORE)
        again = None if longer is None else refine_boundary(rgb, longer, view, refiner)
        if again is not None and again.boundary_score >= MIN_BOUNDARY_SCORE:
            outlines.append(replace(coarse, quad=again.quad, boundary_score=again.boundary_score, refined=True))
    return outlines
