"""The photographic part of augmentation: what cameras, light and chat apps do. The one user of albumentations."""

import random

import albumentations as A  # noqa: N812
import cv2
import numpy as np
from numpy.typing import NDArray

LAMPS_K = (3500, 12000)
"""Colour temperatures of the light that a camera balanced for daylight may see."""
COARSE_ODDS = 0.35
COARSE = (0.3, 0.9)
"""How many of a picture's pixels to the millimetre a coarser photo has."""
LEAST_PX = 16


class Photographic:
    """A chain over uint8 RGB pictures (H, W, 3); geometry is left alone.

    Light comes first; what lens, sensor and file do comes then, in the pixels of a photo that is as coarse as drawn.
    Built once and seeded for each picture: to build it takes as long as to apply it.
    """

    def __init__(self) -> None:
        self._light, self._camera = _light(), _camera()

    def __call__(self, rgb: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
        """Return the corrupted picture (H, W, 3); the same seed gives the same corruptions."""
        rng, drawn = np.random.default_rng(seed), random.Random(seed)  # noqa: S311
        scale = rng.uniform(*COARSE) if rng.random() < COARSE_ODDS else 1.0
        height, width = rgb.shape[:2]
        for chain in (self._light, self._camera):  # of one state, as a seed would give each transform the same draws
            chain.set_random_state(rng, drawn)
        lit = self._light(image=rgb)["image"]
        if scale == 1.0:
            return np.ascontiguousarray(self._camera(image=lit)["image"])
        size = (max(round(width * scale), LEAST_PX), max(round(height * scale), LEAST_PX))
        small = self._camera(image=cv2.resize(lit, size, interpolation=cv2.INTER_AREA))["image"]
        return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _light() -> A.Compose:
    """Lamps from candle light to blue sky (Zini et al., "Planckian jitter", ICLR 2023), exposure and colours."""
    return A.Compose(
        [
            A.RandomBrightnessContrast(brightness_limit=0.3, contrast_limit=0.35, p=0.6),
            A.RandomGamma(gamma_limit=(50, 200), p=0.4),
            A.PlanckianJitter(mode="blackbody", temperature_limit=LAMPS_K, p=0.35),
            A.HueSaturationValue(hue_shift_limit=12, sat_shift_limit=40, val_shift_limit=0, p=0.35),
            A.RGBShift(r_shift_limit=18, g_shift_limit=18, b_shift_limit=18, p=0.2),
            A.ToGray(p=0.08),
        ]
    )


def _camera() -> A.Compose:
    return A.Compose(
        [
            A.OneOf([A.GaussianBlur(blur_limit=0, sigma_limit=(0.3, 1.6)), A.MotionBlur(blur_limit=(3, 7))], p=0.35),
            A.OneOf([A.GaussNoise(std_range=(0.01, 0.07)), A.ISONoise(intensity=(0.1, 0.4))], p=0.35),
            A.Sharpen(alpha=(0.1, 0.4), p=0.15),
            A.ImageCompression(quality_range=(30, 95), p=0.5),
        ]
    )
