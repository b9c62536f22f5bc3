"""Length, width and area of one mark, each size with its error, in canvas pixels."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.inference.card import Tips
from phonegrade.inference.skeleton import Line, centre_line
from phonegrade.inference.width import Source, Width, line_width

LINEAR_KINDS = frozenset({"crack", "scratch"})
"""Kinds measured along their curve; the others are patches, measured across."""
BORDER_PX = 1.0
"""Standard error of where a mask ends: half a pixel of the map that it was read from."""
BESIDE_SHARE = 0.25
"""Standard error of taking a mask to go on beyond a tip as far as beside the line, as a share of that."""
CURVE_SHARE = 0.02
"""Standard error of a length along the curve: what the centre line's ripple adds and its short cuts take away."""
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
    """Along the curve, every branch of a crack included; of a patch its longer side."""
    width: float
    """Mean width of a line; of a patch its shorter side."""
    area: float
    length_error: float
    width_error: float

    def scaled(self, units_per_px: float) -> "Measures":
        """The same sizes in another unit."""
        return Measures(
            self.length * units_per_px,
            self.width * units_per_px,
            self.area * units_per_px**2,
            self.length_error * units_per_px,
            self.width_error * units_per_px,
        )


def measure_px(
    kind: str,
    mask: NDArray[np.bool_],
    *,
    bridges: NDArray[np.bool_] | None = None,
    origin: tuple[int, int] = (0, 0),
    tips: Tips | None = None,
    source: Source | None = None,
) -> Measures:
    """Measure one mark's mask (H, W), whose first pixel is `origin` (x, y) on the canvas, in pixels.

    `bridges` are pixels of the mask that only join its pieces: length without area. `tips` is how far the mask of a
    line goes on beyond each of its tips; None: as far as beyond its sides. Lines are looked at again in the photo,
    `source`, which alone can tell a width below the mask's own pixels; without it the mask's width stands.
    """
    line = centre_line(mask) if kind in LINEAR_KINDS else None
    if line is None:
        return _patch(mask)
    bridged_px = 0.0 if bridges is None else float(bridges.sum()) / BRIDGE_PX
    if source is None:
        width = Width(float(mask.sum()) / max(line.length_px, 1.0), BORDER_PX)
    else:
        width = line_width(source, replace(line, points=line.points + np.asarray(origin, np.float64)))
    return _line(line, width, bridged_px, tips or _as_beside(line, width))


def _as_beside(line: Line, width: Width) -> Tips:
    """A mask that reaches as far beyond the tips as beyond the sides, and the error of each tip if all err alike."""
    beside_px = max(0.0, line.half_px - width.px / 2)
    return Tips(beside_px, 0.0, BORDER_PX / float(np.sqrt(max(len(line.tips), 1))) + BESIDE_SHARE * beside_px)


def _line(line: Line, width: Width, bridged_px: float, tips: Tips) -> Measures:
    beyond_px = (tips.beyond_px + tips.share * line.length_px) * len(line.tips)
    length = max(line.length_px - beyond_px, line.length_px / 2)
    error = np.linalg.norm(
        [tips.error_px * len(line.tips), CURVE_SHARE * length, GAP_SHARE * bridged_px, SCALE_SHARE * length]
    )
    area = max(length - bridged_px, 0.0) * width.px
    return Measures(length, width.px, area, float(error), float(np.hypot(width.error_px, SCALE_SHARE * width.px)))


def _patch(mask: NDArray[np.bool_]) -> Measures:
    points = np.argwhere(mask)[:, ::-1].astype(np.float32)
    (_, (a, b), _) = cv2.minAreaRect(cv2.convexHull(points))
    # the box of pixel centres; the mark reaches half a pixel further on every side
    long, short = max(a, b) + 1.0, min(a, b) + 1.0
    errors = (float(np.hypot(BORDER_PX * np.sqrt(2), SCALE_SHARE * side)) for side in (long, short))
    return Measures(long, short, float(mask.sum()), *errors)
