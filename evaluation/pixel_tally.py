"""Pixel precision, recall and overlap of masks, with a tolerance at the rim."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phonegrade.evaluation.matching import grown

TOLERANCE_MM = 0.5
"""How far a pixel may lie from the other mask and still agree with it."""


@dataclass
class PixelTally:
    """Counts of one class over one or many canvases."""

    found: int = 0
    found_right: int = 0
    true: int = 0
    true_found: int = 0
    both: int = 0
    either: int = 0
    """Of the masks as they are, without the tolerance."""

    def add(
        self, found: NDArray[np.bool_], true: NDArray[np.bool_], ignored: NDArray[np.bool_], px_per_mm: float
    ) -> None:
        """Count one canvas; three planes (H, W), `ignored` pixels are never held against a found mask."""
        if not found.any() and not true.any():
            return
        reach = TOLERANCE_MM * px_per_mm
        near_true = grown(true, reach)
        judged = found & (near_true | ~ignored)
        self.found += int(judged.sum())
        self.found_right += int((judged & near_true).sum())
        self.true += int(true.sum())
        self.true_found += int((true & grown(found, reach)).sum())
        self.both += int((found & true).sum())
        self.either += int(((found & ~ignored) | true).sum())

    def __add__(self, other: "PixelTally") -> "PixelTally":
        return PixelTally(
            self.found + other.found,
            self.found_right + other.found_right,
            self.true + other.true,
            self.true_found + other.true_found,
            self.both + other.both,
            self.either + other.either,
        )

    def f1(self) -> float | None:
        """Harmonic mean of precision and recall; None for a class that was never there."""
        if self.true == 0:
            return None
        precision, recall = self.found_right / max(self.found, 1), self.true_found / self.true
        return 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0
