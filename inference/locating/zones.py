"""The zones of a rectified surface: display, bezel, camera island, corners, frame."""

from dataclasses import dataclass

import numpy as np

from phonegrade.core.arrays import FloatMap, Mask
from phonegrade.core.vocabulary import View
from phonegrade.inference.locating.device import MIN_CAMERA_SHARE
from phonegrade.inference.locating.regions import largest_hull

CORNER_MM = 8.0
BEZEL_MM = 3.5
"""Width of the bezel where the locator shows no display: today's phones have 2 to 4 mm."""
MIN_DISPLAY_SHARE = 0.4
"""Less of the front than this is no display but a mistake."""


@dataclass(frozen=True)
class ZoneMap:
    """The zones of one canvas, on the canvas' grid divided by `stride`."""

    view: View
    special: Mask
    """The display of a front, the camera island of a back."""
    corner: Mask
    stride: int


def zone_map(
    view: View,
    display: FloatMap,
    camera: FloatMap,
    *,
    px_per_mm: float,
    stride: int,
    radius_share: float,
) -> ZoneMap:
    """Return the zones that the locator's `display` and `camera` probabilities (h, w) on the canvas' grid make."""
    height, width = display.shape
    mm_per_cell = stride / px_per_mm
    match view:
        case View.FRONT:
            special = _display(display, mm_per_cell)
        case View.BACK:
            special = largest_hull(camera >= 0.5, MIN_CAMERA_SHARE)
        case _:
            special = np.zeros((height, width), np.bool_)
    # the corner of the body is where its arc passes, not the empty corner of its box
    inset = 0.0 if view is View.EDGE else radius_share * min(width, height) * (1 - np.sqrt(0.5))
    x, y = np.arange(width) + 0.5, np.arange(height)[:, None] + 0.5
    from_side_x, from_side_y = np.minimum(x, width - x) - inset, np.minimum(y, height - y) - inset
    return ZoneMap(view, special, from_side_x**2 + from_side_y**2 <= (CORNER_MM / mm_per_cell) ** 2, stride)


def _display(probability: FloatMap, mm_per_cell: float) -> Mask:
    hull = largest_hull(probability >= 0.5, MIN_DISPLAY_SHARE)
    if hull.any():
        return hull
    margin = max(1, round(BEZEL_MM / mm_per_cell))
    hull[margin:-margin, margin:-margin] = True
    return hull
