"""Coarse outlines: rounded rectangles that the locator's body mask alone gives."""

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np

from phonegrade.core.arrays import RGB, FloatMap, Floats, Matrix, Quad
from phonegrade.core.geometry import (
    aspect,
    intersection,
    is_convex,
    robust_line,
    rounded_polygon,
    scale_spread,
    side_lengths,
    transform,
)
from phonegrade.core.vocabulary import View
from phonegrade.inference.locating.locate import Location

UPSAMPLE = 4
"""The body map is read between its pixels: its outline is four times as fine as its grid."""
STRAIGHT = (0.2, 0.8)
"""The part of a side that is straight on every phone; the rest belongs to the round corners."""
RADIUS_SHARES = (0.0, 0.06, 0.1, 0.13, 0.16, 0.2, 0.25)
MIN_IOU = 0.75
MIN_EDGE_IOU = 0.60
"""A strip of a few map pixels loses a fifth of its area to half a pixel at each long side."""
SURE_IOU = 0.97
"""An outline that agrees so well needs no second start."""
NEAR_PX = 1.5 * UPSAMPLE
"""Contour points further from the hull's side than one and a half map pixels are bites, not noise."""
SHORT_PX = 12.0 * UPSAMPLE
"""The end of a thin strip is too short to tell its direction: it keeps that of its start."""
STRIP_MARGIN = 0.05
"""A quad that agrees with a mask so little better than a plain strip follows the mask's bumps."""
STRIP_STEPS = 3
"""How often a strip's cross-sections are taken anew along its improved direction."""
MAX_SPREAD = 2.5
"""Opposite sides differ at most so much on a phone in front of a camera; a triangle's cut tip makes more."""


@dataclass(frozen=True)
class Outline:
    """A fitted outline."""

    quad: Quad
    """Corners of the body's bounding quadrilateral in decoded photo pixels, clockwise from the canvas' top left."""
    radius_share: float
    """Corner radius over the shorter side."""
    iou: float
    """Agreement of the fitted rounded rectangle with the locator's mask."""
    boundary_score: float
    """What the boundary refiner says for the weakest of the sides, 0..1; 0 where they could not be moved."""
    refined: bool
    """True when the sides were moved to where the boundary refiner sees the body end."""

    def turned(self) -> "Outline":
        """The same outline, its canvas upside down."""
        return replace(self, quad=np.roll(self.quad, -2, axis=0))


