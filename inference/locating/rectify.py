"""From the photo to a canvas in millimetres: one surface, upright, flat, at a fixed scale."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.geometry import Quad, area, box, homography

RGB = NDArray[np.uint8]
WHOLE_PHOTO_PX = 1100
"""Long side of the canvas where no outline was found: about what a phone's own canvas has."""
WHOLE_PHOTO_PX_PER_MM = 7.0
"""What that makes of a phone that fills most of the photo."""
PRESHRINK_FROM = 2.0
"""Photo pixels per canvas pixel from which on the photo is averaged down first, lest fine lines alias."""
CENTRE = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
"""From pixel centres at whole numbers to the continuous plane where pixel 0 spans 0..1."""


@dataclass(frozen=True)
class Canvas:
    """What the segmenter looks at."""

    rgb: RGB
    photo_from_canvas: NDArray[np.float64]
    """Homography (3, 3) from canvas pixels to decoded photo pixels, pixel centres at whole numbers."""
    px_per_mm: float | None
    """None where the canvas has no scale."""
    about_px_per_mm: float
    """The same, and a guess without one: for sizes that only weigh evidence."""


def to_canvas(rgb: RGB, quad: Quad, size_mm: tuple[float, float], px_per_mm: float) -> Canvas:
    """Rectify the surface inside `quad` (4, 2, decoded photo pixels) to (height, width) * px_per_mm pixels."""
    width, height = (max(1, round(side * px_per_mm)) for side in size_mm)
    source = box(width, height) - 0.5
    matrix = homography(source, quad)
    shrink = int(np.sqrt(area(quad) / (width * height)))
    picture, to_picture = rgb, matrix
    if shrink >= PRESHRINK_FROM:
        size = (rgb.shape[1] // shrink, rgb.shape[0] // shrink)
        picture = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
        ratio = np.diag([picture.shape[1] / rgb.shape[1], picture.shape[0] / rgb.shape[0], 1.0])
        to_picture = np.linalg.inv(CENTRE) @ ratio @ CENTRE @ matrix
    flat = cv2.warpPerspective(
        picture,
        to_picture,
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return Canvas(np.asarray(flat, np.uint8), matrix, px_per_mm, px_per_mm)


def whole_photo(rgb: RGB) -> Canvas:
    """The whole photo as a canvas without scale, at about the size that a phone's own canvas would have."""
    scale = WHOLE_PHOTO_PX / max(rgb.shape[:2])
    size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    ratio = np.diag([rgb.shape[1] / size[0], rgb.shape[0] / size[1], 1.0])
    return Canvas(np.asarray(small, np.uint8), np.linalg.inv(CENTRE) @ ratio @ CENTRE, None, WHOLE_PHOTO_PX_PER_MM)
