"""What light and sharpness of a picture are judged by, each as one number."""

import math

import cv2
import numpy as np

from phonegrade.core.arrays import RGB, FloatMap, Mask
from phonegrade.inference.photo.downscale import downscaled

SMOOTHING_PX, SMOOTHING_TAPS = 1.0, 9
"""Smoothed away at half the canvas' size before edges are judged: noise and grey steps would pass for sharp edges."""
MIRRORED_PX = SMOOTHING_TAPS // 2 + 2
"""Half the smoothing and the two derivatives reach so far in from the border."""
OWN_SPREAD_PX = 1.25**0.5
"""What smoothing and differences make of a perfect step there."""
LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue (ITU-R BT.601)."""
CLIPPED_LEVEL = 250
BRIGHT_BY_ITSELF, DARKER_PERCENT = 180.0, 20.0
"""A zone whose darker fifth is so light is bright itself, white or lit."""
STRONGEST_SHARE = 0.003
"""Share of the gradients that stands for the sharpest edges."""
SAMPLED_PX = 40_000
"""About how many gradients are sampled, evenly over the surface."""


def luminance(picture: RGB) -> float:
    """Return the mean of a picture (H, W, 3), 0 to 255."""
    return float(np.dot(cv2.mean(picture)[:3], LUMA))


def clipped_share(canvas: RGB) -> float:
    """Return the share of the pixels (H, W, 3) that are burnt out."""
    burnt = cv2.inRange(canvas, np.full(3, CLIPPED_LEVEL), np.full(3, 255))
    return cv2.countNonZero(burnt) / burnt.size


def glare_share(canvas: RGB, zone: Mask) -> float:
    """Return the share of the surface (H, W, 3) that glare hides: burnt out pixels of a darker `zone` (H, W).

    A white bezel, a white back or a lit display is bright by itself, and burns out without hiding what a lamp hides.
    """
    inside = canvas[zone]
    if len(inside) == 0:
        return 0.0
    darker = float(np.percentile(inside @ np.asarray(LUMA, np.float32), DARKER_PERCENT))
    if darker >= BRIGHT_BY_ITSELF:
        return 0.0
    return float((inside >= CLIPPED_LEVEL).all(axis=1).sum() / zone.size)


def blur_px(canvas: RGB) -> float:
    """Return the spread (standard deviation, pixels) of the sharpest edges of an RGB picture.

    A step blurred by s has its largest gradient A / (s sqrt(2 pi)) and its largest Laplacian that over s sqrt(e): their
    ratio gives s whatever the contrast. The usual variance of the Laplacian calls every plain screen blurred. Judged at
    half the canvas' resolution, which still holds every blur worth a flag, at a seventh of the cost.
    """
    kernel = cv2.getGaussianKernel(SMOOTHING_TAPS, SMOOTHING_PX)
    plain = np.asarray(cv2.cvtColor(canvas, cv2.COLOR_RGB2GRAY), np.uint8)
    half, factor = downscaled(plain, max(plain.shape) // 2)
    grey = cv2.sepFilter2D(half, cv2.CV_32F, kernel, kernel)
    sideways, down = (cv2.Scharr(grey, -1, *axis, scale=1 / 32) for axis in ((1, 0), (0, 1)))
    gradient = np.asarray(cv2.magnitude(sideways, down), np.float32)
    laplacian = np.asarray(np.abs(cv2.Laplacian(grey, cv2.CV_32F, ksize=1)), np.float32)
    # at the canvas' border the picture is mirrored: a blurred edge that runs into it gets a kink that looks sharp
    rim = min(MIRRORED_PX, (min(grey.shape) - 1) // 2)
    inner = (slice(rim, grey.shape[0] - rim), slice(rim, grey.shape[1] - rim))
    spread = _strongest(gradient[inner]) / max(_strongest(laplacian[inner]) * float(np.sqrt(np.e)), 1e-6)
    return factor * float(np.sqrt(max(0.0, spread**2 - OWN_SPREAD_PX**2)))


def _strongest(values: FloatMap) -> float:
    """Return what `STRONGEST_SHARE` of some pixels (H, W) exceed; `np.percentile` takes five times as long."""
    step = max(1, math.isqrt(values.size // SAMPLED_PX))
    some = values[::step, ::step].ravel()
    at = len(some) - 1 - int(STRONGEST_SHARE * len(some))
    return float(np.partition(some, at)[at])
