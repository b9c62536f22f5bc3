"""Matches detections to the ground truth, at every confidence at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import Mask

NEAR_MM = 1.0
"""How far a detected pixel may lie from the ground truth and still be a true positive."""
TRUE_SHARE = 0.5
"""Share of a detection's rim that must lie near the ground truth."""
DETECTED_SHARE = 0.3
"""Share of a ground-truth defect that detections must reach."""


@dataclass(frozen=True)
class MaskPatch:
    """The pixels of one defect in a window of the canvas."""

    mask: Mask
    """(h, w)"""
    origin: tuple[int, int]
    """(x, y) of the window's first pixel."""

    def cut(self, hw: tuple[int, int]) -> "MaskPatch":
        """Return the part of it on a canvas (H, W); an empty window where there is none."""
        x, y = self.origin
        rows = slice(max(0, -y), max(0, min(self.mask.shape[0], hw[0] - y)))
        columns = slice(max(0, -x), max(0, min(self.mask.shape[1], hw[1] - x)))
        return MaskPatch(self.mask[rows, columns], (max(x, 0), max(y, 0)))

    def of(self, plane: Mask) -> Mask:
        """Return the same window of a plane (H, W) that holds it whole."""
        x, y = self.origin
        return plane[y : y + self.mask.shape[0], x : x + self.mask.shape[1]]

    @cached_property
    def rim(self) -> "MaskPatch":
        """Its border pixels: a web of cracks is matched by its lines, not by the intact glass within its contour."""
        if not self.mask.size:
            return self
        inner = cv2.erode(self.mask.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=0) > 0
        return MaskPatch(self.mask & ~inner, self.origin)

    def grown(self, by_px: float) -> "MaskPatch":
        """Return the pixels within `by_px` of it, in a window that may stick out of the canvas."""
        pad = int(np.ceil(by_px))
        return MaskPatch(grown(np.pad(self.mask, pad), by_px), (self.origin[0] - pad, self.origin[1] - pad))

    def share_on(self, plane: Mask) -> float:
        """Return the share of its pixels where `plane` (H, W) is true."""
        return float((self.mask & self.of(plane)).sum()) / max(int(self.mask.sum()), 1)

    def share_in(self, other: "MaskPatch") -> float:
        """Return the share of its pixels that `other` holds too."""
        x = max(self.origin[0], other.origin[0])
        y = max(self.origin[1], other.origin[1])
        right = min(self.origin[0] + self.mask.shape[1], other.origin[0] + other.mask.shape[1])
        below = min(self.origin[1] + self.mask.shape[0], other.origin[1] + other.mask.shape[0])
        if x >= right or y >= below:
            return 0.0
        window = MaskPatch(np.ones((below - y, right - x), np.bool_), (x, y))
        both = self._within(window) & other._within(window)
        return float(both.sum()) / max(int(self.mask.sum()), 1)

    def _within(self, window: "MaskPatch") -> Mask:
        return MaskPatch(window.mask, (window.origin[0] - self.origin[0], window.origin[1] - self.origin[1])).of(
            self.mask
        )


@dataclass(frozen=True)
class MatchedDetection:
    """One detection on the canvas, to be matched."""

    confidence: float
    patch: MaskPatch


@dataclass
class MatchTally:
    """Of one kind: (confidence, is true) of each detection, and the confidence up to which each defect is detected."""

    detections: list[tuple[float, bool]] = field(default_factory=list)
    ground_truth: list[float] = field(default_factory=list)

    def add(
        self,
        detections: Sequence[MatchedDetection],
        ground_truth: Sequence[MaskPatch],
        class_mask: Mask,
        ignored: Mask,
        px_per_mm: float,
    ) -> None:
        """Count one canvas; `class_mask` (H, W) is true where the kind is; detections on `ignored` do not count."""
        near = grown(class_mask, NEAR_MM * px_per_mm)
        ignore = ignore_region(ignored, px_per_mm)
        verdicts = [(one.confidence, verdict(one.patch, near, ignore)) for one in detections]
        self.detections += [(confidence, is_true) for confidence, is_true in verdicts if is_true is not None]
        reached = reach(detections, class_mask.shape, px_per_mm)
        self.ground_truth += [detected_from(one, reached) for one in ground_truth]

    def precision(self, confidence: float) -> float | None:
        """Return the share of detections from `confidence` on that are true; None without any."""
        reported = [is_true for at, is_true in self.detections if at >= confidence]
        return float(np.mean(reported)) if reported else None

    def recall(self, confidence: float) -> float | None:
        """Return the share of ground-truth defects detected from `confidence` on; None without any."""
        return float(np.mean([0 < at >= confidence for at in self.ground_truth])) if self.ground_truth else None

    def f2(self, confidence: float) -> float:
        """Return van Rijsbergen's F2 (1979), in which recall counts twice; 0 when precision or recall is missing."""
        precision, recall = self.precision(confidence) or 0.0, self.recall(confidence) or 0.0
        return 5 * precision * recall / (4 * precision + recall) if precision + recall > 0 else 0.0


def ignore_region(ignored: Mask, px_per_mm: float) -> Mask:
    """Return the pixels within half of NEAR_MM of `ignored` (H, W), where a defect exists that the photo cannot show.

    A mask is wider than the hairline that it was read from.
    """
    return grown(ignored, NEAR_MM / 2 * px_per_mm)


def verdict(patch: MaskPatch, near: Mask, ignore: Mask) -> bool | None:
    """Return whether a detection is true; None where it is not evaluated, as it lies on the ignore region.

    `near` (H, W) holds the pixels within NEAR_MM of a ground-truth defect, `ignore` those of `ignore_region`.
    """
    rim = patch.rim
    is_true = rim.share_on(near) >= TRUE_SHARE
    return None if not is_true and rim.share_on(ignore) >= TRUE_SHARE else is_true


def reach(detections: Sequence[MatchedDetection], canvas_hw: tuple[int, ...], px_per_mm: float) -> NDArray[np.float32]:
    """Return the greatest confidence (H, W) of a detection within half of NEAR_MM of each pixel, 0 without one."""
    height, width = canvas_hw
    reached = np.zeros((height, width), np.float32)
    for one in detections:
        around = one.patch.grown(NEAR_MM / 2 * px_per_mm).cut((height, width))
        x, y = around.origin
        part = reached[y : y + around.mask.shape[0], x : x + around.mask.shape[1]]
        np.maximum(part, np.float32(one.confidence) * around.mask, out=part)
    return reached


def detected_from(defect: MaskPatch, reached: NDArray[np.float32]) -> float:
    """Return the confidence up to which DETECTED_SHARE of a ground-truth defect is reached; 0 where it never is."""
    x, y = defect.origin
    window = reached[y : y + defect.mask.shape[0], x : x + defect.mask.shape[1]]
    return float(np.quantile(window[defect.mask], 1 - DETECTED_SHARE, method="lower"))


def grown(mask: Mask, by_px: float) -> Mask:
    """Return the pixels of (H, W) within `by_px` of a true one."""
    if not mask.any():
        return np.zeros_like(mask)
    distance = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(distance <= by_px)
