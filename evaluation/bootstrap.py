"""Estimates with their intervals: whole devices are resampled, since photos of one device are alike.

Efron and Tibshirani, An Introduction to the Bootstrap, 1993: percentile intervals over clusters. A resample is a weight
for each row, so every statistic here is a function of weights.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import Floats
from phonegrade.core.strict import Strict

RESAMPLES = 1000
COVERAGE = 0.95

Statistic = Callable[..., float | None]
"""A statistic of one or more sets of rows, given the weights of each set's rows; None where it is undefined."""


class Estimate(Strict):
    """A value, its 95 % interval, and the number of rows that it is estimated from."""

    value: float | None
    low: float | None
    high: float | None
    count: int


class Bootstrap:
    """Resamples of a set of owners (devices or photos), the same for every statistic."""

    def __init__(self, owners: Sequence[str], seed: int = 0, resamples: int = RESAMPLES) -> None:
        names = sorted(set(owners))
        self.number = {name: index for index, name in enumerate(names)}
        share = np.full(len(names), 1 / max(len(names), 1))
        rng = np.random.default_rng(seed)
        self.times = rng.multinomial(len(names), share, size=resamples) if names else np.zeros((resamples, 0), int)

    def estimate(self, statistic: Statistic, *owners: Sequence[str], coverage: float = COVERAGE) -> Estimate:
        """Return `statistic` of row sets whose rows belong to `owners`, with the interval of that `coverage`."""
        rows = [np.array([self.number[name] for name in names], np.intp) for names in owners]
        count = sum(map(len, rows))
        value = statistic(*(np.ones(len(at)) for at in rows))
        if value is None:
            return Estimate(value=None, low=None, high=None, count=count)
        drawn = (statistic(*(times[at].astype(np.float64) for at in rows)) for times in self.times)
        values = [one for one in drawn if one is not None]
        tail = (1 - coverage) / 2
        low, high = np.quantile(values, [tail, 1 - tail]) if values else (value, value)
        return Estimate(value=rounded(value), low=rounded(low), high=rounded(high), count=count)


def rounded(value: float) -> float:
    """Return `value` to six decimals, which two machines agree on."""
    return round(float(value), 6)


def mean(values: Sequence[float]) -> Statistic:
    """Return the mean of the rows."""
    array = np.asarray(values, np.float64)

    def of(weights: Floats) -> float | None:
        total = float(weights.sum())
        return float((weights * array).sum()) / total if total > 0 else None

    return of


def quantile(values: Sequence[float], share: float) -> Statistic:
    """Return the smallest value that `share` of the rows do not exceed."""
    array = np.sort(np.asarray(values, np.float64))
    order = np.argsort(np.asarray(values, np.float64), kind="stable")

    def of(weights: Floats) -> float | None:
        below = np.cumsum(weights[order])
        if not len(below) or below[-1] <= 0:
            return None
        at = int(np.searchsorted(below, share * below[-1] - 1e-9))
        return float(array[min(at, len(array) - 1)])

    return of


def average_precision(
    confidence: Sequence[float], is_true: Sequence[bool], detected_from: Sequence[float]
) -> Statistic:
    """Return the area under the interpolated precision-recall curve; weights of detections, then of ground truth."""
    confidences, are_true = np.asarray(confidence), np.asarray(is_true, np.float64)
    reached = np.asarray(detected_from)

    def of(detection_weights: Floats, true_weights: Floats) -> float | None:
        if true_weights.sum() <= 0:
            return None
        _, precision, recall = curve(confidences, are_true, reached, detection_weights, true_weights)
        best = np.maximum.accumulate(precision[::-1])[::-1]
        return float((np.diff(recall, prepend=0.0) * best).sum())

    return of


def curve(
    confidence: NDArray[np.float64],
    is_true: NDArray[np.float64],
    detected_from: NDArray[np.float64],
    detection_weights: Floats,
    true_weights: Floats,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return (threshold, precision, recall) at every confidence, falling; precision is 0 without detections."""
    thresholds = np.unique(np.concatenate([confidence, detected_from[detected_from > 0]]))[::-1]
    predicted = _from(confidence, detection_weights, thresholds)
    true = _from(confidence, detection_weights * is_true, thresholds)
    detected = _from(detected_from, true_weights, thresholds)
    precision = np.divide(true, predicted, out=np.zeros_like(true), where=predicted > 0)
    return thresholds, precision, detected / max(float(true_weights.sum()), 1e-12)


def _from(values: NDArray[np.float64], weights: Floats, thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weight of the values from each threshold on."""
    order = np.argsort(values, kind="stable")
    above = np.concatenate([np.cumsum(weights[order][::-1])[::-1], [0.0]])
    return np.asarray(above[np.searchsorted(values[order], thresholds, side="left")], np.float64)


def auroc(positive: Sequence[float], negative: Sequence[float]) -> Statistic:
    """Return the chance that a positive scores above a negative, ties counted half."""
    high, low = np.asarray(positive)[:, None], np.asarray(negative)[None]
    wins = (high > low) + 0.5 * (high == low)

    def of(positive_weights: Floats, negative_weights: Floats) -> float | None:
        total = positive_weights.sum() * negative_weights.sum()
        return float(positive_weights @ wins @ negative_weights / total) if total > 0 else None

    return of


def recall_at(positive: Sequence[float], negative: Sequence[float], allowed: float) -> Statistic:
    """Return the recall at the lowest threshold that at most the share `allowed` of the negatives exceeds."""
    high, low = np.asarray(positive), np.asarray(negative)
    order = np.argsort(-low, kind="stable")

    def of(positive_weights: Floats, negative_weights: Floats) -> float | None:
        total = float(negative_weights.sum())
        if total <= 0 or positive_weights.sum() <= 0:
            return None
        passed = np.cumsum(negative_weights[order])
        at = min(int(np.searchsorted(passed, np.floor(allowed * total + 1e-9), side="right")), len(low) - 1)
        return float((positive_weights * (high > low[order][at])).sum() / positive_weights.sum())

    return of


def calibration_error(confidence: Sequence[float], is_true: Sequence[bool], bins: int) -> Statistic:
    """Return the expected calibration error (Naeini et al., AAAI 2015): mean gap of confidence and truth over bins."""
    confidences, are_true = np.asarray(confidence), np.asarray(is_true, np.float64)
    at = np.minimum((confidences * bins).astype(np.intp), bins - 1)

    def of(weights: Floats) -> float | None:
        total = float(weights.sum())
        if total <= 0:
            return None
        gaps = np.bincount(at, weights * (are_true - confidences), minlength=bins)
        return float(np.abs(gaps).sum() / total)

    return of
