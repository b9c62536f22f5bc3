"""Figures of a folder of real photos, with intervals by photo."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from phonegrade.core.vocabulary import DefectKind
from phonegrade.evaluation.bootstrap import Bootstrap, Statistic, Weights, auroc, mean, recall_at, rounded
from phonegrade.evaluation.figures import Headlines, RealFigures
from phonegrade.evaluation.real_photos import CLEAN, LINEAR, THRESHOLDS, ScratchCounts, Told

SHIPPED = len(THRESHOLDS)
"""Column of the counts that holds the shipped limits."""


def summarise_real(told: Sequence[Told], manifest_sha256: str) -> RealFigures:
    """Every figure of the photos; those that a folder has nothing for are left out."""
    bootstrap = Bootstrap([one.photo.file for one in told])
    sound = _by_label([one for one in told if not one.photo.has_damage])
    outlined = [one for one in told if one.scratches is not None]
    best = best_threshold([one.scratches for one in told if one.scratches is not None])
    at = None if best is None else THRESHOLDS[best]
    caught = {} if best is None else {"best": _caught(outlined, best), "shipped": _caught(outlined, SHIPPED)}
    linear = {} if at is None else {label: _linear(photos, at) for label, photos in sound.items()}
    return RealFigures(
        manifest_sha256=manifest_sha256,
        photos=len(told),
        unanswered=sum(one.shipped is None for one in told),
        labels=dict(Counter(label for one in told for label in sorted(one.photo.labels))),
        key_metrics={
            **_cracks(told, bootstrap),
            **_scratches(outlined, bootstrap),
            **_false_alarms(sound, bootstrap),
        },
        false_kinds={label: _kinds(photos) for label, photos in sound.items()},
        scratches_found=caught,
        best_threshold=at,
        linear_at_best_threshold=linear,
    )


def best_threshold(counts: Sequence[ScratchCounts]) -> int | None:
    """Column of THRESHOLDS with the greatest F1, the lowest of equals; None without outlined scratches."""
    if not counts:
        return None
    return int(np.argmax(_scores(_stacked(counts), np.ones(len(counts)))[0, :SHIPPED]))


def _stacked(counts: Sequence[ScratchCounts]) -> NDArray[np.int64]:
    return np.stack([one.pixels for one in counts])


def _scores(pixels: NDArray[np.int64], weights: Weights) -> NDArray[np.float64]:
    """F1, precision and recall (3, columns) by pixel, of photos (N, 4, columns) with `weights` (N,)."""
    hit, want, good, said = np.tensordot(weights, pixels, axes=1)
    recall, precision = hit / np.maximum(want, 1), good / np.maximum(said, 1)
    f1 = 2 * recall * precision / np.maximum(recall + precision, 1e-9)
    return np.stack([f1, precision, recall])


def _scratches(outlined: Sequence[Told], bootstrap: Bootstrap) -> Headlines:
    counts = [one.scratches for one in outlined if one.scratches is not None]
    if not counts:
        return {}
    pixels, owners = _stacked(counts), [one.photo.file for one in outlined]

    def best(weights: Weights) -> float | None:
        """Each resample picks its own threshold, as the figure itself does."""
        return float(_scores(pixels, weights)[0, :SHIPPED].max())

    def shipped(row: int) -> Statistic:
        return lambda weights: float(_scores(pixels, weights)[row, SHIPPED])

    return {
        "scratch F1, best threshold": bootstrap.estimate(best, owners),
        "scratch F1, shipped limits": bootstrap.estimate(shipped(0), owners),
        "scratch precision, shipped limits": bootstrap.estimate(shipped(1), owners),
        "scratch recall, shipped limits": bootstrap.estimate(shipped(2), owners),
    }


def _cracks(told: Sequence[Told], bootstrap: Bootstrap) -> Headlines:
    cracked = [one for one in told if DefectKind.CRACK in one.photo.labels]
    clean = [one for one in told if one.photo.labels == {CLEAN}]
    damaged = [one for one in told if one.photo.has_damage]
    if not cracked or not clean:
        return {}
    high, low = ([one.top(DefectKind.CRACK) for one in part] for part in (cracked, clean))
    any_high, any_low = ([one.top(*DefectKind) for one in part] for part in (damaged, clean))
    files = [[one.photo.file for one in part] for part in (cracked, clean, damaged)]
    return {
        "crack AUROC": bootstrap.estimate(auroc(high, low), files[0], files[1]),
        "crack recall at no false alarm": bootstrap.estimate(recall_at(high, low, 0.0), files[0], files[1]),
        "crack recall at 5 % false alarms": bootstrap.estimate(recall_at(high, low, 0.05), files[0], files[1]),
        "crack recall, shipped limits": bootstrap.estimate(mean(_has_crack(cracked)), files[0]),
        "clean photos told cracked, shipped limits": bootstrap.estimate(mean(_has_crack(clean)), files[1]),
        "damage AUROC, any kind": bootstrap.estimate(auroc(any_high, any_low), files[2], files[1]),
    }


def _has_crack(photos: Sequence[Told]) -> list[float]:
    return [float(any(defect.kind is DefectKind.CRACK for defect in one.shipped or ())) for one in photos]


def _false_alarms(sound: dict[str, list[Told]], bootstrap: Bootstrap) -> Headlines:
    return {
        f"false defects per {label} photo": bootstrap.estimate(
            mean([len(one.shipped or ()) for one in photos]), [one.photo.file for one in photos]
        )
        for label, photos in sound.items()
    }


def _by_label(photos: Sequence[Told]) -> dict[str, list[Told]]:
    """By what there is to be seen, `clean` first."""
    labels = sorted({";".join(sorted(one.photo.labels)) for one in photos}, key=lambda label: (label != CLEAN, label))
    return {label: [one for one in photos if ";".join(sorted(one.photo.labels)) == label] for label in labels}


def _kinds(photos: Sequence[Told]) -> dict[str, int]:
    counts = Counter(defect.kind.value for one in photos for defect in one.shipped or ())
    return {kind.value: counts[kind.value] for kind in DefectKind}


def _linear(photos: Sequence[Told], threshold: float) -> float:
    counts = [sum(d.kind in LINEAR and d.confidence >= threshold for d in one.everything or ()) for one in photos]
    return rounded(float(np.mean(counts)))


def _caught(outlined: Sequence[Told], column: int) -> str:
    counts = [one.scratches.caught[:, column] for one in outlined if one.scratches is not None]
    caught = np.concatenate(counts)
    return f"{int(caught.sum())}/{len(caught)}"
