"""Pixel scores of probability maps at every threshold at once."""

import numpy as np
from numpy.typing import NDArray

BINS = 100


class PixelScores:
    """Histograms of the probabilities on positive and negative pixels, per class; F1 at any of `BINS` thresholds.

    Negative pixels that touch a positive one are ignored: a label's rim is never exact.
    """

    def __init__(self, classes: tuple[str, ...]) -> None:
        self.classes = classes
        self.positive = np.zeros((len(classes), BINS), np.int64)
        self.negative = np.zeros((len(classes), BINS), np.int64)

    def add(
        self, index: int, probability: NDArray[np.float32], target: NDArray[np.bool_], rim: NDArray[np.bool_]
    ) -> None:
        """Count one class's pixels; three arrays of one shape. pixels of `rim` are ignored."""
        at = np.minimum((probability * BINS).astype(np.int64), BINS - 1)
        self.positive[index] += np.bincount(at[target & ~rim], minlength=BINS)
        self.negative[index] += np.bincount(at[~target & ~rim], minlength=BINS)

    def f1(self, index: int) -> NDArray[np.float64]:
        """Return F1 (BINS,) of one class at the thresholds 0, 1/BINS, ...; zeros for a class that was never present."""
        true_positive = self.positive[index][::-1].cumsum()[::-1]
        false_positive = self.negative[index][::-1].cumsum()[::-1]
        false_negative = self.positive[index].sum() - true_positive
        total = 2 * true_positive + false_positive + false_negative
        return np.asarray(2 * true_positive / np.maximum(total, 1), np.float64)

    def best(self, index: int, lowest: float, highest: float) -> tuple[float, float]:
        """Return (threshold, F1) where F1 is best between the two bounds; 0.5 for a class that was never present."""
        curve = self.f1(index)
        if not self.positive[index].any():
            return 0.5, 0.0
        low, high = round(lowest * BINS), round(highest * BINS)
        at = low + int(np.argmax(curve[low : high + 1]))
        return at / BINS, float(curve[at])
