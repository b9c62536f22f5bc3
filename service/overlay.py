"""The photo with what was found drawn on it."""

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from phonegrade.configs.inspection import Inspection, Point
from phonegrade.configs.vocabulary import Contamination, DefectKind
from phonegrade.inference.decode import decode

COLOURS: dict[DefectKind | Contamination, str] = {
    DefectKind.CRACK: "#d81b3f",
    DefectKind.SCRATCH: "#f57c00",
    DefectKind.SCUFF: "#e0b400",
    DefectKind.CHIP: "#b5179e",
    DefectKind.DENT: "#1e6fe0",
    Contamination.SMUDGE: "#1a9c8c",
    Contamination.OIL: "#1a9c8c",
    Contamination.DUST: "#1a9c8c",
}
"""Told apart by lightness too, for eyes that do not tell red from green; all dirt is one colour, for it is no defect."""
_JPEG_QUALITY = 85
_SUBPIXEL_BITS = 4
_MARGIN_SHARE = 0.006
"""Room between a mark and its frame, of the photo's long side: a frame on the mark would hide the mark."""


def overlay_jpeg(data: bytes, inspection: Inspection, long_side_px: int) -> bytes:
    """JPEG of the photo in `data`, at most `long_side_px` long, with what `inspection` found drawn on it."""
    photo = decode(data, long_side_px=long_side_px)
    pixels = photo.rgb
    shrink = min(1.0, long_side_px / max(pixels.shape[:2]))
    if shrink < 1:
        size = (max(1, round(pixels.shape[1] * shrink)), max(1, round(pixels.shape[0] * shrink)))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    drawn = draw_overlay(pixels, photo.scale * shrink, inspection)
    return bytes(simplejpeg.encode_jpeg(drawn, _JPEG_QUALITY, "RGB"))


def draw_overlay(pixels: NDArray[np.uint8], scale: float, inspection: Inspection) -> NDArray[np.uint8]:
    """RGB (H, W, 3), a copy of `pixels` with body outline, defects numbered in the inspection's order, and dirt.

    `scale` turns the inspection's photo pixels into pixels of `pixels`, which may be a reduced photo.
    """
    canvas = pixels.copy()
    long_px = max(canvas.shape[:2])
    line_px = max(1, round(long_px / 500))
    if inspection.outline is not None:
        _draw_polygon(canvas, inspection.outline, scale, (255, 255, 255), line_px)
    for dirt in inspection.contamination:
        _draw_polygon(canvas, dirt.polygon, scale, _rgb(COLOURS[dirt.kind]), line_px)
    for number, defect in enumerate(inspection.defects, 1):
        colour = _rgb(COLOURS[defect.kind])
        _draw_polygon(canvas, defect.polygon, scale, colour, line_px)
        _draw_number(canvas, number, np.asarray(defect.polygon) * scale, colour, long_px)
    return canvas


def _draw_polygon(
    canvas: NDArray[np.uint8], polygon: tuple[Point, ...], scale: float, colour: tuple[int, int, int], line_px: int
) -> None:
    points = np.round(np.asarray(polygon, np.float64) * scale * 2**_SUBPIXEL_BITS).astype(np.int32)
    cv2.polylines(canvas, [points], True, colour, line_px, cv2.LINE_AA, _SUBPIXEL_BITS)


def _draw_number(
    canvas: NDArray[np.uint8], number: int, points: NDArray[np.float64], colour: tuple[int, int, int], long_px: int
) -> None:
    font, size, weight = cv2.FONT_HERSHEY_DUPLEX, long_px / 1800, max(1, round(long_px / 1200))
    (width, height), _ = cv2.getTextSize(str(number), font, size, weight)
    pad = max(2, round(_MARGIN_SHARE * long_px))
    x = float(np.clip(points[:, 0].max() + 2 * pad, 0, max(0, canvas.shape[1] - width - 2 * pad)))
    y = float(np.clip(points[:, 1].min() - pad, height + 2 * pad, canvas.shape[0] - 1))
    low, high = (round(x), round(y) - height - 2 * pad), (round(x) + width + 2 * pad, round(y))
    cv2.rectangle(canvas, low, high, colour, -1, cv2.LINE_AA)
    cv2.putText(canvas, str(number), (low[0] + pad, high[1] - pad), font, size, (255, 255, 255), weight, cv2.LINE_AA)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
