"""Pixel precision and recall of masks, with a tolerance at the rim."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

TOLERANCE_MM = 0.5
"""How far a pixel may lie from the other mask and still agree with it."""


@dataclass
class PixelTally:
    """Counts of one class over many canvases."""

    found: int = 0
    found_right: int = 0
    true: int = 0
    true_found: int = 0

    def add(
        self, found: NDArray[np.bool_], true: NDArray[np.bool_], ignored: NDArray[np.bool_], px_per_mm: float
    ) -> None:
        """Count one canvas; four planes (H, W), `ignored` pixels are never held against a found mask."""
        side = 2 * round(TOLERANCE_MM * px_per_mm) + 1
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
        near_true = cv2.dilate(true.astype(np.uint8), disc) > 0
        near_found = cv2.dilate(found.astype(np.uint8), disc) > 0
        judged = found & (near_true | ~ignored)
        self.found += int(judged.sum())
        self.found_right += int((judged & near_true).sum())
        self.true += int(true.sum())
        self.true_found += int((true & near_found).sum())

    def f1(self) -> float | None:
        """Harmonic mean of precision and recall; None for a class that was never there."""
        if self.true == 0:
            return None
        precision, recall = self.found_right / max(self.found, 1), self.true_found / self.true
        return 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0
