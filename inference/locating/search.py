"""Searches a photo for the best outline, with the locator on all of it and on crops of it."""

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
"""An outline with a lower boundary score is worth a second crop: three in ten of rendered validation photos."""
MIN_SLENDERNESS = 3.5
"""Long over short side of what may be an edge: a folded flip phone's short edge has 4.5. Sills have less."""
LEAST_END = 0.15
"""Mean probability of the body in the outermost slices of an edge: a dark end before dark ground has twice that."""
MAX_CROPS = 2
"""How often the locator runs on a crop about an edge of known proportions, each time about the best outline so far."""
MAX_LONGER = 3.0
"""By how much more than the outline of an edge such a crop covers at most."""
COMPONENTS = 3
"""An edge is so thin that a rail, a sill or a shoe may be the larger part of the body's mask: so many are tried."""
MIN_COMPONENT_SHARE = 0.001
"""Share of the locator's picture from which on a component is tried."""


@dataclass(frozen=True)
class OutlineCandidate:
    """An outline, and the mask and the locator's answer that it comes from."""

    outline: Outline
    mask: BodyMask
    location: Location


@dataclass(frozen=True)
class OutlineSearch:
    """The search for one photo's outline: the picture (H, W, 3), its view, the networks."""

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

    def best(self, first: Location) -> OutlineCandidate | None:
        """Return the best outline of `first` and of as many crops as it takes; None where no mask has its shape."""
        best = self._refined(self._fitted(first))
        if self.view is not View.EDGE or (best is not None and self._is_sure(best.outline)):
            return best
        # the locator knows edges upright better than lying ones, and small ones better when they are enlarged
        turned = self._fitted(locate_on_crop(self.rgb, _lying(self.photo_hw), first, self.locator))
        return self._better(best, self._refined(turned))

    def _refined(self, best: OutlineCandidate | None) -> OutlineCandidate | None:
        """Refine a candidate on further crops about it, and by the known proportions."""
        for _ in range(MAX_CROPS if self.ratio is not None else 1):
            if best is None or self._is_sure(best.outline):
                break
            best = self._better(best, self._on_crop_about(best))
        if best is None or self.ratio is None:
            return best
        within = partial(_body_within, best.location)
        return replace(best, outline=correct_thickness(self.rgb, best.outline, self.ratio, self.refiner, within))

    def _on_crop_about(self, candidate: OutlineCandidate) -> OutlineCandidate | None:
        """Return the best outline on a crop that covers as much as an edge of the known proportions takes."""
        quad = candidate.outline.quad
        longer = 1.0 if self.ratio is None else self.ratio / aspect(quad, self.photo_hw)
        if 1.0 < longer < MAX_LONGER:
            ends = np.array(
                [[0.5 - longer / 2, 0], [0.5 + longer / 2, 0], [0.5 + longer / 2, 1], [0.5 - longer / 2, 1]]
            )
            extended = transform(homography(box(1.0, 1.0), quad), ends)
            quad = extended if is_convex(extended) else quad
        return self._fitted(locate_on_crop(self.rgb, quad, candidate.location, self.locator))

    def _fitted(self, location: Location) -> OutlineCandidate | None:
        """Return the best outline that one answer of the locator gives."""
        most = COMPONENTS if self.view is View.EDGE else 1
        masks = masks_of(location, self.locator.card.body_threshold, self.photo_hw, most)
        best: OutlineCandidate | None = None
        for at, mask in enumerate(masks):
            if at > 0 and mask.pixels.mean() < MIN_COMPONENT_SHARE:
                break
            coarse = coarse_outline(mask, self.view)
            for one in () if coarse is None else refine(self.rgb, coarse, mask, self.view, self.refiner):
                outline = replace(one, quad=upright(one.quad, self.photo_hw, self.view))
                best = self._better(best, OutlineCandidate(outline, mask, location))
        return best

    def _better(self, one: OutlineCandidate | None, other: OutlineCandidate | None) -> OutlineCandidate | None:
        """Return the likelier one, the first where both are as likely."""
        both = (candidate for candidate in (one, other) if candidate is not None)
        return max(both, key=self._likeliness, default=None)

    def _likeliness(self, candidate: OutlineCandidate) -> float:
        """Return its boundary score; an edge's is weighed by the locator's body within it and by its proportions."""
        outline = candidate.outline
        if self.view is not View.EDGE:
            return outline.boundary_score
        within = _body_within(candidate.location, outline.quad)
        if self.ratio is not None:
            return within * likeliness(outline, self.ratio, self.photo_hw)
        return within * outline.boundary_score if self._is_slender(outline) else 0.0

    def _is_sure(self, outline: Outline) -> bool:
        """Return True when no further crop is needed."""
        if self.view is not View.EDGE:
            return outline.boundary_score >= SURE_SCORE
        off = 0.0 if self.ratio is None else abs(math.log(aspect(outline.quad, self.photo_hw) / self.ratio))
        return outline.boundary_score >= SURE_SCORE and off < SURE_ERROR and self._is_slender(outline)

    def _is_slender(self, outline: Outline) -> bool:
        return aspect(outline.quad, self.photo_hw) >= MIN_SLENDERNESS


def _body_within(location: Location, quad: Quad) -> float:
    """Return how much of a quad the locator takes for the body, 0..1: next to nothing where an end lies beyond it."""
    along = location.body_along(quad)
    return float(along.mean() * min(1.0, along[0] / LEAST_END, along[-1] / LEAST_END))


def _lying(photo_hw: tuple[int, int]) -> Quad:
    """Return the middle of a photo as a quad that is wider than it is high: a crop about it is turned upright."""
    height, width = photo_hw
    high = min(height, 0.99 * width)
    return np.asarray(box(width - 1.0, high - 1.0) + np.array([0.0, (height - high) / 2]), np.float64)