@dataclass(frozen=True)
class BodyMask:
    """The body's largest component, holes filled, upsampled, without the letterbox."""

    pixels: RGB
    """(H, W), 1 on the body, `UPSAMPLE` times as fine as the locator's map."""
    photo_from_pixels: Matrix
    """Affine (3, 3), pixel centres at whole numbers."""
    photo_hw: tuple[int, int]

    @cached_property
    def contour(self) -> Quad:
        """Its pixels along the rim (N, 2); there is a body."""
        found = cv2.findContours(self.pixels, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
        return max(found, key=len)[:, 0].astype(np.float64)

    def ratio(self, quad: Quad) -> float:
        """Width over height of the rectangle that appears as `quad` on the mask."""
        return aspect(transform(self.photo_from_pixels, quad), self.photo_hw)


def coarse_quad(location: Location, view: View, threshold: float, photo_hw: tuple[int, int]) -> Quad | None:
    """The quad that the body's mask alone gives, in photo pixels, clockwise; None where it has no such shape."""
    found = coarse_outline(mask_of(location, threshold, photo_hw), view)
    return None if found is None else found.quad


def coarse_outline(mask: BodyMask, view: View) -> Outline | None:
    """The outline that the mask alone gives, in photo pixels."""
    if not mask.pixels.any():
        return None
    found = _fit_strip(mask) if view is View.EDGE else _fit(mask, MIN_IOU)
    return None if found is None else replace(found, quad=transform(mask.photo_from_pixels, found.quad))


def mask_of(location: Location, threshold: float, photo_hw: tuple[int, int]) -> BodyMask:
    """The largest component of the body; all 0 where there is none."""
    fine, photo_from_pixels = _fine(location)
    found = _components(fine, threshold, 1)
    return BodyMask(found[0] if found else np.zeros(fine.shape, np.uint8), photo_from_pixels, photo_hw)


def masks_of(location: Location, threshold: float, photo_hw: tuple[int, int], most: int) -> list[BodyMask]:
    """The `most` largest components of the body, largest first."""
    fine, photo_from_pixels = _fine(location)
    return [BodyMask(one, photo_from_pixels, photo_hw) for one in _components(fine, threshold, most)]


def _fine(location: Location) -> tuple[FloatMap, Floats]:
    """The body's probability without the letterbox, upsampled, and the affine (3, 3) from there to the photo."""
    body = location.regions["body"][location.inside]
    fine = cv2.resize(body, None, fx=UPSAMPLE, fy=UPSAMPLE, interpolation=cv2.INTER_LINEAR)
    rows, columns = location.inside
    shift = 0.5 / UPSAMPLE - 0.5
    to_map = np.array([[1 / UPSAMPLE, 0, columns.start + shift], [0, 1 / UPSAMPLE, rows.start + shift], [0, 0, 1.0]])
    return np.asarray(fine, np.float32), np.asarray(np.linalg.inv(location.map_from_photo) @ to_map, np.float64)


def _components(fine: FloatMap, threshold: float, most: int) -> list[RGB]:
    contours, _ = cv2.findContours(np.asarray(fine >= threshold, np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    drawn = []
    for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:most]:
        filled = np.zeros(fine.shape, np.uint8)
        cv2.drawContours(filled, [contour], -1, 1, cv2.FILLED)
        drawn.append(filled)
    return drawn


def _fit(mask: BodyMask, min_iou: float) -> Outline | None:
    """Best of two starts, in pixels of the mask."""
    contour = mask.contour
    hull = cv2.convexHull(contour.astype(np.float32))
    starts = [cv2.boxPoints(cv2.minAreaRect(hull))]
    if len(hull) >= 4:
        starts.append(cv2.approxPolyN(hull, 4, None, -1.0, True).reshape(-1, 2))
    dense = _dense(hull[:, 0].astype(np.float64))
    best: Outline | None = None
    for start in starts:
        quad = _four_lines(_clockwise(start.astype(np.float64)), dense, contour)
        if quad is None or scale_spread(quad) > MAX_SPREAD:
            continue
        found = _judged(quad, mask)
        if best is None or found.iou > best.iou:
            best = found
        if best.iou >= SURE_IOU:
            break
    return best if best is not None and best.iou >= min_iou else None


def _fit_strip(mask: BodyMask) -> Outline | None:
    """Best of the two starts and of a plain strip, whose long sides a bump of the mask does not turn apart."""
    fitted = _fit(mask, MIN_EDGE_IOU)
    if fitted is not None and fitted.iou >= SURE_IOU:
        return fitted
    strip = _judged(_strip(mask.pixels), mask)
    if strip.iou < MIN_EDGE_IOU or (fitted is not None and fitted.iou >= strip.iou + STRIP_MARGIN):
        return fitted
    return strip


def _strip(mask: RGB) -> Quad:
    """The rectangle along the mask whose sides are the medians of its cross-sections; ends where half of it is left."""
    points = np.argwhere(mask)[:, ::-1].astype(np.float64)
    middle = points.mean(axis=0)
    axis = np.linalg.eigh(np.cov((points - middle).T))[1][:, 1]
    for _ in range(STRIP_STEPS):
        across = np.array([-axis[1], axis[0]])
        along, aside = (points - middle) @ axis, (points - middle) @ across
        at = np.round(along - along.min()).astype(int)
        order = np.lexsort((aside, at))
        found, first, counts = np.unique(at[order], return_index=True, return_counts=True)
        low, high = aside[order][first], aside[order][first + counts - 1]
        thickness = float(np.median(high - low))
        solid = (high - low) >= 0.5 * thickness
        if solid.sum() < 2 * SHORT_PX / UPSAMPLE:
            break
        _, turn = robust_line(np.stack([found[solid], (low + high)[solid] / 2], axis=1).astype(np.float64))
        turn = turn if turn[0] > 0 else -turn
        axis = turn[0] * axis + turn[1] * across
    start, end = found[solid].min() + along.min() - 0.5, found[solid].max() + along.min() + 0.5
    top, bottom = float(np.median(low)) - 0.5, float(np.median(high)) + 0.5
    corners = [(start, top), (end, top), (end, bottom), (start, bottom)]
    return _clockwise(np.array([middle + s * axis + t * np.array([-axis[1], axis[0]]) for s, t in corners]))


def _clockwise(quad: Quad) -> Quad:
    return quad if cv2.contourArea(quad.astype(np.float32), oriented=True) > 0 else quad[::-1]


def _dense(polygon: Quad) -> Quad:
    """Points about every two pixels along a closed polygon: equal lengths of outline weigh the same."""
    following = np.roll(polygon, -1, axis=0)
    counts = np.maximum(1, np.ceil(np.linalg.norm(following - polygon, axis=1) / 2).astype(int))
    parts = [a + (b - a) * np.arange(n)[:, None] / n for a, b, n in zip(polygon, following, counts, strict=True)]
    return np.concatenate(parts)


def _four_lines(quad: Quad, hull: Quad, contour: Quad) -> Quad | None:
    """Refit each side to the outline's points beside its straight part, and intersect; None when the sides collapse.

    First to the hull, which no bite by a finger bends, then to the contour near that, which has no outward bias.
    """
    for points, reach in ((hull, _reach(quad)), (hull, _reach(quad)), (contour, NEAR_PX), (contour, NEAR_PX)):
        if min(side_lengths(quad)) < 1.0:
            return None
        lines = [_side_line(a, b, points, reach) for a, b in zip(quad, np.roll(quad, -1, axis=0), strict=True)]
        corners = [intersection(lines[i - 1], lines[i]) for i in range(4)]
        if any(c is None for c in corners):
            return None
        quad = np.array(corners, np.float64)
        if not is_convex(quad):
            return None
    return quad


def _side_line(a: Quad, b: Quad, points: Quad, reach: float) -> tuple[Quad, Quad]:
    """The line (point, direction) through the outline's points beside the straight part of the side from `a` to `b`."""
    side = b - a
    length = float(np.linalg.norm(side))
    normal = np.array([side[1], -side[0]]) / max(length, 1e-9)
    along = (points - a) @ side / max(length, 1e-9) ** 2
    off = (points - a) @ normal
    near = (along > STRAIGHT[0]) & (along < STRAIGHT[1]) & (np.abs(off) < reach)
    if near.sum() < 4:
        return a, side
    # the contour runs through pixel centres, half a pixel inside the mask's border
    if length < SHORT_PX:
        return a + (float(np.median(off[near])) + 0.5) * normal, side
    middle, direction = robust_line(points[near])
    return middle + 0.5 * normal, direction


def _reach(quad: Quad) -> float:
    """How far from a side an outline point may lie and still belong to it."""
    length = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
    return max(2.0, 0.25 * float(length.min()))


def _judged(quad: Quad, mask: BodyMask) -> Outline:
    """The corner radius that fits the mask best, and how well."""
    ratio = mask.ratio(quad)
    scored = [(_iou(rounded_polygon(quad, share, ratio), mask.pixels), share) for share in RADIUS_SHARES]
    iou, share = max(scored)
    return Outline(quad, share, iou, boundary_score=0.0, refined=False)


def _iou(polygon: Quad, mask: RGB) -> float:
    drawn = np.zeros_like(mask)
    cv2.fillPoly(drawn, [np.round(polygon * 16).astype(np.int32)], 1, shift=4)
    both = int(cv2.countNonZero(drawn & mask))
    either = int(cv2.countNonZero(drawn | mask))
    return both / max(either, 1)
