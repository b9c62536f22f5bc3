"""From the photo to a canvas in millimetres: one surface, upright, flat, at a fixed scale."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from phonegrade.core.arrays import RGB, Mask, Matrix, Quad
from phonegrade.core.geometry import CENTRE, area, side_lengths, transform, upright
from phonegrade.core.vocabulary import View
from phonegrade.inference.locating.regions import canvas_frame

WHOLE_PHOTO_PX = 1100
"""Long side of the canvas where no outline was found: about what a phone's own canvas has."""
WHOLE_PHOTO_PX_PER_MM = 7.0
"""What that makes of a phone that fills most of the photo."""
PRESHRINK_FROM = 2.0
"""Photo pixels per canvas pixel from which on the photo is averaged down first, lest fine lines alias."""
FALLBACK_LONG_MM = 150.0
"""Long side that a body without an outline is rectified to: what most phones have."""
FALLBACK_SHORT_MM = 77.5
"""And its short side: of a front or back that the photo cuts off, the long side is not all of it."""
FALLBACK_SHARE = 0.875
"""Of that scale, what such a body has on average, as the margin is part of its sides."""
FALLBACK_MARGIN = 0.04
"""What is shown round such a body, as a share of its sides."""


@dataclass(frozen=True)
class Canvas:
    """A rectified surface: the segmenter's input."""

    rgb: RGB
    photo_from_canvas: Matrix
    """Homography (3, 3) from canvas pixels to decoded photo pixels, pixel centres at whole numbers."""
    px_per_mm: float | None
    """None where the canvas has no scale."""
    about_px_per_mm: float
    """The same, and a guess without one: for sizes that only weigh evidence."""


def to_canvas(rgb: RGB, quad: Quad, size_mm: tuple[float, float], px_per_mm: float) -> Canvas:
    """Rectify the surface inside `quad` (4, 2, decoded photo pixels) to (height, width) * px_per_mm pixels."""
    matrix, (height, width) = canvas_frame(quad, size_mm, px_per_mm)
    shrink = int(np.sqrt(area(quad) / (width * height)))
    picture, to_picture = rgb, matrix
    if shrink >= PRESHRINK_FROM:
        size = (rgb.shape[1] // shrink, rgb.shape[0] // shrink)
        picture = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
        ratio = np.diag([picture.shape[1] / rgb.shape[1], picture.shape[0] / rgb.shape[0], 1.0])
        to_picture = np.linalg.inv(CENTRE) @ ratio @ CENTRE @ matrix
    rectified = cv2.warpPerspective(
        picture,
        to_picture,
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return Canvas(np.asarray(rectified, np.uint8), matrix, px_per_mm, px_per_mm)


def fallback_canvas(rgb: RGB, body_mask: Mask, map_from_photo: Matrix, view: View, px_per_mm: float) -> Canvas:
    """Return the body without scale, upright and about as large as with one; the whole photo where there is no body.

    `body_mask` (S, S) is on the locator's grid, which `map_from_photo` (3, 3) leads into.
    """
    quad = _box_of_body(body_mask, map_from_photo, (rgb.shape[0], rgb.shape[1]), view)
    if quad is None:
        return whole_photo(rgb)
    width, height = side_lengths(quad)
    grow = FALLBACK_LONG_MM * px_per_mm / max(width, height)
    if view is not View.EDGE:
        grow = min(grow, FALLBACK_SHORT_MM * px_per_mm / min(width, height))
    canvas = to_canvas(rgb, quad, (width, height), grow)
    return replace(canvas, px_per_mm=None, about_px_per_mm=FALLBACK_SHARE * px_per_mm)


def whole_photo(rgb: RGB) -> Canvas:
    """Return the whole photo as a canvas without scale, about as large as a phone's own canvas would be."""
    scale = WHOLE_PHOTO_PX / max(rgb.shape[:2])
    size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    ratio = np.diag([rgb.shape[1] / size[0], rgb.shape[0] / size[1], 1.0])
    return Canvas(np.asarray(small, np.uint8), np.linalg.inv(CENTRE) @ ratio @ CENTRE, None, WHOLE_PHOTO_PX_PER_MM)


def _box_of_body(body_mask: Mask, map_from_photo: Matrix, photo_hw: tuple[int, int], view: View) -> Quad | None:
    """Return the corners (4, 2), in photo pixels, of the smallest rectangle about body and margin; None without one."""
    rows, columns = np.nonzero(body_mask)
    if len(rows) == 0:
        return None
    centre, (width, height), turn = cv2.minAreaRect(np.stack([columns, rows], axis=1).astype(np.float32))
    margin = 2 * FALLBACK_MARGIN * max(width, height) + 1
    corners = cv2.boxPoints((centre, (width + margin, height + margin), turn)).astype(np.float64)
    quad = transform(np.asarray(np.linalg.inv(map_from_photo), np.float64), corners)
    clockwise = quad if cv2.contourArea(quad.astype(np.float32), oriented=True) > 0 else quad[::-1]
    return upright(clockwise, photo_hw, view)
