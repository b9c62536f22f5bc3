"""What a photo shows of a surface's annotations: the change in grey levels, and the label under the visibility gate."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap
from phonegrade.datasets.annotations.annotation import CLASS_BIT, IGNORE_BIT

LABEL_PX_PER_MM = 8.0
FADED_SHARE = 0.6
"""A stretch of a line is ignored where its change falls below this share of the visibility gate."""
VISIBLE_OVER_NOISE = 1.0
"""An annotation that changes the picture by less than its noise is not visible: a person saw none of sixteen."""
_CHANGE_PERCENTILE = 80
_CHANGE_SIGMA_PX = 0.5
_SIGMA_OF_MEDIAN = 1.48
"""Standard deviation of a normal distribution over the median of its absolute values."""
_LEVELS = 4
"""Steps of a grey level in which the noise is measured."""
_NOISE_WINDOW_PX = 25


def change_between(photo: NDArray[np.uint8], clean: NDArray[np.uint8]) -> FloatMap:
    """Return how much (H, W) a photo differs from its clean counterpart, in grey levels; both (H, W, 3)."""
    change = cv2.subtract(_grey(photo), _grey(clean))
    return np.abs(cv2.GaussianBlur(change, (0, 0), _CHANGE_SIGMA_PX))


def noise_map(rgb: NDArray[np.uint8]) -> FloatMap:
    """Return the standard deviation (H, W) of the noise about each pixel, by the median of what a blur takes away.

    Texture counts with the noise; a few edges weigh nothing.
    """
    levels = np.clip(_detail(rgb) * _LEVELS, 0, 255).astype(np.uint8)
    return np.asarray(cv2.medianBlur(levels, _NOISE_WINDOW_PX), np.float32) * np.float32(_SIGMA_OF_MEDIAN / _LEVELS)


def grey_level(change: FloatMap, mask: NDArray[np.bool_]) -> float:
    """Return how much one annotation, at the pixels of `mask`, changes the picture."""
    inside = change[mask]
    return float(np.percentile(inside, _CHANGE_PERCENTILE)) if inside.size else 0.0


def fades_out(near: FloatMap, visible_from: FloatMap | float) -> NDArray[np.bool_]:
    """Return where a line fades out, by the change `near` each pixel (H, W) and by what is visible there."""
    return np.asarray(cv2.blur(near, (9, 9)) < visible_from * np.float32(FADED_SHARE))


def label_of(
    kinds: Sequence[str], masks: Sequence[NDArray[np.bool_]], visible: Sequence[bool], faded: NDArray[np.bool_]
) -> NDArray[np.uint16]:
    """Return the classes of what is visible, on the grid of `masks` (H, W), LABEL_PX_PER_MM fine.

    Invisible annotations, and the stretches where a visible line has `faded`, are ignored.
    """
    label = np.zeros(faded.shape, np.uint16)
    ignored = np.zeros(faded.shape, bool)
    for kind, mask, is_visible in zip(kinds, masks, visible, strict=True):
        shown = mask if is_visible else np.zeros_like(mask)
        if kind in ("crack", "scratch"):
            shown = shown & ~faded
        label[shown] |= CLASS_BIT[kind]
        ignored |= mask & ~shown
    label[ignored & (label == 0)] |= IGNORE_BIT
    return label


def _grey(rgb: NDArray[np.uint8]) -> FloatMap:
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.float32)


def _detail(rgb: NDArray[np.uint8]) -> FloatMap:
    """What a blur takes away (H, W), unsigned."""
    grey = _grey(rgb)
    return np.asarray(np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 2.0)), np.float32)
