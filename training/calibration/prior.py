"""Label shift: corrects probabilities for class frequencies, as training tiles hold more cracks than phones do.

Shifting a class' log odds by a constant is what another share of it does to an ideal classifier (Saerens, Latinne and
Decaestecker, "Adjusting the outputs of a classifier to new a priori probabilities", Neural Computation 2002).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.vocabulary import SEGMENTER_CLASSES
from phonegrade.evaluation.matching import grown
from phonegrade.evaluation.truth import Truths
from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.defects.segment import segment
from phonegrade.inference.session import OnnxModel

LEAST_PX = 200
"""A class with fewer pixels of the map in the validation photos is not shifted."""
MAX_SHIFT = 6.0
"""Bound on the shift, in log odds."""
_BINS = 2400
_LIMIT = 12.0
_CENTRES = (np.arange(_BINS) + 0.5) * (2 * _LIMIT / _BINS) - _LIMIT


def label_shifts(model: OnnxModel[SegmenterCard], truths: Truths) -> dict[str, float]:
    """Return, by class, the shift of the log odds after which the predicted area on whole surfaces equals the true one.

    The rim of an annotation, one pixel of the map, is ignored.
    """
    predicted, true = np.zeros((len(SEGMENTER_CLASSES), _BINS)), np.zeros(len(SEGMENTER_CLASSES))
    for truth in truths():
        probability = segment(truth.rgb, model)
        hw = probability.shape[1:]
        ignored = _on_map(truth.ignored | ~truth.valid_mask, hw)
        for index, name in enumerate(SEGMENTER_CLASSES):
            positive = _on_map(truth.classes[name], hw)
            counted = ~ignored & (positive | ~grown(positive, 1))
            predicted[index] += _histogram(probability[index][counted])
            true[index] += (positive & counted).sum()
    return {
        name: round(label_shift(predicted[index], float(true[index])), 3)
        for index, name in enumerate(SEGMENTER_CLASSES)
        if true[index] >= LEAST_PX
    }


def label_shift(histogram: NDArray[np.float64], true: float) -> float:
    """Find the shift of the log odds in `histogram` after which their probabilities add up to `true`, by bisection."""
    low, high = -MAX_SHIFT, MAX_SHIFT
    while high - low > 1e-4:
        middle = (low + high) / 2
        expected = float((histogram / (1 + np.exp(-(_CENTRES + middle)))).sum())
        low, high = (low, middle) if expected > true else (middle, high)
    return (low + high) / 2


def _on_map(plane: NDArray[np.bool_], hw: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return a plane of the canvas on the map (h, w), true where any of its pixels is, as in the training tiles."""
    return np.asarray(cv2.resize(plane.astype(np.uint8) * 255, hw[::-1], interpolation=cv2.INTER_AREA) > 0)


def _histogram(probability: NDArray[np.float32]) -> NDArray[np.float64]:
    clipped = np.clip(probability.astype(np.float64), 1e-7, 1 - 1e-7)
    odds = np.clip(np.log(clipped / (1 - clipped)), -_LIMIT, _LIMIT - 1e-6)
    return np.bincount(((odds + _LIMIT) * (_BINS / (2 * _LIMIT))).astype(int), minlength=_BINS).astype(np.float64)
