"""The device's outline: the four corners of its rounded rectangle, from the locator's body map."""

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np

from phonegrade.core.arrays import RGB, Mask, Matrix, Quad
from phonegrade.core.geometry import area, aspect, box, is_in_photo, rounded_polygon, transform
from phonegrade.core.vocabulary import View
from phonegrade.inference.card import BoundaryRefinerCard, LocatorCard
from phonegrade.inference.locating.boundary import MIN_BOUNDARY_SCORE
from phonegrade.inference.locating.coarse import BodyMask, Outline, mask_of
from phonegrade.inference.locating.locate import Location
from phonegrade.inference.locating.search import Search
from phonegrade.inference.locating.thickness import SURE_ERROR
from phonegrade.inference.session import OnnxModel

MIN_AREA_SHARE = 0.01
MIN_EDGE_AREA_SHARE = 0.002
TRUSTED_IOU = 0.92
"""An outline that agrees less with the mask needs `MIN_BOUNDARY_SCORE` of the boundary refiner on each side."""
PHONE_ASPECT = (0.40, 0.60)
"""Short over long side of a front or back; a phone that the photo cuts off is stouter."""
MIN_KNOWN_EDGE_SCORE = 0.35
"""The same for an edge of known proportions, which may be given to what is none."""
CUT_OFF_SHARE = 0.04
"""Share of the body's perimeter along the photo's rim from which on the body is taken to go on beyond it."""
RIM_PIXELS = 4.0
"""A mask ends so many of its pixels within the photo where the body goes on beyond it."""
MAX_OUTSIDE_SHARE = 0.01
"""Share of the fitted body beyond the photo's rim that the fit's own slips explain."""
RIM_MARGIN = 0.004
"""A side this share of the photo's long side away from its rim, on an edge of its own, ends there all the same."""
NEAR_RIM = 0.02
"""A face whose outline comes so near to the photo's rim, but has not the shape of a phone, is a part of one."""


@dataclass(frozen=True)
class OutlineFit:
    """The outline, or why there is none."""

    outline: Outline | None
    body_share: float
    """Share of the photo that the body covers."""
    cut_off: bool
    body_mask: Mask
    """The body's largest component on the first look's grid (S/stride, S/stride); all False where there is none."""
    location: Location
    """The locator's answer that the outline comes from; the one for the whole picture where there is none."""

    def moved(self, picture_from_photo: Matrix) -> "OutlineFit":
        """Return the fit in the pixels of a photo, which `picture_from_photo` (3, 3) leads from into this picture."""
        location = replace(self.location, map_from_photo=self.location.map_from_photo @ picture_from_photo)
        if self.outline is None:
            return replace(self, location=location)
        quad = transform(np.asarray(np.linalg.inv(picture_from_photo)), self.outline.quad)
        return replace(self, location=location, outline=replace(self.outline, quad=quad))


def fit_outline(
    rgb: RGB,
    location: Location,
    view: View,
    locator: OnnxModel[LocatorCard],
    refiner: OnnxModel[BoundaryRefinerCard],
    ratio: float | None = None,
) -> OutlineFit:
    """Fit the body's outline in a photo (H, W, 3), where `location` is the locator's look at all of it.

    The hull of the body's mask is split into four straight sides, each fitted robustly, and the sides are then moved
    to where the boundary refiner sees the body end. Where that bears one of them out weakly, the locator looks closer, and
    the best supported outline is taken. `ratio` is the known width over height of an edge, or None. No outline where
    the fitted shape and the mask disagree or the body is cut off.
    """
    photo_hw = (rgb.shape[0], rgb.shape[1])
    mask = mask_of(location, locator.card.body_threshold, photo_hw)
    rows, columns = location.inside
    size = (columns.stop - columns.start, rows.stop - rows.start)
    body = np.zeros(location.regions["body"].shape, np.bool_)
    body[rows, columns] = cv2.resize(mask.pixels, size, interpolation=cv2.INTER_NEAREST) > 0
    share = float(mask.pixels.mean())
    if share < (MIN_EDGE_AREA_SHARE if view is View.EDGE else MIN_AREA_SHARE):
        return OutlineFit(None, share, False, body, location)
    found = Search(rgb, view, locator, refiner, ratio).best(location)
    if found is None:
        return OutlineFit(None, share, _touches_rim(mask), body, location)
    outline, at_rim = found.outline, _touches_rim(found.mask if view is View.EDGE else mask)
    least = MIN_BOUNDARY_SCORE if ratio is None else MIN_KNOWN_EDGE_SCORE
    if outline.iou < TRUSTED_IOU and outline.boundary_score < least:
        return OutlineFit(None, share, at_rim, body, location)
    rim_is_real = at_rim and not (outline.refined and _is_whole(outline, photo_hw, ratio))
    goes_on = rim_is_real or _outside_share(outline, photo_hw) > MAX_OUTSIDE_SHARE
    if goes_on or (view is not View.EDGE and _is_part(outline.quad, photo_hw)):
        return OutlineFit(None, share, True, body, location)
    return OutlineFit(outline, share, False, body, found.location)


