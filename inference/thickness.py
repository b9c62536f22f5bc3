"""The outline of an edge whose device is known, and so its proportions.

Where a photo shows a face beside the edge, or dark glass before a dark ground, mask and side finder alike take a wrong
line for a long side. The device's thickness says so, and says about where the side should be.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from phonegrade.inference.card import SidesCard
from phonegrade.inference.outline import Outline
from phonegrade.inference.quad import aspect, box, homography, is_convex, is_in_photo, transform
from phonegrade.inference.session import OnnxModel
from phonegrade.inference.sides import refine_sides

LEAST_ERROR = 0.015
"""Proportions nearer to the known ones, as a share of them, leave nothing to mend."""
MAX_THICKENING = 2.5
"""By what factor an edge may grow thicker or thinner."""
LOOKS = ((0.02, 0.01), (0.01,))
"""How far a side that was moved is sought from its new place, as shares of the picture's long side: wide, and near."""
LEAST_SUPPORT = 0.5
"""Of the weakest side of an outline with a moved side: an edge that the photo cuts off has no end to find, and must not
be given the proportions of a whole one."""
SPREAD, DOUBT = 0.02, 0.1
"""An error of the proportions as large as SPREAD divides a support by 2 to the power of DOUBT. Its tails are heavy, as
a tilted edge is off by far more: where one outline is clearly better borne out, that decides."""


def mend_thickness(rgb: NDArray[np.uint8], outline: Outline, ratio: float, finder: OnnxModel[SidesCard]) -> Outline:
    """`outline` of an edge in a photo (H, W, 3), or the same with one of its long sides elsewhere.

    `ratio` is the edge's known width over its height, the outline's first side its width. Either long side is moved so
    that the outline has that ratio, and from there sought anew; of these outlines and the first, the one is taken that
    has the best support for its weakest side and the likeliest ratio.
    """
    photo_hw = (rgb.shape[0], rgb.shape[1])
    if abs(math.log(aspect(outline.quad, photo_hw) / ratio)) < LEAST_ERROR:
        return outline
    candidates = [outline, *_moved(rgb, outline, ratio, finder)]
    return max(candidates, key=lambda one: _likeliness(one, ratio, photo_hw))


def _moved(rgb: NDArray[np.uint8], outline: Outline, ratio: float, finder: OnnxModel[SidesCard]) -> Iterator[Outline]:
    photo_hw = (rgb.shape[0], rgb.shape[1])
    height = aspect(outline.quad, photo_hw) / ratio
    if not 1 / MAX_THICKENING < height < MAX_THICKENING:
        return
    from_unit = homography(box(1.0, 1.0), outline.quad)
    for top, bottom in ((1 - height, 1.0), (0.0, height)):
        start = transform(from_unit, np.array([[0, top], [1, top], [1, bottom], [0, bottom]], np.float64))
        if not (np.isfinite(start).all() and is_convex(start) and is_in_photo(start, photo_hw)):
            continue
        for reaches in LOOKS:
            found = refine_sides(rgb, start, finder, reaches)
            if found is not None and found.support >= LEAST_SUPPORT and is_in_photo(found.quad, photo_hw):
                yield replace(outline, quad=found.quad, support=found.support, refined=True)


def _likeliness(outline: Outline, ratio: float, photo_hw: tuple[int, int]) -> float:
    """Its support times a prior with heavy tails of its proportions' error."""
    error = math.log(aspect(outline.quad, photo_hw) / ratio) / SPREAD
    return float(outline.support / (1 + error**2) ** DOUBT)
