"""A mark: one defect or patch of dirt as vectors in surface millimetres, the single source of picture and truth."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.configs.vocabulary import SEGMENTER_CLASSES

CLASS_BIT: dict[str, int] = {name: 1 << i for i, name in enumerate(SEGMENTER_CLASSES)}
IGNORE_BIT = 1 << len(SEGMENTER_CLASSES)
"""Set where a mark exists but cannot be seen in this photo: the network is not asked about it."""

LABEL_MIN_WIDTH_MM = 0.25
"""Truth strokes are drawn at least this wide, two canvas pixels, so that hairlines survive the half-scale head."""

_SUBPIXEL_BITS = 4
_FINER = 4


@dataclass(frozen=True)
class Stroke:
    """A polyline: `points` (N, 2) mm, x right and y down from the surface's top left; `width_mm` is the mark's own."""

    points: NDArray[np.float64]
    width_mm: float
    strength: float = 1.0

    @property
    def length_mm(self) -> float:
        """Length along the curve."""
        return float(np.hypot(*np.diff(self.points, axis=0).T).sum())


@dataclass(frozen=True)
class Mark:
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


def mark_mask(mark: Mark, shape_hw: tuple[int, int], px_per_mm: float) -> NDArray[np.bool_]:
    """Pixels of the canvas (H, W) that `mark` covers."""
    mask = np.zeros(shape_hw, np.uint8)
    if mark.regions:
        for region in mark.regions:
            cv2.fillPoly(mask, [to_fixed(region, px_per_mm)], 1, shift=_SUBPIXEL_BITS)
    if mark.strokes and (not mark.regions or mark.kind in ("scratch", "crack")):
        _add_strokes(mask, mark.strokes, px_per_mm)
    return mask.astype(bool)


def _add_strokes(mask: NDArray[np.uint8], strokes: tuple[Stroke, ...], px_per_mm: float) -> None:
    """Sets the pixels that strokes cover by half or more.

    Drawn as polygons, finer and averaged: OpenCV's own thick lines run too wide.
    """
    points = np.concatenate([stroke.points for stroke in strokes]) * px_per_mm
    pad = 2 + max(stroke.width_mm for stroke in strokes) * px_per_mm
    low = np.maximum(np.floor(points.min(axis=0) - pad).astype(int), 0)
    high = np.minimum(np.ceil(points.max(axis=0) + pad).astype(int), mask.shape[::-1])
    width, height = np.maximum(high - low, 1)
    fine = np.zeros((height * _FINER, width * _FINER), np.uint8)
    for stroke in strokes:
        half_px = max(stroke.width_mm, LABEL_MIN_WIDTH_MM) * px_per_mm * _FINER / 2 - 0.5
        path = (stroke.points * px_per_mm - low) * _FINER - 0.5
        along = np.diff(path, axis=0)
        side = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.maximum(np.hypot(*along.T), 1e-9)[:, None] * half_px
        quads = np.stack([path[:-1] + side, path[1:] + side, path[1:] - side, path[:-1] - side], axis=1)
        for quad in np.round(quads * (1 << _SUBPIXEL_BITS)).astype(np.int32):
            cv2.fillConvexPoly(fine, quad, 255, shift=_SUBPIXEL_BITS)
        for point in np.round(path[1:-1]).astype(np.int32).tolist():
            cv2.circle(fine, point, round(half_px), 255, -1)
    covered = cv2.resize(fine, (int(width), int(height)), interpolation=cv2.INTER_AREA) >= 128
    mask[low[1] : high[1], low[0] : high[0]][covered[: high[1] - low[1], : high[0] - low[0]]] = 1


def canvas_hw(size_mm: tuple[float, float], px_per_mm: float) -> tuple[int, int]:
    """(height, width) in pixels of a surface of (width, height) mm."""
    return round(size_mm[1] * px_per_mm), round(size_mm[0] * px_per_mm)


def to_fixed(points_mm: NDArray[np.float64], px_per_mm: float) -> NDArray[np.int32]:
    """Points (N, 2) mm as OpenCV's fixed-point pixel coordinates; pixel centres lie at (i + 0.5) / px_per_mm."""
    return np.round((points_mm * px_per_mm - 0.5) * (1 << _SUBPIXEL_BITS)).astype(np.int32)
