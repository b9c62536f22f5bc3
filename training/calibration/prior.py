"""Takes back what the make-up of the training tiles does to probabilities: cracks are more common there than on phones.

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
"""A class with fewer pixels of the map in the validation photos keeps its odds."""
FARTHEST = 6.0
"""No class is shifted by more."""
_BINS = 2400
_LIMIT = 12.0
_CENTRES = (np.arange(_BINS) + 0.5) * (2 * _LIMIT / _BINS) - _LIMIT


def label_shifts(model: OnnxModel[SegmenterCard], truths: Truths) -> dict[str, float]:
    """By class, the shift of the log odds after which whole surfaces show as much of it as they are predicted to.

    The rim of a mark, one pixel of the map, counts neither way.
    """
    seen, true = np.zeros((len(SEGMENTER_CLASSES), _BINS)), np.zeros(len(SEGMENTER_CLASSES))
    for truth in truths():
        probability = segment(truth.rgb, model)
        hw = probability.shape[1:]
        hidden = _on_map(truth.ignored | ~truth.inside, hw)
        for index, name in enumerate(SEGMENTER_CLASSES):
            marked = _on_map(truth.classes[name], hw)
            counted = ~hidden & (marked | ~grown(marked, 1))
            seen[index] += _histogram(probability[index][counted])
            true[index] += (marked & counted).sum()
    return {
        name: round(shift_to(seen[index], float(true[index])), 3)
        for index, name in enumerate(SEGMENTER_CLASSES)
        if true[index] >= LEAST_PX
    }


def shift_to(histogram: NDArray[np.float64], true: float) -> float:
    """The shift of log odds, counted in `histogram`, after which their probabilities add up to `true`, by bisection."""
    low, high = -FARTHEST, FARTHEST
    while high - low > 1e-4:
        middle = (low + high) / 2
        expected = float((histogram / (1 + np.exp(-(_CENTRES + middle)))).sum())
        low, high = (low, middle) if expected > true else (middle, high)
    return (low + high) / 2


def _on_map(plane: NDArray[np.bool_], hw: tuple[int, ...]) -> NDArray[np.bool_]:
    """A plane of the canvas on the map (h, w), where a pixel is true if one of its own is, as in the training tiles."""
    return np.asarray(cv2.resize(plane.astype(np.uint8) * 255, hw[::-1], interpolation=cv2.INTER_AREA) > 0)


def _histogram(probability: NDArray[np.float32]) -> NDArray[np.float64]:
    kept = np.clip(probability.astype(np.float64), 1e-7, 1 - 1e-7)
    odds = np.clip(np.log(kept / (1 - kept)), -_LIMIT, _LIMIT - 1e-6)
    return np.bincount(((odds + _LIMIT) * (_BINS / (2 * _LIMIT))).astype(int), minlength=_BINS).astype(np.float64)