def _touches_rim(mask: BodyMask) -> bool:
    """True when the body runs along the photo's rim; a closer look may show what lies beyond that."""
    if not mask.pixels.any():
        return False
    contour = transform(mask.photo_from_pixels, mask.contour)
    near = RIM_PIXELS * float(np.sqrt(abs(np.linalg.det(mask.photo_from_pixels[:2, :2]))))
    far = np.array([mask.photo_hw[1], mask.photo_hw[0]]) - 1.0
    on_rim = ((contour <= near) | (contour >= far - near)).any(axis=1)
    return bool(on_rim.mean() > CUT_OFF_SHARE)


def _is_whole(outline: Outline, photo_hw: tuple[int, int], ratio: float | None) -> bool:
    """True when every side was found clear of the photo's rim and makes a phone: the coarse mask only bled to it.

    The corners of the quad may stick out where the body's own, which are round, do not.
    """
    quad = outline.quad
    if ratio is not None:
        is_known = abs(math.log(aspect(quad, photo_hw) / ratio)) < SURE_ERROR
        return is_known and is_in_photo(quad, photo_hw) and _is_clear(quad, photo_hw, RIM_MARGIN)
    inside = _outside_share(outline, photo_hw) <= MAX_OUTSIDE_SHARE
    return _has_shape(quad, photo_hw) and inside and _is_clear(quad, photo_hw, RIM_MARGIN)


def _is_part(quad: Quad, photo_hw: tuple[int, int]) -> bool:
    """True when what was found is no whole face, and the photo's rim is near enough to have cut it."""
    is_clear = is_in_photo(quad, photo_hw) and _is_clear(quad, photo_hw, NEAR_RIM)
    return not _has_shape(quad, photo_hw) and not is_clear


def _has_shape(quad: Quad, photo_hw: tuple[int, int]) -> bool:
    """True when the rectangle seen as `quad` is as slender as the face of a phone."""
    ratio = aspect(quad, photo_hw)
    return PHONE_ASPECT[0] <= min(ratio, 1 / ratio) <= PHONE_ASPECT[1]


def _is_clear(quad: Quad, photo_hw: tuple[int, int], margin: float) -> bool:
    """True when the middles of the sides lie `margin` of the photo's long side within its rim."""
    middles = (quad + np.roll(quad, -1, axis=0)) / 2
    far = np.array([photo_hw[1], photo_hw[0]]) - 1.0
    room = margin * max(photo_hw)
    return bool((middles >= room).all() and (middles <= far - room).all())


def _outside_share(outline: Outline, photo_hw: tuple[int, int]) -> float:
    """Share of the fitted body's area that lies outside the photo."""
    body = rounded_polygon(outline.quad, outline.radius_share, aspect(outline.quad, photo_hw))
    photo = box(photo_hw[1], photo_hw[0]) - 0.5
    seen, _ = cv2.intersectConvexConvex(body.astype(np.float32), photo.astype(np.float32))
    return 1.0 - float(seen) / max(area(body), 1e-9)
