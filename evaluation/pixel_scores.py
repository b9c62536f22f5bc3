"""Pixel scores of probability maps at every threshold at once."""

import numpy as np
from numpy.typing import NDArray

BINS = 100


class PixelScores:
    """Histograms of the probabilities on true and on sound pixels, per class; F1 at any of `BINS` thresholds.

    Sound pixels that touch a true one count neither way: a label's rim is never exact.
    """

    def __init__(self, classes: tuple[str, ...]) -> None:
        self.classes = classes
        self.positive = np.zeros((len(classes), BINS), np.int64)
        self.negative = np.zeros((len(classes), BINS), np.int64)

    def add(
        self, index: int, probability: NDArray[np.float32], target: NDArray[np.bool_], rim: NDArray[np.bool_]
    ) -> None:
        """Count one class's pixels; three arrays of one shape. `rim` is what counts neither way."""
        at = np.minimum((probability * BINS).astype(np.int64), BINS - 1)
        self.positive[index] += np.bincount(at[target & ~rim], minlength=BINS)
        self.negative[index] += np.bincount(at[~target & ~rim], minlength=BINS)

    def f1(self, index: int) -> NDArray[np.float64]:
        """F1 (BINS,) of one class at the thresholds 0, 1/BINS, ...; zeros for a class that was never present."""
        hit = self.positive[index][::-1].cumsum()[::-1]
        false = self.negative[index][::-1].cumsum()[::-1]
        missed = self.positive[index].sum() - hit
        return np.asarray(2 * hit / np.maximum(2 * hit + false + missed, 1), np.float64)

    def best(self, index: int, lowest: float, highest: float) -> tuple[float, float]:
        """(threshold, F1) where F1 is best between the two bounds; 0.5 for a class that was never present."""
        curve = self.f1(index)
        if not self.positive[index].any():
            return 0.5, 0.0
        low, high = round(lowest * BINS), round(highest * BINS)
        at = low + int(np.argmax(curve[low : high + 1]))
        return at / BINS, float(curve[at])
