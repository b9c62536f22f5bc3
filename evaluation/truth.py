"""A rendered photo rectified by its own ground truth, with every visible annotation."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.vocabulary import DefectKind
from phonegrade.datasets.annotations.annotation import CLASS_BIT, IGNORE_BIT, annotation_of, local_mask
from phonegrade.datasets.manifest import AnnotationRecord, PhotoRecord
from phonegrade.evaluation.matching import MaskPatch
from phonegrade.inference.locating.rectify import to_canvas
from phonegrade.inference.locating.valid_mask import CHIPPED_RIM_MM, body_on_canvas
from phonegrade.inference.photo.decode import decode

MIN_TRUTH_PX = 8
"""A defect of which the photo shows fewer canvas pixels is not evaluated."""
WHOLE_SHARE = 0.95
"""A defect of which the photo shows less has no length to compare with."""


@dataclass(frozen=True)
class TrueDefect:
    """One visible ground-truth defect or dirt: its annotation and its visible canvas pixels."""

    record: AnnotationRecord
    patch: MaskPatch

    @property
    def length_mm(self) -> float:
        """Its length, of a crack its extent; of scratches drawn side by side, which are one annotation, the longest."""
        if self.record.kind != DefectKind.SCRATCH.value:
            return self.record.graded_length_mm
        return max((stroke.length_mm for stroke in annotation_of(self.record).strokes), default=self.record.length_mm)

    @property
    def has_length(self) -> bool:
        """Whether a detection's length can be compared with its own: it is visible whole, and it is a single defect.

        Scratches drawn side by side are one annotation, but are detected one by one.
        """
        several = self.record.kind == DefectKind.SCRATCH.value and len(self.record.strokes) > 1
        return self.record.shown_share >= WHOLE_SHARE and not several


@dataclass(frozen=True)
class RectifiedSample:
    """Everything on the canvas' grid (H, W) at `px_per_mm`."""

    rgb: NDArray[np.uint8]
    valid_mask: NDArray[np.bool_]
    """Where the photo shows the surface."""
    evaluated: NDArray[np.bool_]
    """Where of that detections count in use: fronts and backs lose their rim."""
    chipped: NDArray[np.bool_]
    """The same for chips, which lose less of it."""
    ignored: NDArray[np.bool_]
    """Where a defect exists that this photo does not show."""
    classes: dict[str, NDArray[np.bool_]]
    annotations: tuple[TrueDefect, ...]
    canvas_from_photo: NDArray[np.float64]
    """Homography (3, 3) from photo pixels."""
    px_per_mm: float


Truths = Callable[[], Iterable[RectifiedSample]]
"""Yields the same canvases at each call."""


def truths_of(root: Path, records: Sequence[PhotoRecord], px_per_mm: float | None = None) -> Truths:
    """Return the surfaces of these photos of the set under `root`, rectified by their ground truth."""
    return lambda: (truth for record in records if (truth := read_truth(root, record, px_per_mm)) is not None)


def read_truth(root: Path, record: PhotoRecord, px_per_mm: float | None = None) -> RectifiedSample | None:
    """Return the ground truth of one photo of the set under `root` at `px_per_mm`, None: as fine as its labels.

    Returns None where the photo shows no device.
    """
    px_per_mm = px_per_mm or record.label_px_per_mm
    if record.label is None or record.photo_from_mm is None or record.size_mm is None or record.corners_px is None:
        return None
    rgb = decode((root / record.photo).read_bytes()).rgb
    label = np.asarray(cv2.imread(str(root / record.label), cv2.IMREAD_UNCHANGED), np.uint16)
    width_mm, height_mm = record.size_mm
    photo_from_mm = np.array(record.photo_from_mm).reshape(3, 3)
    corners = cv2.perspectiveTransform(
        np.array([[[0, 0], [width_mm, 0], [width_mm, height_mm], [0, height_mm]]]), photo_from_mm
    )
    scaled = corners[0] * (rgb.shape[1] / record.photo_wh[0])
    canvas = to_canvas(rgb, np.asarray(scaled, np.float64), record.size_mm, px_per_mm)
    if canvas.rgb.shape[:2] != label.shape:
        label = np.asarray(cv2.resize(label, canvas.rgb.shape[1::-1], interpolation=cv2.INTER_NEAREST), np.uint16)
    valid_mask = _photographed(label.shape, canvas.photo_from_canvas, rgb.shape)
    classes = {name: ((label & bit) > 0) & valid_mask for name, bit in CLASS_BIT.items()}
    defects = (_visible_defect(entry, classes[entry.kind], px_per_mm) for entry in record.annotations if entry.visible)
    full_from_decoded = np.diag([record.photo_wh[0] / rgb.shape[1], record.photo_wh[1] / rgb.shape[0], 1.0])
    canvas_from_photo = np.asarray(np.linalg.inv(full_from_decoded @ canvas.photo_from_canvas), np.float64)
    return RectifiedSample(
        rgb=canvas.rgb,
        valid_mask=valid_mask,
        evaluated=valid_mask & body_on_canvas(canvas, 1, record.view, radius_share=0.0),
        chipped=valid_mask & body_on_canvas(canvas, 1, record.view, 0.0, CHIPPED_RIM_MM),
        ignored=((label & IGNORE_BIT) > 0) | ~valid_mask,
        classes=classes,
        annotations=tuple(mark for mark in defects if mark.patch.mask.sum() >= MIN_TRUTH_PX),
        canvas_from_photo=canvas_from_photo,
        px_per_mm=px_per_mm,
    )


def _photographed(
    hw: tuple[int, int], photo_from_canvas: NDArray[np.float64], photo_hwc: tuple[int, ...]
) -> NDArray[np.bool_]:
    photo = np.ones(photo_hwc[:2], np.uint8)
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    return cv2.warpPerspective(photo, photo_from_canvas, hw[::-1], flags=flags) > 0


def _visible_defect(entry: AnnotationRecord, visible: NDArray[np.bool_], px_per_mm: float) -> TrueDefect:
    drawn = MaskPatch(*local_mask(annotation_of(entry), (visible.shape[0], visible.shape[1]), px_per_mm))
    whole = drawn.cut((visible.shape[0], visible.shape[1]))
    return TrueDefect(entry, MaskPatch(whole.mask & whole.of(visible), whole.origin))
