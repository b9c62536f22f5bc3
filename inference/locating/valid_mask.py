"""Which part of a canvas is the device: marks are believed only there."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.geometry import box, rounded_polygon
from phonegrade.core.vocabulary import View
from phonegrade.inference.locating.locate import Location
from phonegrade.inference.locating.rectify import CENTRE, Canvas

RIM_MM = 0.8
"""Taken off a front's or back's rim: highlights of the glass edge and slips of the outline fire there, and masking them
was the second strongest lever against false marks. Not on edges, where chips and nicks sit on the rim itself."""
CHIPPED_RIM_MM = 0.25
"""The same for chips, most of which lie on the rim: what an outline slips by."""


def body_on_canvas(
    canvas: Canvas, stride: int, view: View, radius_share: float, rim_mm: float = RIM_MM
) -> NDArray[np.bool_]:
    """The rounded body (ceil(H/stride), ceil(W/stride)) of a rectified canvas; fronts and backs lose `rim_mm`."""
    height, width = (-(-side // stride) for side in canvas.rgb.shape[:2])
    rim = 0.0 if view is View.EDGE or canvas.px_per_mm is None else rim_mm * canvas.px_per_mm / stride
    w, h = max(1.0, width - 2 * rim), max(1.0, height - 2 * rim)
    inner = max(0.0, radius_share * min(width, height) - rim) / min(w, h)
    polygon = rounded_polygon(box(w, h), inner, w / h) + rim - 0.5
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [np.round(polygon * 16).astype(np.int32)], 1, shift=4)
    return mask > 0


def region_on_canvas(
    region: NDArray[np.float32], location: Location, canvas: Canvas, stride: int
) -> NDArray[np.float32]:
    """A map of the locator (S, S) seen on the canvas' own grid (ceil(H/stride), ceil(W/stride))."""
    height, width = (-(-side // stride) for side in canvas.rgb.shape[:2])
    to_canvas = np.linalg.inv(CENTRE) @ np.diag([stride, stride, 1.0]) @ CENTRE
    matrix = location.map_from_photo @ canvas.photo_from_canvas @ to_canvas
    seen = cv2.warpPerspective(
        region, matrix, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(seen, np.float32)
