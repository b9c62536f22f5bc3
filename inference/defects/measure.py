"""Length, width and area of one mark, each size with its error, in canvas pixels."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from phonegrade.core.arrays import Mask, Points
from phonegrade.inference.card import EndpointBias
from phonegrade.inference.defects.skeleton import Line, axis_line, centre_line
from phonegrade.inference.defects.width import Source, Width, line_width

LINEAR_KINDS = frozenset({"crack", "scratch"})
"""Kinds measured along their curve; the others are patches, measured across."""
BORDER_PX = 1.0
"""Standard error of where a mask ends: half a pixel of the map that it was read from."""
BESIDE_SHARE = 0.25
"""Standard error of taking a mask to go on beyond a tip as far as beside the line, as a share of that."""
CURVE_SHARE = 0.02
"""Standard error of a length along the curve: what the centre line's ripple adds and its short cuts take away."""
FADE_SHARE = 0.05
"""Standard error of each tip of a line as a share of its length: it fades out over a stretch that grows with it, and
where in that the mask ends is chance."""
EXTENT_SHARE = 0.15
"""Standard error of a crack's extent as a share of it: its branches grow finer outwards until no mask shows them."""
CRACK_BLURS = 0.7
"""Standard error of a crack's width, in blurs of the photo: it is bright on one side and dark on the other, and its
branches are of many widths."""
PATCH_SHARE = 0.06
"""Standard error of a patch's sides as a share of them: where a scuff or a dent ends is a matter of degree."""
BRIDGE_PX = 2.0
"""How wide the bridges between the pieces of a scratch are drawn."""
GAP_SHARE = 0.3
"""Standard error of what bridges between the pieces of one scratch add, as a share of their length."""
SCALE_SHARE = 0.01
"""Standard error of the canvas' scale where the device is known: its outline is found within a percent."""


@dataclass(frozen=True)
class Measures:
    """Sizes of a mark, in one unit of length, with the standard errors of length and width."""

    length: float
    """Of a scratch along its curve; of a crack its extent, the greatest distance between two of its points, since
    the branches of a shattered one add up to metres; of a patch its longer side."""
    width: float | None
    """Mean width of a line, None where the photo does not show it; of a patch its shorter side."""
    area: float
    """Of a line length times width, every branch included; its mask's where the width is unknown."""
    length_error: float
    width_error: float | None

    def scaled(self, units_per_px: float) -> "Measures":
        """The same sizes in another unit."""
        return Measures(
            self.length * units_per_px,
            None if self.width is None else self.width * units_per_px,
            self.area * units_per_px**2,
            self.length_error * units_per_px,
            None if self.width_error is None else self.width_error * units_per_px,
        )


def measure_px(
    kind: str,
    mask: Mask,
    *,
    bridges: Mask | None = None,
    origin: tuple[int, int] = (0, 0),
    endpoint_bias: EndpointBias | None = None,
    source: Source | None = None,
) -> Measures:
    """Measure the mask (H, W) of one defect, whose first pixel is `origin` (x, y) on the canvas, in pixels.

    `bridges` are pixels of the mask that only join its pieces: length without area. `endpoint_bias` is how far the mask
    of a line goes on beyond each of its tips; None: as far as beyond its sides. The width of lines, short ones too, is
    measured in the photo, `source`, which alone shows a width below the mask's own pixels; without it the mask's width
    is kept.
    """
    if kind not in LINEAR_KINDS:
        return _patch(mask)
    line = centre_line(mask) or axis_line(mask)
    if line is None:
        patch = _patch(mask)
        return patch if source is None else replace(patch, width=None, width_error=None)
    moved = replace(line, points=line.points + np.asarray(origin, np.float64))
    width = (
        Width(float(mask.sum()) / max(line.length_px, 1.0), BORDER_PX)
        if source is None
        else _width(kind, moved, source)
    )
    ends = endpoint_bias or _as_beside(line, width)
    sizes = _line(line, mask, width, 0.0 if bridges is None else float(bridges.sum()) / BRIDGE_PX, ends)
    return _across(sizes, mask, ends) if kind == "crack" else sizes


def _width(kind: str, line: Line, source: Source) -> Width | None:
    width = line_width(source, line)
    if width is None or kind != "crack":
        return width
    blur_px = source.blur_px / source.scale_at(line.points.mean(axis=0))
    return Width(width.px, float(np.hypot(width.error_px, CRACK_BLURS * blur_px)))


def _as_beside(line: Line, width: Width | None) -> EndpointBias:
    """A mask that reaches as far beyond the tips as beyond the sides, and the error of each tip if all err alike."""
    beside_px = max(0.0, line.half_px - (0.0 if width is None else width.px / 2))
    return EndpointBias(beside_px, 0.0, BORDER_PX / float(np.sqrt(max(len(line.tips), 1))) + BESIDE_SHARE * beside_px)


def _line(line: Line, mask: Mask, width: Width | None, bridged_px: float, ends: EndpointBias) -> Measures:
    beyond_px = (ends.beyond_px + ends.share * line.length_px) * len(line.tips)
    length = max(line.length_px - beyond_px, line.length_px / 2)
    fading_px = FADE_SHARE * np.sqrt(len(line.tips)) * length
    parts = [ends.error_px * len(line.tips), fading_px, CURVE_SHARE * length, GAP_SHARE * bridged_px]
    error = float(np.linalg.norm([*parts, SCALE_SHARE * length]))
    if width is None:
        return Measures(length, None, float(mask.sum()), error, None)
    area = max(length - bridged_px, 0.0) * width.px
    return Measures(length, width.px, area, error, float(np.hypot(width.error_px, SCALE_SHARE * width.px)))


def _across(branches: Measures, mask: Mask, ends: EndpointBias) -> Measures:
    """The sizes of a crack, whose length is its extent: what its mask adds at either end taken off."""
    extent_px = caliper_px(mask)
    length = max(extent_px - 2 * ends.beyond_px, extent_px / 2)
    tips_px = np.sqrt(2) * max(ends.error_px, BORDER_PX)
    error = float(np.linalg.norm([tips_px, EXTENT_SHARE * length, SCALE_SHARE * length]))
    return replace(branches, length=length, length_error=error)


def caliper_px(mask: Mask) -> float:
    """Greatest distance between two points of a mask (H, W), from pixel border to pixel border."""
    hull = hull_px(mask)
    return float(np.linalg.norm(hull[:, None] - hull[None], axis=2).max()) + 1.0


def hull_area_px(mask: Mask) -> float:
    """Area of the convex hull of a mask (H, W), its pixels' own area included."""
    hull = hull_px(mask).astype(np.float32)
    # grown by half a pixel all round (Steiner's formula, without the corners' quarter pixels)
    return float(cv2.contourArea(hull) + cv2.arcLength(hull, closed=True) / 2 + 1.0)


def hull_px(mask: Mask) -> Points:
    """Corners (N, 2) x, y of the convex hull of a mask's pixel centres."""
    points = np.argwhere(mask)[:, ::-1].astype(np.float32)
    return np.asarray(cv2.convexHull(points)[:, 0], np.float64)


def _patch(mask: Mask) -> Measures:
    (_, (a, b), _) = cv2.minAreaRect(hull_px(mask).astype(np.float32))
    # the box of pixel centres; the mark reaches half a pixel further on every side
    long, short = max(a, b) + 1.0, min(a, b) + 1.0
    errors = (float(np.linalg.norm([BORDER_PX * np.sqrt(2), PATCH_SHARE * side])) for side in (long, short))
    return Measures(long, short, float(mask.sum()), *errors)
