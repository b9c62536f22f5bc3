"""The looks that the locator takes at a photo in search of an outline, and the best outline of them."""

import math
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from phonegrade.core.arrays import RGB, Quad
from phonegrade.core.geometry import aspect, box, homography, is_convex, transform, upright
from phonegrade.core.vocabulary import View
from phonegrade.inference.card import BoundaryRefinerCard, LocatorCard
from phonegrade.inference.locating.boundary import refine
from phonegrade.inference.locating.coarse import BodyMask, Outline, coarse_outline, masks_of
from phonegrade.inference.locating.locate import Location, locate_on_crop
from phonegrade.inference.locating.thickness import SURE_ERROR, correct_thickness, likeliness
from phonegrade.inference.session import OnnxModel

SURE_SCORE = 0.5
"""An outline with less is worth a closer look: three in ten of rendered validation photos."""
MIN_SLENDERNESS = 3.5
"""Long over short side of what may be an edge: a folded flip phone's short edge has 4.5. Sills have less."""
LEAST_END = 0.15
"""Mean probability of the body in the outermost slices of an edge: a dark end before dark ground has twice that."""
CLOSER_LOOKS = 2
"""How often the locator looks closer at an edge of known proportions, each time at what it found the time before."""
MAX_LONGER = 3.0
"""By how much more than was found of an edge it then looks at most."""
COMPONENTS = 3
"""An edge is so thin that a rail, a sill or a shoe may be the larger part of the body's mask: so many are tried."""
MIN_COMPONENT_SHARE = 0.001
"""Of the picture that the locator looks at, for a component to be tried."""


@dataclass(frozen=True)
class Found:
    """An outline, and the mask and the look that it is from."""

    outline: Outline
    mask: BodyMask
    location: Location


@dataclass(frozen=True)
class Search:
    """What the search for one photo's outline knows: the picture (H, W, 3), its view, the networks."""

    rgb: RGB
    view: View
    locator: OnnxModel[LocatorCard]
    refiner: OnnxModel[BoundaryRefinerCard]
    ratio: float | None
    """Known width over height of an edge; None for faces, and where the device or the edge is not known."""

    @property
    def photo_hw(self) -> tuple[int, int]:
        """Height and width of the picture."""
        return self.rgb.shape[0], self.rgb.shape[1]

    def best(self, first: Location) -> Found | None:
        """The best supported outline of as many looks as it takes to be sure; None where no mask has its shape."""
        found = self._near(self._of(first))
        if self.view is not View.EDGE or (found is not None and self._is_sure(found.outline)):
            return found
        # the locator knows edges upright better than lying ones, and small ones better from nearer
        turned = self._of(locate_on_crop(self.rgb, _lying(self.photo_hw), first, self.locator))
        return self._better(found, self._near(turned))

    def _near(self, found: Found | None) -> Found | None:
        """What a look found, or a closer look about it, with the known proportions."""
        for _ in range(CLOSER_LOOKS if self.ratio is not None else 1):
            if found is None or self._is_sure(found.outline):
                break
            found = self._better(found, self._closer(found))
        if found is None or self.ratio is None:
            return found
        within = partial(_body_within, found.location)
        return replace(found, outline=correct_thickness(self.rgb, found.outline, self.ratio, self.refiner, within))

    def _closer(self, found: Found) -> Found | None:
        """The best outline of a closer look, which shows as much as an edge of the known proportions takes."""
        quad = found.outline.quad
        longer = 1.0 if self.ratio is None else self.ratio / aspect(quad, self.photo_hw)
        if 1.0 < longer < MAX_LONGER:
            ends = np.array(
                [[0.5 - longer / 2, 0], [0.5 + longer / 2, 0], [0.5 + longer / 2, 1], [0.5 - longer / 2, 1]]
            )
            seen = transform(homography(box(1.0, 1.0), quad), ends)
            quad = seen if is_convex(seen) else quad
        return self._of(locate_on_crop(self.rgb, quad, found.location, self.locator))

    def _of(self, location: Location) -> Found | None:
        """The best outline of one look."""
        most = COMPONENTS if self.view is View.EDGE else 1
        masks = masks_of(location, self.locator.card.body_threshold, self.photo_hw, most)
        found: Found | None = None
        for at, mask in enumerate(masks):
            if at > 0 and mask.pixels.mean() < MIN_COMPONENT_SHARE:
                break
            coarse = coarse_outline(mask, self.view)
            for one in () if coarse is None else refine(self.rgb, coarse, mask, self.view, self.refiner):
                outline = replace(one, quad=upright(one.quad, self.photo_hw, self.view))
                found = self._better(found, Found(outline, mask, location))
        return found

    def _better(self, one: Found | None, other: Found | None) -> Found | None:
        """The first where both are as likely."""
        return max((found for found in (one, other) if found is not None), key=self._likeliness, default=None)

    def _likeliness(self, found: Found) -> float:
        """Its support; an edge's also by how far the locator takes it for the body, and by its proportions."""
        outline = found.outline
        if self.view is not View.EDGE:
            return outline.boundary_score
        within = _body_within(found.location, outline.quad)
        if self.ratio is not None:
            return within * likeliness(outline, self.ratio, self.photo_hw)
        return within * outline.boundary_score if self._is_slender(outline) else 0.0

    def _is_sure(self, outline: Outline) -> bool:
        """True when no closer look is needed."""
        if self.view is not View.EDGE:
            return outline.boundary_score >= SURE_SCORE
        off = 0.0 if self.ratio is None else abs(math.log(aspect(outline.quad, self.photo_hw) / self.ratio))
        return outline.boundary_score >= SURE_SCORE and off < SURE_ERROR and self._is_slender(outline)

    def _is_slender(self, outline: Outline) -> bool:
        return aspect(outline.quad, self.photo_hw) >= MIN_SLENDERNESS


def _body_within(location: Location, quad: Quad) -> float:
    """How much of a quad the locator takes for the body, 0..1: next to nothing where an end of it lies beyond."""
    along = location.body_along(quad)
    return float(along.mean() * min(1.0, along[0] / LEAST_END, along[-1] / LEAST_END))


def _lying(photo_hw: tuple[int, int]) -> Quad:
    """The middle of a photo as a quad that is wider than it is high: a closer look turns it upright."""
    height, width = photo_hw
    high = min(height, 0.99 * width)
    return np.asarray(box(width - 1.0, high - 1.0) + np.array([0.0, (height - high) / 2]), np.float64)
