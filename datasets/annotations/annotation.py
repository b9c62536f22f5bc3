"""Annotations: a defect or patch of dirt as vectors in surface millimetres, the one source of picture and truth."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.vocabulary import SEGMENTER_CLASSES
from phonegrade.datasets.annotations.raster import region_cover, stroke_cover
from phonegrade.datasets.manifest import AnnotationTruth

CLASS_BIT: dict[str, int] = {name: 1 << i for i, name in enumerate(SEGMENTER_CLASSES)}
IGNORE_BIT = 1 << len(SEGMENTER_CLASSES)
"""Set where an annotation exists but is not visible in this photo: neither trained on nor evaluated."""

LABEL_MIN_WIDTH_MM = 0.25
"""True strokes are drawn at least this wide, two canvas pixels, so that hairlines survive the half-scale head."""

_PAD_PX = 4
_HALF = 0.5 - 1e-3


@dataclass(frozen=True)
class Stroke:
    """A polyline: `points` (N, 2) mm, x right and y down from the surface's top left; `width_mm` is its own."""

    points: NDArray[np.float64]
    width_mm: float
    strength: float = 1.0

    @property
    def length_mm(self) -> float:
        """Length along the curve."""
        return float(np.hypot(*np.diff(self.points, axis=0).T).sum())


@dataclass(frozen=True)
class Annotation:
    """One instance. `regions` are closed polygons (N, 2) mm; `kind` is one of SEGMENTER_CLASSES."""

    kind: str
    style: str
    strokes: tuple[Stroke, ...] = ()
    regions: tuple[NDArray[np.float64], ...] = ()
    depth_mm: float = 0.0

    @property
    def length_mm(self) -> float:
        """Summed stroke length, or the longest diameter of its regions where it has no stroke."""
        if self.strokes and self.kind in ("scratch", "crack"):
            return sum(stroke.length_mm for stroke in self.strokes)
        points = np.concatenate([*self.regions, *(stroke.points for stroke in self.strokes)]).astype(np.float32)
        (_, size, _) = cv2.minAreaRect(points)
        return float(max(size))

    @property
    def width_mm(self) -> float:
        """Length-weighted mean stroke width, or the shorter side of the regions' smallest box."""
        if self.strokes and self.kind in ("scratch", "crack"):
            lengths = np.array([stroke.length_mm for stroke in self.strokes])
            widths = np.array([stroke.width_mm for stroke in self.strokes])
            return float((lengths * widths).sum() / max(lengths.sum(), 1e-9))
        points = np.concatenate([*self.regions, *(stroke.points for stroke in self.strokes)]).astype(np.float32)
        (_, size, _) = cv2.minAreaRect(points)
        return float(min(size))


def annotation_mask(annotation: Annotation, shape_hw: tuple[int, int], px_per_mm: float) -> NDArray[np.bool_]:
    """Return the pixels (H, W) that `annotation` covers by half or more; lines are LABEL_MIN_WIDTH_MM wide or wider."""
    mask = np.zeros(shape_hw, bool)
    for region in annotation.regions:
        rows, cols = _window(region, 1, shape_hw, px_per_mm)
        origin_mm = np.array([cols.start, rows.start]) / px_per_mm
        shape = (rows.stop - rows.start, cols.stop - cols.start)
        mask[rows, cols] |= region_cover(region - origin_mm, shape, px_per_mm) >= _HALF
    if annotation.strokes:
        widths_mm = [max(stroke.width_mm, LABEL_MIN_WIDTH_MM) for stroke in annotation.strokes]
        points = np.concatenate([stroke.points for stroke in annotation.strokes])
        rows, cols = _window(points, 2 + max(widths_mm) * px_per_mm, shape_hw, px_per_mm)
        origin_mm = np.array([cols.start, rows.start]) / px_per_mm
        paths = [_not_shorter(stroke.points, LABEL_MIN_WIDTH_MM) - origin_mm for stroke in annotation.strokes]
        shape = (rows.stop - rows.start, cols.stop - cols.start)
        mask[rows, cols] |= stroke_cover(paths, widths_mm, shape, px_per_mm) >= _HALF
    return mask


def _not_shorter(points: NDArray[np.float64], least_mm: float) -> NDArray[np.float64]:
    """A grain's `points` (N, 2) mm drawn out to `least_mm`."""
    span = float(np.hypot(*(points[-1] - points[0])))
    if span >= least_mm or len(points) > 2:
        return points
    middle = points.mean(axis=0)
    way = (points[-1] - points[0]) / span if span > 0 else np.array([1.0, 0.0])
    return np.stack([middle - way * least_mm / 2, middle + way * least_mm / 2])


def _window(
    points: NDArray[np.float64], pad_px: float, shape_hw: tuple[int, int], px_per_mm: float
) -> tuple[slice, slice]:
    """Rows and columns of the canvas (H, W) that hold `points` (N, 2) mm, and `pad_px` round them."""
    limit = np.array(shape_hw[::-1])
    low = np.clip(np.floor(points.min(axis=0) * px_per_mm - pad_px).astype(int), 0, limit - 1)
    high = np.clip(np.ceil(points.max(axis=0) * px_per_mm + pad_px).astype(int), low + 1, limit)
    return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))


def canvas_hw(size_mm: tuple[float, float], px_per_mm: float) -> tuple[int, int]:
    """Return (height, width) in pixels of a surface of (width, height) mm."""
    return round(size_mm[1] * px_per_mm), round(size_mm[0] * px_per_mm)


def local_mask(
    annotation: Annotation, canvas: tuple[int, int], px_per_mm: float
) -> tuple[NDArray[np.bool_], tuple[int, int]]:
    """Return the pixels of `annotation` in a window of the canvas (H, W), and the window's first pixel (x, y)."""
    points = np.concatenate([*annotation.regions, *(stroke.points for stroke in annotation.strokes)]) * px_per_mm
    low = np.maximum(np.floor(points.min(axis=0)).astype(int) - _PAD_PX, 0)
    high = np.minimum(np.ceil(points.max(axis=0)).astype(int) + _PAD_PX, canvas[::-1])
    width, height = np.maximum(high - low, 1).tolist()
    moved = replace(
        annotation,
        strokes=tuple(replace(stroke, points=stroke.points - low / px_per_mm) for stroke in annotation.strokes),
        regions=tuple(region - low / px_per_mm for region in annotation.regions),
    )
    return annotation_mask(moved, (height, width), px_per_mm), (int(low[0]), int(low[1]))


def annotation_of(truth: AnnotationTruth) -> Annotation:
    """Return the annotation of a record, rounded as it was written."""
    strokes = zip(truth.strokes, truth.stroke_widths_mm, strict=True)
    return Annotation(
        truth.kind,
        truth.style,
        tuple(Stroke(np.array(points), width) for points, width in strokes),
        tuple(np.array(region) for region in truth.regions),
        truth.depth_mm,
    )


def mm_from_raster(shape_hw: tuple[int, ...], size_mm: tuple[float, float]) -> NDArray[np.float64]:
    """Return (3, 3) from pixels of a raster that spans the surface, centres at whole numbers, to surface mm."""
    x, y = size_mm[0] / shape_hw[1], size_mm[1] / shape_hw[0]
    return np.array([[x, 0, x / 2], [0, y, y / 2], [0, 0, 1]])
