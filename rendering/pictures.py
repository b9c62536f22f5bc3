"""Typed shorthands for what every drawn picture needs of OpenCV."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap

FRACTION_BITS = 4
"""Of the fixed-point coordinates that `fixed` gives and OpenCV's drawing takes as `shift`."""


def blurred(picture: NDArray[Any], sigma_px: float) -> FloatMap:
    """`picture` (H, W) or (H, W, C) under a Gaussian of that standard deviation."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma_px), np.float32)


def times(picture: NDArray[Any], tone: FloatMap) -> FloatMap:
    """Every channel of `picture` (H, W, 3) times `tone` (H, W); three times as fast as to broadcast."""
    return np.asarray(cv2.multiply(picture, cv2.merge((tone, tone, tone))), np.float32)


def dyed(picture: FloatMap, colour: Sequence[float] | NDArray[np.floating]) -> FloatMap:
    """`picture` (H, W, 3) times `colour` (3,)."""
    red, green, blue = (float(channel) for channel in colour)
    return np.asarray(cv2.multiply(picture, np.array([red, green, blue, 0.0])), np.float32)


def fixed(points: NDArray[Any]) -> NDArray[np.int32]:
    """Coordinates for OpenCV to draw at a fraction of a pixel, with `shift=FRACTION_BITS`."""
    return np.asarray(np.round(points * 2**FRACTION_BITS), np.int32)


def fixed_point(point: NDArray[Any]) -> tuple[int, int]:
    """One point (2,) as `fixed` gives it."""
    x, y = fixed(point).tolist()
    return int(x), int(y)
