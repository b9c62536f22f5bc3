"""A photo's evidence as a JPEG: cropped to the device, with what was found drawn on it."""

import cv2
import numpy as np
import simplejpeg

from phonegrade.configs.inspection import Inspection, Point
from phonegrade.inference.decode import Photo, decode
from phonegrade.inference.overlay import draw_overlay

_JPEG_QUALITY = 85
_MARGIN_SHARE = 0.07
"""Kept around the body, of its long side."""
Crop = tuple[slice, slice]


def evidence_jpeg(data: bytes, inspection: Inspection, long_side_px: int) -> bytes:
    """The device in the photo file `data`, at most `long_side_px` long, with defects, dirt and outline drawn.

    The whole photo where no outline was found.
    """
    photo = decode(data, long_side_px=2 * long_side_px)
    rows, columns = _around_device(photo, inspection)
    pixels = np.ascontiguousarray(photo.rgb[rows, columns])
    shrink = min(1.0, long_side_px / max(pixels.shape[:2]))
    if shrink < 1:
        size = (max(1, round(pixels.shape[1] * shrink)), max(1, round(pixels.shape[0] * shrink)))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    shifted = _shifted(inspection, columns.start / photo.scale, rows.start / photo.scale)
    drawn = draw_overlay(pixels, shifted, scale=photo.scale * shrink)
    return bytes(simplejpeg.encode_jpeg(drawn, _JPEG_QUALITY, "RGB"))


def _around_device(photo: Photo, inspection: Inspection) -> Crop:
    height, width = photo.rgb.shape[:2]
    if inspection.outline is None:
        return slice(0, height), slice(0, width)
    corners = np.asarray(inspection.outline) * photo.scale
    margin_px = _MARGIN_SHARE * float((corners.max(axis=0) - corners.min(axis=0)).max())
    left, top = np.floor(corners.min(axis=0) - margin_px).astype(int)
    right, bottom = np.ceil(corners.max(axis=0) + margin_px).astype(int)
    return slice(max(0, int(top)), min(height, int(bottom))), slice(max(0, int(left)), min(width, int(right)))


def _shifted(inspection: Inspection, x_px: float, y_px: float) -> Inspection:
    """The inspection as if the photo began at (x, y)."""

    def moved(polygon: tuple[Point, ...]) -> tuple[Point, ...]:
        return tuple((x - x_px, y - y_px) for x, y in polygon)

    return inspection.model_copy(
        update={
            "outline": None if inspection.outline is None else moved(inspection.outline),
            "defects": tuple(d.model_copy(update={"polygon": moved(d.polygon)}) for d in inspection.defects),
            "contamination": tuple(
                d.model_copy(update={"polygon": moved(d.polygon)}) for d in inspection.contamination
            ),
        }
    )
