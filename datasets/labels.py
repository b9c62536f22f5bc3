"""What of a surface's marks a photo shows: their change in grey levels, and the label under the visibility gate."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.datasets.camera import to_srgb
from phonegrade.datasets.wear.marks import CLASS_BIT, IGNORE_BIT

FloatMap = NDArray[np.float32]
LABEL_PX_PER_MM = 8.0
FADED_SHARE = 0.6
"""A stretch of a line is ignored where its change falls below this share of the visibility gate."""
VISIBLE_OVER_NOISE = 0.7
"""A mark whose change is a smaller share of the picture's noise cannot be told from it."""
_SEEN_PERCENTILE = 80


def change_of(
    sound: FloatMap, marked: FloatMap, gain: float, px_per_mm: float, mm_per_px: float, spread_px: float = 0.0
) -> FloatMap:
    """What the marks change (H, W), in sRGB grey levels, at the photo's sharpness; light is (H, W, 3) and linear.

    `spread_px` is the standard deviation of the lens' blur, in photo pixels. Texels that are brighter and darker than
    without the mark make up for one another within the blur.
    """
    change = _coded(marked, gain) - _coded(sound, gain)
    sigma = max(float(np.hypot(0.5, spread_px)) * mm_per_px * px_per_mm, 0.3)
    return np.abs(cv2.GaussianBlur(change, (0, 0), sigma) * 255).astype(np.float32)


def noise_grey_levels(rgb: NDArray[np.uint8]) -> float:
    """Standard deviation of a picture's noise and grain (H, W, 3), by the median that a blur takes away."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return float(1.48 * np.median(np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 2.0))[::3]))


def grey_level(change: FloatMap, mask: NDArray[np.bool_]) -> float:
    """How much one mark, seen at the pixels of `mask`, changes the picture."""
    inside = change[mask]
    return float(np.percentile(inside, _SEEN_PERCENTILE)) if inside.size else 0.0


def label_of(
    kinds: Sequence[str],
    masks: Sequence[NDArray[np.bool_]],
    levels: Sequence[float],
    near: FloatMap,
    visible_from: float,
) -> NDArray[np.uint16]:
    """Classes of what can be seen, on the grid of `masks` (H, W), LABEL_PX_PER_MM fine.

    `near` is the change in the neighbourhood of each pixel. Invisible marks, and the stretches where a visible line
    fades out, are ignored.
    """
    label = np.zeros(near.shape, np.uint16)
    faded = cv2.blur(near, (9, 9)) < visible_from * FADED_SHARE
    ignored = np.zeros(near.shape, bool)
    for kind, mask, level in zip(kinds, masks, levels, strict=True):
        seen = mask if level >= visible_from else np.zeros_like(mask)
        if kind in ("crack", "scratch"):
            seen = seen & ~faded
        label[seen] |= CLASS_BIT[kind]
        ignored |= mask & ~seen
    label[ignored & (label == 0)] |= IGNORE_BIT
    return label


def _coded(light: FloatMap, gain: float) -> FloatMap:
    grey = cv2.transform(light, np.full((1, 3), gain / 3, np.float32))
    return to_srgb(np.clip(grey, 0, 1))
