"""Pictures for the report: crops of a photo, turned where needed, with the outlines drawn over them."""

import base64
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

import cv2
import numpy as np
import simplejpeg

from phonegrade.core.arrays import Points
from phonegrade.core.geometry import box, homography, transform
from phonegrade.core.inspection import Defect, Inspection
from phonegrade.inference.overlay import LEAST_GAP_PX, beside
from phonegrade.inference.photo.decode import decode
from phonegrade.inference.photo.photo import Photo

MARGIN_SHARE = 0.05
"""Margin around the phone, as a share of its long side."""
CLOSE_MARGIN_MM = 3.0
CLOSE_MARGIN_SHARE = 0.2
"""Margin around a defect, as a share of its long side, where that is more."""
LEAST_CLOSE_PX = 140
MOST_CLOSE_PX = 1100
"""A longer close-up is reduced, and its caption says so."""
FLATTEST, TALLEST = 0.62, 0.8
"""Height of a close-up over its width, at least and at most, as two are shown side by side."""
BARS_MM = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
NATIVE_PX = 1 << 20
"""Longer than any photo, which is then decoded at full size."""
WHOLE_QUALITY, CLOSE_QUALITY = 82, 90
WHOLE_GAP_SHARE, CLOSE_GAP_SHARE = 1 / 110, 1 / 50
"""As shares of the long side: lines on paper are wider than on a screen of the photo's own size."""
Box = tuple[int, int, int, int]
"""Left, top, right, bottom."""


class PictureStyle(NamedTuple):
    """Size, quality and orientation of a picture."""

    long_side_px: int
    jpeg_quality: int
    gap_share: float
    """Distance of an outline from its defect, as a share of the picture's long side."""
    landscape: bool
    """Whether tall pictures are turned."""


@dataclass(frozen=True)
class DefectOutline:
    """One outlined defect of a picture, in its pixels."""

    id: str
    path: str
    """SVG path beside the defect, never on it."""
    x: float
    """Where its label starts, right of the defect."""
    y: float


@dataclass(frozen=True)
class Picture:
    """A JPEG and the outlines drawn over it."""

    jpeg_base64: str
    width_px: int
    height_px: int
    reduced: float
    """Pixels of the photo per pixel of the picture; 1 at native size."""
    body: str | None
    """SVG path of the outline of the phone."""
    defects: tuple[DefectOutline, ...]
    bar_mm: float | None = None
    bar_px: float | None = None
    """Length of the scale bar; None for a photo without scale."""


def surface_picture(data: bytes, inspection: Inspection, long_side_px: int, *, landscape: bool) -> Picture:
    """Return the device in a photo file, at most `long_side_px` long; tall pictures are turned for `landscape`.

    The whole photo where no outline was found.
    """
    photo = decode(data, long_side_px=2 * long_side_px)
    window = _around_device(photo, inspection)
    style = PictureStyle(long_side_px, WHOLE_QUALITY, WHOLE_GAP_SHARE, landscape)
    return _picture(photo, inspection, window, inspection.defects, style)


def close_up(
    photo: Photo, inspection: Inspection, defect: Defect, *, landscape: bool, long_side_px: int = MOST_CLOSE_PX
) -> Picture:
    """Return one defect of a photo that was decoded at full size, with its surroundings and a scale bar.

    Turned where it is tall, for `landscape`; a longer one than `long_side_px` is reduced.
    """
    window = _around_defect(photo, inspection, defect, landscape=landscape)
    style = PictureStyle(long_side_px, CLOSE_QUALITY, CLOSE_GAP_SHARE, landscape)
    picture = _picture(photo, inspection, window, (defect,), style)
    px_per_mm = scale_at(inspection, np.asarray(defect.polygon, np.float64).mean(axis=0))
    if px_per_mm is None:
        return picture
    shown = px_per_mm / picture.reduced
    longest = 0.4 * picture.width_px / shown
    bar_mm = max((bar for bar in BARS_MM if bar <= longest), default=BARS_MM[0])
    return replace(picture, bar_mm=bar_mm, bar_px=round(bar_mm * shown, 1))


