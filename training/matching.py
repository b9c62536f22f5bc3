"""Which found marks are true, and which true marks were found, at every confidence at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

NEAR_MM = 1.0
"""How far a found pixel may lie from the truth and still be right."""
TRUE_SHARE = 0.5
"""Share of a found mark that must lie near the truth."""
FOUND_SHARE = 0.3
"""Share of a true mark that found marks must reach."""

Found = tuple[float, NDArray[np.bool_]]
"""(confidence, pixels on the canvas) of one found mark."""


@dataclass
class Tally:
    """Of one kind: (confidence, is true) of each found mark, and for each true mark the confidence that finds it."""

    found: list[tuple[float, bool]] = field(default_factory=list)
    true: list[float] = field(default_factory=list)

    def add(
        self,
        found: Sequence[Found],
        true: Sequence[NDArray[np.bool_]],
        anywhere: NDArray[np.bool_],
        ignored: NDArray[np.bool_],
        px_per_mm: float,
    ) -> None:
        """Count one canvas; `anywhere` (H, W) is where the kind is at all; found marks on `ignored` do not count."""
        near = _grown(anywhere, NEAR_MM * px_per_mm)
        reached = np.zeros(anywhere.shape, np.float32)
        for confidence, mask in found:
            pixels = max(int(mask.sum()), 1)
            is_true = float((mask & near).sum()) / pixels >= TRUE_SHARE
            if is_true or float((mask & ignored).sum()) / pixels < TRUE_SHARE:
                self.found.append((confidence, is_true))
            reached = np.maximum(reached, confidence * _grown(mask, NEAR_MM / 2 * px_per_mm))
        self.true += [float(np.quantile(reached[mask], 1 - FOUND_SHARE, method="lower")) for mask in true]

    def precision(self, confidence: float) -> float | None:
        """Share of marks found from `confidence` on that are true; None when nothing was found."""
        kept = [is_true for at, is_true in self.found if at >= confidence]
        return float(np.mean(kept)) if kept else None

    def recall(self, confidence: float) -> float | None:
        """Share of true marks that marks from `confidence` on find; None when there are none."""
        return float(np.mean([0 < at >= confidence for at in self.true])) if self.true else None

    def f1(self, confidence: float) -> float:
        """Harmonic mean of both; 0 when either is missing."""
        precision, recall = self.precision(confidence) or 0.0, self.recall(confidence) or 0.0
        return 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0


def _grown(mask: NDArray[np.bool_], by_px: float) -> NDArray[np.bool_]:
    side = 2 * round(by_px) + 1
    return cv2.dilate(mask.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))) > 0
