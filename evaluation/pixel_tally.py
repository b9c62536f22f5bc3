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

    predicted: int = 0
    predicted_true: int = 0
    true: int = 0
    true_detected: int = 0
    both: int = 0
    either: int = 0
    """Of the masks as they are, without the tolerance."""

    def add(
        self, predicted: NDArray[np.bool_], true: NDArray[np.bool_], ignored: NDArray[np.bool_], px_per_mm: float
    ) -> None:
        """Count one canvas of three planes (H, W); predictions on `ignored` pixels are no false positives."""
        if not predicted.any() and not true.any():
            return
        reach = TOLERANCE_MM * px_per_mm
        near_true = grown(true, reach)
        evaluated = predicted & (near_true | ~ignored)
        self.predicted += int(evaluated.sum())
        self.predicted_true += int((evaluated & near_true).sum())
        self.true += int(true.sum())
        self.true_detected += int((true & grown(predicted, reach)).sum())
        self.both += int((predicted & true).sum())
        self.either += int(((predicted & ~ignored) | true).sum())

    def __add__(self, other: "PixelTally") -> "PixelTally":
        return PixelTally(
            self.predicted + other.predicted,
            self.predicted_true + other.predicted_true,
            self.true + other.true,
            self.true_detected + other.true_detected,
            self.both + other.both,
            self.either + other.either,
        )

    def f1(self) -> float | None:
        """Return the harmonic mean of precision and recall; None for a class that was never present."""
        if self.true == 0:
            return None
        precision, recall = self.predicted_true / max(self.predicted, 1), self.true_detected / self.true
        return 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0