def scale_at(inspection: Inspection, point: Points) -> float | None:
    """Return the photo pixels per millimetre of the surface around a photo point (2,); None without outline or size."""
    if inspection.outline is None or inspection.surface_size_mm is None:
        return None
    to_mm = homography(np.asarray(inspection.outline, np.float64), box(*inspection.surface_size_mm))
    corners = transform(to_mm, point + np.array([[0, 0], [1, 0], [0, 1]], np.float64))
    (ax, ay), (bx, by) = corners[1] - corners[0], corners[2] - corners[0]
    mm2_per_px = abs(ax * by - ay * bx)
    return float(1 / math.sqrt(mm2_per_px)) if mm2_per_px > 0 else None


def _picture(
    photo: Photo, inspection: Inspection, window: Box, defects: Iterable[Defect], style: PictureStyle
) -> Picture:
    left, top, right, bottom = window
    pixels = np.ascontiguousarray(photo.rgb[top:bottom, left:right])
    factor = min(1.0, style.long_side_px / max(pixels.shape[:2]))
    if factor < 1:
        size = (max(1, round(pixels.shape[1] * factor)), max(1, round(pixels.shape[0] * factor)))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    turned = style.landscape and pixels.shape[0] > pixels.shape[1]
    height = pixels.shape[0]
    if turned:
        pixels = np.ascontiguousarray(np.rot90(pixels, -1))

    def placed(polygon: Iterable[tuple[float, float]]) -> Points:
        points = (np.asarray(list(polygon), np.float64) + 0.5) * photo.scale - (left, top)
        points *= factor
        return np.column_stack([height - points[:, 1], points[:, 0]]) if turned else points

    hw = (pixels.shape[0], pixels.shape[1])
    return Picture(
        jpeg_base64=base64.b64encode(simplejpeg.encode_jpeg(pixels, style.jpeg_quality, "RGB")).decode("ascii"),
        width_px=hw[1],
        height_px=hw[0],
        reduced=1 / (photo.scale * factor),
        body=None if inspection.outline is None else _path([placed(inspection.outline)]),
        defects=tuple(
            _outlined(defect.id, placed(defect.polygon), hw, style.gap_share) for defect in defects if defect.polygon
        ),
    )


def _outlined(name: str, points: Points, hw: tuple[int, int], gap_share: float) -> DefectOutline:
    gap_px = max(LEAST_GAP_PX, round(max(hw) * gap_share))
    lines = beside(np.asarray(np.round(points - 0.5), np.int32), gap_px)
    at = points[points[:, 0].argmax()]
    path = _path([np.asarray(line, np.float64) + 0.5 for line in lines])
    return DefectOutline(id=name, path=path, x=float(at[0]) + 2 * gap_px, y=float(at[1]))


def _path(lines: Iterable[Points]) -> str:
    return " ".join(f"M{' '.join(f'{x:.1f},{y:.1f}' for x, y in line)}Z" for line in lines)


def _around_device(photo: Photo, inspection: Inspection) -> Box:
    height, width = photo.rgb.shape[:2]
    if inspection.outline is None:
        return 0, 0, width, height
    corners = np.asarray(inspection.outline) * photo.scale
    margin_px = MARGIN_SHARE * float((corners.max(axis=0) - corners.min(axis=0)).max())
    return _clipped(corners.min(axis=0) - margin_px, corners.max(axis=0) + margin_px, (height, width))


def _around_defect(photo: Photo, inspection: Inspection, defect: Defect, *, landscape: bool) -> Box:
    corners = np.asarray(defect.polygon, np.float64) * photo.scale
    low, high = corners.min(axis=0), corners.max(axis=0)
    px_per_mm = scale_at(inspection, corners.mean(axis=0) / photo.scale) or 0.0
    margin_px = max(CLOSE_MARGIN_MM * px_per_mm * photo.scale, CLOSE_MARGIN_SHARE * float((high - low).max()))
    size = np.maximum(high - low + 2 * margin_px, LEAST_CLOSE_PX)
    if landscape and size[1] > size[0]:
        size[0] = max(size[0], FLATTEST * size[1])
    else:
        size = np.maximum(size, (size[1] / TALLEST, size[0] * FLATTEST))
    middle = (low + high) / 2
    return _clipped(middle - size / 2, middle + size / 2, (photo.rgb.shape[0], photo.rgb.shape[1]))


def _clipped(low: Points, high: Points, hw: tuple[int, int]) -> Box:
    left, top = np.floor(low).astype(int)
    right, bottom = np.ceil(high).astype(int)
    left, top = min(max(0, int(left)), hw[1] - 1), min(max(0, int(top)), hw[0] - 1)
    return left, top, max(left + 1, min(hw[1], int(right))), max(top + 1, min(hw[0], int(bottom)))
