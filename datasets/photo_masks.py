"""Where annotations lie in the picture: from surface millimetres to masks in photo pixels."""

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.datasets.annotations.annotation import (
    CLASS_BIT,
    LABEL_MIN_WIDTH_MM,
    annotation_of,
    local_mask,
    mm_from_raster,
)
from phonegrade.datasets.manifest import AnnotationRecord, PhotoRecord


@dataclass(frozen=True)
class PhotoMask:
    """The pixels of one annotation in a window of the photo; `origin` is the window's first pixel (x, y)."""

    record: AnnotationRecord
    mask: NDArray[np.bool_]
    origin: tuple[int, int]

    @property
    def bbox(self) -> tuple[int, int, int, int]:
        """x, y, width and height of the pixels in the photo."""
        x, y, width, height = cv2.boundingRect(self.mask.astype(np.uint8))
        return x + self.origin[0], y + self.origin[1], width, height

    @property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns of the photo."""
        x, y = self.origin
        return slice(y, y + self.mask.shape[0]), slice(x, x + self.mask.shape[1])


def masks_on_photo(root: Path, record: PhotoRecord) -> list[PhotoMask]:
    """Return every annotation that covers a pixel of the photo: what is shown of a visible one, where another lies.

    Lines are at least one pixel and LABEL_MIN_WIDTH_MM wide, as in the label.
    """
    if record.label is None or record.photo_from_mm is None or record.mm_per_px is None or record.size_mm is None:
        return []
    label = np.asarray(cv2.imread(str(root / record.label), cv2.IMREAD_UNCHANGED), np.uint16)
    photo_from_mm = np.array(record.photo_from_mm).reshape(3, 3)
    photo_from_label = photo_from_mm @ mm_from_raster(label.shape, record.size_mm)
    masks = []
    for annotation in record.annotations:
        mask, origin = _drawn(annotation, photo_from_mm, record.mm_per_px, record.photo_wh)
        if annotation.visible:
            mask &= _shown((label & CLASS_BIT[annotation.kind]) > 0, photo_from_label, mask.shape, origin)
        if mask.any():
            masks.append(PhotoMask(annotation, mask, origin))
    return masks


def _drawn(
    record: AnnotationRecord, photo_from_mm: NDArray[np.float64], mm_per_px: float, photo_wh: tuple[int, int]
) -> tuple[NDArray[np.bool_], tuple[int, int]]:
    """The pixels of the annotation as if nothing hid it."""

    def to_photo(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(cv2.perspectiveTransform(points[None], photo_from_mm)[0] + 0.5, np.float64)

    annotation = annotation_of(record)
    least_px = max(1.0, LABEL_MIN_WIDTH_MM / mm_per_px)
    strokes = tuple(
        replace(stroke, points=to_photo(stroke.points), width_mm=max(stroke.width_mm / mm_per_px, least_px))
        for stroke in annotation.strokes
    )
    on_photo = replace(annotation, strokes=strokes, regions=tuple(to_photo(region) for region in annotation.regions))
    return local_mask(on_photo, photo_wh[::-1], 1.0)


def _shown(
    shown: NDArray[np.bool_], photo_from_label: NDArray[np.float64], shape: tuple[int, ...], origin: tuple[int, int]
) -> NDArray[np.bool_]:
    """Where the label's pixels are `shown`, in the window (h, w) of the photo."""
    here = np.array([[1, 0, -origin[0]], [0, 1, -origin[1]], [0, 0, 1]]) @ photo_from_label
    wide = cv2.dilate(shown.astype(np.uint8), np.ones((3, 3), np.uint8))
    return np.asarray(cv2.warpPerspective(wide, here, shape[1::-1], flags=cv2.INTER_NEAREST) > 0)
