"""Draws what was found onto the photo, for a person to check."""

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from phonegrade.core.arrays import RGB
from phonegrade.core.inspection import Defect, Inspection, Point
from phonegrade.core.vocabulary import DefectKind
from phonegrade.inference.photo.decode import decode
from phonegrade.inference.photo.photo import Photo

KIND_RGB = {
    DefectKind.CRACK: (230, 30, 30),
    DefectKind.SCRATCH: (255, 150, 0),
    DefectKind.SCUFF: (200, 60, 220),
    DefectKind.CHIP: (255, 225, 0),
    DefectKind.DENT: (40, 110, 255),
}
DIRT_RGB = (0, 170, 170)
OUTLINE_RGB = (0, 200, 80)
HALO_RGB = (20, 20, 20)
"""Behind each line, so that it shows on light and dark bodies alike."""
GAP_SHARE = 1 / 320
"""How far beside a defect its outline runs, as a share of the picture's long side: the defect itself stays visible."""
LEAST_GAP_PX = 3
LONG_SIDE_PX = 1600
"""Overlays are for the eye: larger photos are drawn at this size."""
QUALITY = 88
"""Of the JPEG."""
LABEL_PX_SHARE = 0.011
FONT = cv2.FONT_HERSHEY_SIMPLEX
Box = tuple[int, int, int, int]
MAX_LABELS = 25
"""More labels than this hide what they name; the surest defects get theirs."""


def overlay_jpeg(photo: Photo, inspection: Inspection) -> bytes:
    """Return the photo with what `inspection` holds drawn onto it, as JPEG."""
    drawn = draw_overlay(photo.rgb, inspection, scale=photo.scale)
    return bytes(simplejpeg.encode_jpeg(drawn, QUALITY, "RGB"))


def scaled_jpeg(data: bytes, width_px: int) -> bytes:
    """Return a photo file upright as JPEG, at most `width_px` wide and never enlarged. Raises the PhotoError family."""
    rgb = decode(data, long_side_px=4 * width_px).rgb
    height, width = rgb.shape[:2]
    if width > width_px:
        size = (width_px, max(1, round(height * width_px / width)))
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    return bytes(simplejpeg.encode_jpeg(np.ascontiguousarray(rgb), QUALITY, "RGB"))


def draw_overlay(rgb: RGB, inspection: Inspection, *, scale: float = 1.0) -> RGB:
    """A copy of the photo (H, W, 3) with the body's outline, defects by kind, and contamination as thin lines.

    Nothing is filled and every line runs beside its defect, so that a person can check it.

    `scale` is the pixels of `rgb` per full-size pixel, `Photo.scale` for a decoded photo; the result's long side is at
    most `LONG_SIDE_PX`.
    """
    reduction = min(1.0, LONG_SIDE_PX / max(rgb.shape[:2]))
    size = (max(1, round(rgb.shape[1] * reduction)), max(1, round(rgb.shape[0] * reduction)))
    picture = rgb.copy()
    if reduction < 1:
        picture = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    scale *= reduction
    thick = max(1, round(max(size) / 700))
    if inspection.outline is not None:
        cv2.polylines(picture, [points_px(inspection.outline, scale)], True, OUTLINE_RGB, thick, cv2.LINE_AA)
    for dirt in inspection.contamination:
        cv2.polylines(picture, [points_px(dirt.polygon, scale)], True, DIRT_RGB, 1, cv2.LINE_AA)
    gap_px = max(LEAST_GAP_PX, round(max(size) * GAP_SHARE))
    around = [
        (line, KIND_RGB[defect.kind])
        for defect in inspection.defects
        for line in beside(points_px(defect.polygon, scale), gap_px)
    ]
    for line, _ in around:
        cv2.polylines(picture, [line], True, HALO_RGB, thick + 2, cv2.LINE_AA)
    for line, colour in around:
        cv2.polylines(picture, [line], True, colour, thick, cv2.LINE_AA)
    taken: list[Box] = []
    for defect in inspection.defects[:MAX_LABELS]:
        _label(picture, defect, points_px(defect.polygon, scale), taken)
    return picture


def beside(points: NDArray[np.int32], gap_px: int) -> list[NDArray[np.int32]]:
    """Return closed lines (N, 2), `gap_px` outside of the polygon `points` (N, 2), one for each part."""
    corner = points.min(axis=0) - gap_px - 1
    width, height = points.max(axis=0) - corner + gap_px + 2
    mask = np.zeros((int(height), int(width)), np.uint8)
    cv2.fillPoly(mask, [points - corner], 1)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * gap_px + 1, 2 * gap_px + 1))
    grown = cv2.dilate(mask, disc)
    contours, _ = cv2.findContours(grown, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return [np.asarray(line.reshape(-1, 2) + corner, np.int32) for line in contours]


def points_px(polygon: tuple[Point, ...], scale: float) -> NDArray[np.int32]:
    """Return the corners (N, 2) of a polygon in full-size pixels, in a picture at `scale` of them."""
    return np.asarray(np.round((np.asarray(polygon) + 0.5) * scale - 0.5), np.int32)


def _label(picture: RGB, defect: Defect, points: NDArray[np.int32], taken: list[Box]) -> None:
    """Write id, kind and length beside the defect, moved down until it covers no earlier label."""
    size = max(0.4, max(picture.shape[:2]) * LABEL_PX_SHARE / 22)
    length = "" if defect.length_mm is None else f" {defect.length_mm:.1f} mm"
    text = f"{defect.id.rsplit('-', 1)[-1]} {defect.kind}{length}"
    (width, height), below = cv2.getTextSize(text, FONT, size, 1)
    pad = max(2, height // 4)
    height += below + 2 * pad
    x = int(np.clip(points[:, 0].max() + 2 * pad, 0, max(0, picture.shape[1] - width - 2 * pad)))
    y = int(np.clip(points[points[:, 0].argmax(), 1] - height // 2, 0, max(0, picture.shape[0] - height)))
    box = (x, y, x + width + 2 * pad, y + height)
    while any(_overlaps(box, other) for other in taken) and box[3] + height < picture.shape[0]:
        box = (box[0], box[1] + height, box[2], box[3] + height)
    taken.append(box)
    cv2.rectangle(picture, box[:2], box[2:], (20, 20, 20), cv2.FILLED)
    cv2.rectangle(picture, box[:2], box[2:], KIND_RGB[defect.kind], 1)
    at = (box[0] + pad, box[3] - pad - below)
    cv2.putText(picture, text, at, FONT, size, (255, 255, 255), 1, cv2.LINE_AA)


def _overlaps(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
