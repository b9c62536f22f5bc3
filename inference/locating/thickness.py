"""The outline of an edge whose device is known, and so its proportions.

Where a photo shows a face beside the edge, or dark glass before a dark ground, mask and boundary refiner alike take a wrong
line for a long side. The device's thickness says so, and says about where the side should be.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from phonegrade.core.arrays import RGB, Quad
from phonegrade.core.geometry import aspect, box, homography, is_convex, is_in_photo, transform
from phonegrade.core.vocabulary import View
from phonegrade.inference.card import BoundaryRefinerCard
from phonegrade.inference.locating.boundary import refine_boundary
from phonegrade.inference.locating.coarse import Outline
from phonegrade.inference.session import OnnxModel

LEAST_ERROR = 0.015
"""Proportions nearer to the known ones, as a share of them, leave nothing to mend."""
MAX_THICKENING = 2.5
"""By what factor an edge may grow thicker or thinner."""
MAX_LENGTHENING = 2.0
"""By what factor it may grow longer or shorter: a reflection across it may end the locator's mask half way."""
SEEN_RATIOS = (1.0, 0.9)
"""Shares of the known proportions that an edge is sought with: held not quite square, it shows a little of a face."""
LOOKS = ((0.02, 0.01), (0.01,))
"""How far a side that was moved is sought from its new place, as shares of the picture's long side: wide, and near."""
LEAST_BOUNDARY_SCORE = 0.5
"""Of the weakest side of an outline with a moved side: an edge that the photo cuts off has no end to find, and must not
be given the proportions of a whole one."""
SPREAD, DOUBT = 0.02, 0.1
"""An error of the proportions as large as SPREAD divides a support by 2 to the power of DOUBT. Its tails are heavy, as
a tilted edge is off by far more: where one outline is clearly better borne out, that decides."""
LIKELY_ERRORS = (-0.25, 0.1)
"""Between which errors, of the logarithm of the proportions, edges are seen: in a hand, they show some of a face."""
SURE_BOUNDARY_SCORE, SURE_ERROR = 0.5, 0.2
"""The ends of an outline with so much support, and so small an error of the logarithm, are not sought elsewhere."""
FAR_SPREAD = 0.05
"""An error that lies so far beyond these divides the likeliness by the square root of 2."""


def correct_thickness(
    rgb: RGB,
    outline: Outline,
    ratio: float,
    refiner: OnnxModel[BoundaryRefinerCard],
    body_within: Callable[[Quad], float],
) -> Outline:
    """`outline` of an edge in a photo (H, W, 3), or the same with one of its long sides or ends elsewhere.

    `ratio` is the edge's known width over its height, the outline's first side its width; `body_within` tells how much
    of a quad the locator takes for the body, 0..1. Either long side, or either end, is moved so that the outline has
    about that ratio, and from there sought anew; of these outlines and the first, the likeliest is taken.
    """
    photo_hw = (rgb.shape[0], rgb.shape[1])
    if abs(math.log(aspect(outline.quad, photo_hw) / ratio)) < LEAST_ERROR:
        return outline
    candidates = [outline, *_moved(rgb, outline, ratio, refiner)]
    return max(candidates, key=lambda one: body_within(one.quad) * likeliness(one, ratio, photo_hw))


def _moved(rgb: RGB, outline: Outline, ratio: float, refiner: OnnxModel[BoundaryRefinerCard]) -> Iterator[Outline]:
    photo_hw = (rgb.shape[0], rgb.shape[1])
    height = aspect(outline.quad, photo_hw) / ratio
    starts: list[tuple[Quad, tuple[tuple[float, ...], ...]]] = [(unit, LOOKS) for unit in _thicker(height)]
    if outline.boundary_score < SURE_BOUNDARY_SCORE or abs(math.log(height)) > SURE_ERROR:
        starts += [(unit, LOOKS[:1]) for unit in _longer(height)]
    for unit, looks in starts:
        start = transform(homography(box(1.0, 1.0), outline.quad), unit)
        if not (np.isfinite(start).all() and is_convex(start) and is_in_photo(start, photo_hw)):
            continue
        for reaches in looks:
            found = refine_boundary(rgb, start, View.EDGE, refiner, reaches)
            if found is not None and found.boundary_score >= LEAST_BOUNDARY_SCORE and is_in_photo(found.quad, photo_hw):
                yield replace(outline, quad=found.quad, boundary_score=found.boundary_score, refined=True)


def _thicker(height: float) -> Iterator[Quad]:
    """What either long side makes, in its units, of an outline that is `height` times too slender."""
    if 1 / MAX_THICKENING < height < MAX_THICKENING:
        yield np.array([[0, 1 - height], [1, 1 - height], [1, 1], [0, 1]], np.float64)
        yield np.array([[0, 0], [1, 0], [1, height], [0, height]], np.float64)


def _longer(height: float) -> Iterator[Quad]:
    """The same, of either end."""
    for seen in SEEN_RATIOS:
        width = seen / height
        if 1 / MAX_LENGTHENING < width < MAX_LENGTHENING and abs(math.log(width)) > LEAST_ERROR:
            yield np.array([[0, 0], [width, 0], [width, 1], [0, 1]], np.float64)
            yield np.array([[1 - width, 0], [1, 0], [1, 1], [1 - width, 1]], np.float64)


def likeliness(outline: Outline, ratio: float, photo_hw: tuple[int, int]) -> float:
    """Its support times a prior with heavy tails of its proportions' error, and next to nothing for another shape."""
    error = math.log(aspect(outline.quad, photo_hw) / ratio)
    near = (1 + (error / SPREAD) ** 2) ** DOUBT
    far = max(error - LIKELY_ERRORS[1], LIKELY_ERRORS[0] - error, 0.0) / FAR_SPREAD
    return float(outline.boundary_score / near / math.sqrt(1 + far**2))
