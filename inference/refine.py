"""Moves a coarse outline to the body's border, or keeps it where the side finder strays."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from phonegrade.configs.vocabulary import View
from phonegrade.inference.card import SidesCard
from phonegrade.inference.coarse import UPSAMPLE, Mask, Outline
from phonegrade.inference.quad import area
from phonegrade.inference.session import OnnxModel
from phonegrade.inference.sides import farther_ends, refine_sides

MIN_SUPPORT = 0.3
"""Of its weakest side, for an outline that the mask alone does not bear out."""
MAX_MOVE = 8.0
"""How far a corner may be moved, in pixels of the map."""
MAX_GROWTH = 1.6
"""By what factor the outline may grow or shrink when its sides are moved."""


def refine(
    rgb: NDArray[np.uint8], coarse: Outline, mask: Mask, view: View, finder: OnnxModel[SidesCard]
) -> list[Outline]:
    """Outlines with the sides moved to the body's border; the coarse one where the result strays from it.

    Of an edge that has no border at one end there is a second, which ends farther on.
    """
    found = refine_sides(rgb, coarse.quad, view, finder)
    if found is None:
        return [coarse]
    map_px = UPSAMPLE * float(np.sqrt(abs(np.linalg.det(mask.photo_from_pixels[:2, :2]))))
    moved = float(np.abs(found.quad - coarse.quad).max())
    grown = area(found.quad) / max(area(coarse.quad), 1e-9)
    strays = moved > MAX_MOVE * map_px or not 1 / MAX_GROWTH < grown < MAX_GROWTH
    outlines = [coarse if strays else replace(coarse, quad=found.quad, support=found.support, refined=True)]
    if view is View.EDGE and found.support < MIN_SUPPORT:
        longer = farther_ends(rgb, found, finder, MIN_SUPPORT)
        again = None if longer is None else refine_sides(rgb, longer, view, finder)
        if again is not None and again.support >= MIN_SUPPORT:
            outlines.append(replace(coarse, quad=again.quad, support=again.support, refined=True))
    return outlines
