"""Which part of a canvas is the device: defects are evaluated only there."""

import cv2
import numpy as np

from phonegrade.core.arrays import Mask, Matrix
from phonegrade.core.geometry import box, rounded_polygon
from phonegrade.core.vocabulary import View
from phonegrade.inference.locating.rectify import Canvas
from phonegrade.inference.locating.regions import region_on_canvas

RIM_MM = 0.8
"""Taken off a front's or back's rim: highlights of the glass edge and slips of the outline fire there, and masking them
was the second strongest lever against false positives. Not on edges, where chips and nicks sit on the rim itself."""
CHIPPED_RIM_MM = 0.25
"""The same for chips, most of which lie on the rim: what an outline slips by."""
FALLBACK_RIM_MM = 0.75
"""Taken off the rim of a body without an outline: about what fronts and backs with one lose."""


def body_on_canvas(canvas: Canvas, stride: int, view: View, radius_share: float, rim_mm: float = RIM_MM) -> Mask:
    """Return the rounded body (ceil(H/stride), ceil(W/stride)) of a canvas; fronts and backs lose `rim_mm`."""
    height, width = (-(-side // stride) for side in canvas.rgb.shape[:2])
    rim = 0.0 if view is View.EDGE or canvas.px_per_mm is None else rim_mm * canvas.px_per_mm / stride
    w, h = max(1.0, width - 2 * rim), max(1.0, height - 2 * rim)
    inner = max(0.0, radius_share * min(width, height) - rim) / min(w, h)
    polygon = rounded_polygon(box(w, h), inner, w / h) + rim - 0.5
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [np.round(polygon * 16).astype(np.int32)], 1, shift=4)
    return mask > 0


def fallback_body_on_canvas(canvas: Canvas, stride: int, view: View, body_mask: Mask, map_from_photo: Matrix) -> Mask:
    """Return the locator's body (ceil(H/stride), ceil(W/stride)) where there is no outline; everywhere without one."""
    hw = (canvas.rgb.shape[0], canvas.rgb.shape[1])
    body = region_on_canvas(body_mask.astype(np.float32), map_from_photo, canvas.photo_from_canvas, hw, stride) >= 0.5
    if view is not View.EDGE:
        rim = np.ones((2 * round(FALLBACK_RIM_MM * canvas.about_px_per_mm / stride) + 1,) * 2, np.uint8)
        body = cv2.erode(body.astype(np.uint8), rim, borderValue=1) > 0
    return np.asarray(body if body.any() else np.ones_like(body))
