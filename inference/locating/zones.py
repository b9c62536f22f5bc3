"""In which zone of the device a mark lies."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.vocabulary import View, Zone
from phonegrade.inference.defects.instances import Instance

CORNER_MM = 8.0
BEZEL_MM = 3.5
"""Width of the bezel where the locator shows no display: today's phones have 2 to 4 mm."""
MIN_DISPLAY_SHARE = 0.4
"""Less of the front than this is no display but a mistake."""
MIN_CAMERA_SHARE = 0.005
TOUCHES = 0.2
"""Share of a mark inside the more telling zone from which on it belongs there."""


@dataclass(frozen=True)
class ZoneMap:
    """The zones of one canvas, on the canvas' grid divided by `stride`."""

    view: View
    special: NDArray[np.bool_]
    """The display of a front, the camera island of a back."""
    corner: NDArray[np.bool_]
    stride: int

    def zone_of(self, instance: Instance) -> Zone:
        """Display beats corner beats bezel; camera beats corner beats back; corner beats frame."""
        points = np.argwhere(instance.mask) + np.asarray(instance.origin[::-1])
        rows, columns = np.minimum(points // self.stride, np.asarray(self.special.shape) - 1).T
        special = float(self.special[rows, columns].mean()) >= TOUCHES
        corner = float(self.corner[rows, columns].mean()) >= 0.5
        match self.view:
            case View.FRONT:
                return Zone.DISPLAY if special else Zone.CORNER if corner else Zone.BEZEL
            case View.BACK:
                return Zone.CAMERA if special else Zone.CORNER if corner else Zone.BACK
            case _:
                return Zone.CORNER if corner else Zone.FRAME


def zone_map(
    view: View,
    display: NDArray[np.float32],
    camera: NDArray[np.float32],
    *,
    px_per_mm: float,
    stride: int,
    radius_share: float,
) -> ZoneMap:
    """Zones from the locator's `display` and `camera` probabilities (h, w) on the canvas' grid."""
    height, width = display.shape
    mm_per_cell = stride / px_per_mm
    match view:
        case View.FRONT:
            special = _display(display, mm_per_cell)
        case View.BACK:
            special = _largest_hull(camera >= 0.5, MIN_CAMERA_SHARE)
        case _:
            special = np.zeros((height, width), np.bool_)
    # the corner of the body is where its arc passes, not the empty corner of its box
    inset = 0.0 if view is View.EDGE else radius_share * min(width, height) * (1 - np.sqrt(0.5))
    x, y = np.arange(width) + 0.5, np.arange(height)[:, None] + 0.5
    from_side_x, from_side_y = np.minimum(x, width - x) - inset, np.minimum(y, height - y) - inset
    return ZoneMap(view, special, from_side_x**2 + from_side_y**2 <= (CORNER_MM / mm_per_cell) ** 2, stride)


def camera_is_below(camera: NDArray[np.float32]) -> bool:
    """True when the camera island of a back (h, w) sits in the lower half of its canvas: it stands upside down."""
    island = _largest_hull(camera >= 0.5, MIN_CAMERA_SHARE)
    return bool(island.any()) and float(np.argwhere(island)[:, 0].mean()) > island.shape[0] / 2


def _display(probability: NDArray[np.float32], mm_per_cell: float) -> NDArray[np.bool_]:
    hull = _largest_hull(probability >= 0.5, MIN_DISPLAY_SHARE)
    if hull.any():
        return hull
    margin = max(1, round(BEZEL_MM / mm_per_cell))
    hull[margin:-margin, margin:-margin] = True
    return hull


def _largest_hull(mask: NDArray[np.bool_], min_share: float) -> NDArray[np.bool_]:
    """Convex hull of the largest component: notches, holes and marks inside belong to it. Empty below `min_share`."""
    out = np.zeros(mask.shape, np.uint8)
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if contours:
        hull = cv2.convexHull(max(contours, key=cv2.contourArea))
        if cv2.contourArea(hull) >= min_share * mask.size:
            cv2.fillConvexPoly(out, hull, 1)
    return out > 0
