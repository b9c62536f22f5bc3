"""Draws what was found onto the photo, for a person to check."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.configs.inspection import Defect, Inspection, Point
from phonegrade.configs.vocabulary import DefectKind

RGB = NDArray[np.uint8]
KIND_RGB = {
    DefectKind.CRACK: (230, 30, 30),
    DefectKind.SCRATCH: (255, 150, 0),
    DefectKind.SCUFF: (200, 60, 220),
    DefectKind.CHIP: (255, 225, 0),
    DefectKind.DENT: (40, 110, 255),
}
DIRT_RGB = (0, 170, 170)
OUTLINE_RGB = (0, 200, 80)
FILL = 0.35
LONG_SIDE_PX = 1600
"""Overlays are for the eye: larger photos are drawn at this size."""
LABEL_PX_SHARE = 0.011
FONT = cv2.FONT_HERSHEY_SIMPLEX
Box = tuple[int, int, int, int]
MAX_LABELS = 25
"""More labels than this hide what they name; the surest defects get theirs."""


def draw_overlay(rgb: RGB, inspection: Inspection, *, scale: float = 1.0) -> RGB:
    """A copy of the photo (H, W, 3) with outline, defects by kind, and contamination as thin lines.

    `scale` is the pixels of `rgb` per full-size pixel, `Photo.scale` for a decoded photo; the result's long side is at
    most `LONG_SIDE_PX`.
    """
    shrink = min(1.0, LONG_SIDE_PX / max(rgb.shape[:2]))
    size = (max(1, round(rgb.shape[1] * shrink)), max(1, round(rgb.shape[0] * shrink)))
    picture = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA) if shrink < 1 else rgb.copy()
    scale *= shrink
    thick = max(1, round(max(size) / 700))
    filled = picture.copy()
    for defect in inspection.defects:
        cv2.fillPoly(filled, [_points(defect.polygon, scale)], KIND_RGB[defect.kind])
    picture = np.asarray(cv2.addWeighted(filled, FILL, picture, 1.0 - FILL, 0.0), np.uint8)
    if inspection.outline is not None:
        cv2.polylines(picture, [_points(inspection.outline, scale)], True, OUTLINE_RGB, thick, cv2.LINE_AA)
    for dirt in inspection.contamination:
        cv2.polylines(picture, [_points(dirt.polygon, scale)], True, DIRT_RGB, 1, cv2.LINE_AA)
    for defect in inspection.defects:  # thin, so that the mark itself can still be seen
        cv2.polylines(picture, [_points(defect.polygon, scale)], True, KIND_RGB[defect.kind], 1, cv2.LINE_AA)
    taken: list[Box] = []
    for defect in inspection.defects[:MAX_LABELS]:
        _label(picture, defect, _points(defect.polygon, scale), taken)
    return picture


def _points(polygon: tuple[Point, ...], scale: float) -> NDArray[np.int32]:
    return np.asarray(np.round((np.asarray(polygon) + 0.5) * scale - 0.5), np.int32)


def _label(picture: RGB, defect: Defect, points: NDArray[np.int32], taken: list[Box]) -> None:
    """Write id, kind and length beside the mark, moved down until it covers no earlier label."""
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
