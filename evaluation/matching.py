"""Which found marks are true, and which true marks were found, at every confidence at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

NEAR_MM = 1.0
"""How far a found pixel may lie from the truth and still be right."""
TRUE_SHARE = 0.5
"""Share of a found mark's rim that must lie near the truth."""
FOUND_SHARE = 0.3
"""Share of a true mark that found marks must reach."""

Plane = NDArray[np.bool_]


@dataclass(frozen=True)
class MaskPatch:
    """The pixels of one mark in a window of the canvas."""

    mask: Plane
    """(h, w)"""
    origin: tuple[int, int]
    """(x, y) of the window's first pixel."""

    def cut(self, hw: tuple[int, int]) -> "MaskPatch":
        """What of it lies on a canvas (H, W); an empty window where nothing does."""
        x, y = self.origin
        rows = slice(max(0, -y), max(0, min(self.mask.shape[0], hw[0] - y)))
        columns = slice(max(0, -x), max(0, min(self.mask.shape[1], hw[1] - x)))
        return MaskPatch(self.mask[rows, columns], (max(x, 0), max(y, 0)))

    def of(self, plane: Plane) -> Plane:
        """The same window of a plane (H, W) that holds it whole."""
        x, y = self.origin
        return plane[y : y + self.mask.shape[0], x : x + self.mask.shape[1]]

    @cached_property
    def rim(self) -> "MaskPatch":
        """Its border pixels: a web of cracks is judged by its lines, not by the sound shards within its contour."""
        if not self.mask.size:
            return self
        inner = cv2.erode(self.mask.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=0) > 0
        return MaskPatch(self.mask & ~inner, self.origin)

    def grown(self, by_px: float) -> "MaskPatch":
        """The pixels within `by_px` of it, in a window that may stick out of the canvas."""
        pad = int(np.ceil(by_px))
        return MaskPatch(grown(np.pad(self.mask, pad), by_px), (self.origin[0] - pad, self.origin[1] - pad))

    def share_on(self, plane: Plane) -> float:
        """Share of its pixels where `plane` (H, W) is true."""
        return float((self.mask & self.of(plane)).sum()) / max(int(self.mask.sum()), 1)

    def share_in(self, other: "MaskPatch") -> float:
        """Share of its pixels that `other` holds too."""
        x = max(self.origin[0], other.origin[0])
        y = max(self.origin[1], other.origin[1])
        right = min(self.origin[0] + self.mask.shape[1], other.origin[0] + other.mask.shape[1])
        below = min(self.origin[1] + self.mask.shape[0], other.origin[1] + other.mask.shape[0])
        if x >= right or y >= below:
            return 0.0
        window = MaskPatch(np.ones((below - y, right - x), np.bool_), (x, y))
        both = self._within(window) & other._within(window)
        return float(both.sum()) / max(int(self.mask.sum()), 1)

    def _within(self, window: "MaskPatch") -> Plane:
        return MaskPatch(window.mask, (window.origin[0] - self.origin[0], window.origin[1] - self.origin[1])).of(
            self.mask
        )


@dataclass(frozen=True)
class MatchedDetection:
    """One found mark on the canvas."""

    confidence: float
    patch: MaskPatch


@dataclass
class MatchTally:
    """Of one kind: (confidence, is true) of each found mark, and for each true mark the confidence that finds it."""

    found: list[tuple[float, bool]] = field(default_factory=list)
    true: list[float] = field(default_factory=list)

    def add(
        self,
        found: Sequence[MatchedDetection],
        true: Sequence[MaskPatch],
        anywhere: Plane,
        ignored: Plane,
        px_per_mm: float,
    ) -> None:
        """Count one canvas; `anywhere` (H, W) is where the kind is at all; found marks on `ignored` do not count."""
        near = grown(anywhere, NEAR_MM * px_per_mm)
        hidden = around_hidden(ignored, px_per_mm)
        verdicts = [(one.confidence, verdict(one.patch, near, hidden)) for one in found]
        self.found += [(confidence, is_true) for confidence, is_true in verdicts if is_true is not None]
        reached = reach(found, anywhere.shape, px_per_mm)
        self.true += [found_from(mark, reached) for mark in true]

    def precision(self, confidence: float) -> float | None:
        """Share of marks found from `confidence` on that are true; None when nothing was found."""
        kept = [is_true for at, is_true in self.found if at >= confidence]
        return float(np.mean(kept)) if kept else None

    def recall(self, confidence: float) -> float | None:
        """Share of true marks that marks from `confidence` on find; None when there are none."""
        return float(np.mean([0 < at >= confidence for at in self.true])) if self.true else None

    def f2(self, confidence: float) -> float:
        """Harmonic mean of both, recall counting twice (van Rijsbergen's F2, 1979); 0 when either is missing."""
        precision, recall = self.precision(confidence) or 0.0, self.recall(confidence) or 0.0
        return 5 * precision * recall / (4 * precision + recall) if precision + recall > 0 else 0.0


def around_hidden(ignored: Plane, px_per_mm: float) -> Plane:
    """Where a found mark lies on what is there but is said not to be seen: within half of NEAR_MM of `ignored` (H, W).

    A mask is wider than the hairline that it was read from.
    """
    return grown(ignored, NEAR_MM / 2 * px_per_mm)


def verdict(found: MaskPatch, near: Plane, hidden: Plane) -> bool | None:
    """Whether a found mark is true; None where it counts neither way, as it lies on what cannot be seen.

    `near` (H, W) holds the pixels within NEAR_MM of a true mark, `hidden` those of `around_hidden`.
    """
    rim = found.rim
    is_true = rim.share_on(near) >= TRUE_SHARE
    return None if not is_true and rim.share_on(hidden) >= TRUE_SHARE else is_true


def reach(found: Sequence[MatchedDetection], canvas_hw: tuple[int, ...], px_per_mm: float) -> NDArray[np.float32]:
    """The confidence (H, W) of the surest found mark within half of NEAR_MM of each pixel, 0 where there is none."""
    height, width = canvas_hw
    reached = np.zeros((height, width), np.float32)
    for one in found:
        around = one.patch.grown(NEAR_MM / 2 * px_per_mm).cut((height, width))
        x, y = around.origin
        part = reached[y : y + around.mask.shape[0], x : x + around.mask.shape[1]]
        np.maximum(part, np.float32(one.confidence) * around.mask, out=part)
    return reached


def found_from(mark: MaskPatch, reached: NDArray[np.float32]) -> float:
    """The confidence up to which FOUND_SHARE of a true mark is reached; 0 where it never is."""
    x, y = mark.origin
    window = reached[y : y + mark.mask.shape[0], x : x + mark.mask.shape[1]]
    return float(np.quantile(window[mark.mask], 1 - FOUND_SHARE, method="lower"))


def grown(mask: Plane, by_px: float) -> Plane:
    """The pixels of (H, W) within `by_px` of a true one."""
    if not mask.any():
        return np.zeros_like(mask)
    distance = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(distance <= by_px)
