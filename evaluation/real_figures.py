"""Figures of a folder of real photos, with intervals by photo."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import Floats
from phonegrade.core.vocabulary import DefectKind
from phonegrade.evaluation import metrics
from phonegrade.evaluation.bootstrap import Bootstrap, Statistic, auroc, mean, recall_at, rounded
from phonegrade.evaluation.figures import KeyMetrics, RealFigures
from phonegrade.evaluation.real_photos import CLEAN, LINEAR, THRESHOLDS, RealPrediction, ScratchCounts

SHIPPED = len(THRESHOLDS)
"""Column of the counts that holds the shipped limits."""


def summarise_real(predictions: Sequence[RealPrediction], manifest_sha256: str) -> RealFigures:
    """Return every figure of the photos; those that a folder has nothing for are left out."""
    bootstrap = Bootstrap([one.photo.file for one in predictions])
    negatives = _by_label([one for one in predictions if not one.photo.has_damage])
    outlined = [one for one in predictions if one.scratches is not None]
    best = best_threshold([one.scratches for one in predictions if one.scratches is not None])
    at = None if best is None else THRESHOLDS[best]
    detected = {} if best is None else {"best": _detected(outlined, best), "shipped": _detected(outlined, SHIPPED)}
    linear = {} if at is None else {label: _linear(photos, at) for label, photos in negatives.items()}
    return RealFigures(
        manifest_sha256=manifest_sha256,
        photos=len(predictions),
        unanswered=sum(one.shipped is None for one in predictions),
        labels=dict(Counter(label for one in predictions for label in sorted(one.photo.labels))),
        key_metrics={
            **_cracks(predictions, bootstrap),
            **_scratches(outlined, bootstrap),
            **_false_positives(negatives, bootstrap),
        },
        false_kinds={label: _kinds(photos) for label, photos in negatives.items()},
        scratches_detected=detected,
        best_threshold=at,
        linear_at_best_threshold=linear,
    )


def best_threshold(counts: Sequence[ScratchCounts]) -> int | None:
    """Return the column of THRESHOLDS with the greatest F1, the lowest of equals; None without outlined scratches."""
    if not counts:
        return None
    return int(np.argmax(_scores(_stacked(counts), np.ones(len(counts)))[0, :SHIPPED]))


def _stacked(counts: Sequence[ScratchCounts]) -> NDArray[np.int64]:
    return np.stack([one.pixels for one in counts])


def _scores(pixels: NDArray[np.int64], weights: Floats) -> NDArray[np.float64]:
    """Return F1, precision and recall (3, columns) by pixel, of photos (N, 4, columns) with `weights` (N,)."""
    detected, true, correct, predicted = np.tensordot(weights, pixels, axes=1)
    recall, precision = detected / np.maximum(true, 1), correct / np.maximum(predicted, 1)
    f1 = 2 * recall * precision / np.maximum(recall + precision, 1e-9)
    return np.stack([f1, precision, recall])


def _scratches(outlined: Sequence[RealPrediction], bootstrap: Bootstrap) -> KeyMetrics:
    counts = [one.scratches for one in outlined if one.scratches is not None]
    if not counts:
        return {}
    pixels, owners = _stacked(counts), [one.photo.file for one in outlined]

    def best(weights: Floats) -> float | None:
        """Return the F1 at the best threshold of each resample."""
        return float(_scores(pixels, weights)[0, :SHIPPED].max())

    def shipped(row: int) -> Statistic:
        return lambda weights: float(_scores(pixels, weights)[row, SHIPPED])

    return {
        metrics.SCRATCH_F1.name: bootstrap.estimate(best, owners),
        metrics.SCRATCH_F1_SHIPPED.name: bootstrap.estimate(shipped(0), owners),
        metrics.SCRATCH_PRECISION_SHIPPED.name: bootstrap.estimate(shipped(1), owners),
        metrics.SCRATCH_RECALL_SHIPPED.name: bootstrap.estimate(shipped(2), owners),
    }


def _cracks(predictions: Sequence[RealPrediction], bootstrap: Bootstrap) -> KeyMetrics:
    cracked = [one for one in predictions if DefectKind.CRACK in one.photo.labels]
    clean = [one for one in predictions if one.photo.labels == {CLEAN}]
    damaged = [one for one in predictions if one.photo.has_damage]
    if not cracked or not clean:
        return {}
    high, low = ([one.top(DefectKind.CRACK) for one in part] for part in (cracked, clean))
    any_high, any_low = ([one.top(*DefectKind) for one in part] for part in (damaged, clean))
    files = [[one.photo.file for one in part] for part in (cracked, clean, damaged)]
    return {
        metrics.CRACK_AUROC.name: bootstrap.estimate(auroc(high, low), files[0], files[1]),
        metrics.CRACK_RECALL_AT_NONE.name: bootstrap.estimate(recall_at(high, low, 0.0), files[0], files[1]),
        metrics.CRACK_RECALL_AT_5.name: bootstrap.estimate(recall_at(high, low, 0.05), files[0], files[1]),
        metrics.CRACK_RECALL_SHIPPED.name: bootstrap.estimate(mean(_has_crack(cracked)), files[0]),
        metrics.CLEAN_REPORTED_CRACKED.name: bootstrap.estimate(mean(_has_crack(clean)), files[1]),
        metrics.DAMAGE_AUROC.name: bootstrap.estimate(auroc(any_high, any_low), files[2], files[1]),
    }


def _has_crack(photos: Sequence[RealPrediction]) -> list[float]:
    return [float(any(defect.kind is DefectKind.CRACK for defect in one.shipped or ())) for one in photos]


def _false_positives(negatives: dict[str, list[RealPrediction]], bootstrap: Bootstrap) -> KeyMetrics:
    return {
        metrics.false_per_photo(label).name: bootstrap.estimate(
            mean([len(one.shipped or ()) for one in photos]), [one.photo.file for one in photos]
        )
        for label, photos in negatives.items()
    }


def _by_label(photos: Sequence[RealPrediction]) -> dict[str, list[RealPrediction]]:
    """Group photos by their labels, `clean` first."""
    labels = sorted({";".join(sorted(one.photo.labels)) for one in photos}, key=lambda label: (label != CLEAN, label))
    return {label: [one for one in photos if ";".join(sorted(one.photo.labels)) == label] for label in labels}


def _kinds(photos: Sequence[RealPrediction]) -> dict[str, int]:
    counts = Counter(defect.kind.value for one in photos for defect in one.shipped or ())
    return {kind.value: counts[kind.value] for kind in DefectKind}


def _linear(photos: Sequence[RealPrediction], threshold: float) -> float:
    counts = [sum(d.kind in LINEAR and d.confidence >= threshold for d in one.unfiltered or ()) for one in photos]
    return rounded(float(np.mean(counts)))


def _detected(outlined: Sequence[RealPrediction], column: int) -> str:
    counts = [one.scratches.detected[:, column] for one in outlined if one.scratches is not None]
    detected = np.concatenate(counts)
    return f"{int(detected.sum())}/{len(detected)}"
