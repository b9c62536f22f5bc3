"""The locator's region maps on a canvas: helpers of locating and of rectifying."""

import cv2
import numpy as np

from phonegrade.core.arrays import FloatMap, Mask, Matrix, Quad
from phonegrade.core.geometry import CENTRE, box, homography


def canvas_frame(quad: Quad, size_mm: tuple[float, float], px_per_mm: float) -> tuple[Matrix, tuple[int, int]]:
    """Return the homography (3, 3) from a canvas to the photo, where it covers `quad` (4, 2), and its (height, width).

    Pixel centres are whole numbers in both.
    """
    width, height = (max(1, round(side * px_per_mm)) for side in size_mm)
    return homography(box(width, height) - 0.5, quad), (height, width)


def region_on_canvas(
    region: FloatMap, map_from_photo: Matrix, photo_from_canvas: Matrix, canvas_hw: tuple[int, int], stride: int
) -> FloatMap:
    """Return a map of the locator (S, S) on the canvas' own grid (ceil(H/stride), ceil(W/stride))."""
    height, width = (-(-side // stride) for side in canvas_hw)
    to_canvas = np.linalg.inv(CENTRE) @ np.diag([stride, stride, 1.0]) @ CENTRE
    matrix = map_from_photo @ photo_from_canvas @ to_canvas
    warped = cv2.warpPerspective(
        region, matrix, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(warped, np.float32)


def largest_hull(mask: Mask, min_share: float) -> Mask:
    """Return the convex hull (H, W) of the largest component, notches and holes included; empty below `min_share`."""
    out = np.zeros(mask.shape, np.uint8)
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if contours:
        hull = cv2.convexHull(max(contours, key=cv2.contourArea))
        if cv2.contourArea(hull) >= min_share * mask.size:
            cv2.fillConvexPoly(out, hull, 1)
    return out > 0
