"""The photographic part of augmentation: what cameras, light and chat apps do. The one user of albumentations."""

import os

os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")  # it would ask a package index for its version at import

import albumentations as A  # noqa: N812
import cv2
import numpy as np
from numpy.typing import NDArray


class Photographic:
    """A chain over uint8 RGB pictures (H, W, 3); geometry is left alone. `strength` scales the odds.

    Built once and seeded for each picture: to build it takes as long as to apply it.
    """

    def __init__(self, strength: float = 1.0) -> None:
        self._chain = _chain(strength)

    def __call__(self, rgb: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
        """The changed picture (H, W, 3); the same seed, the same change."""
        self._chain.set_random_seed(seed)
        return np.ascontiguousarray(self._chain(image=rgb)["image"])


def _chain(strength: float) -> A.Compose:
    def odds(p: float) -> float:
        return min(p * strength, 1.0)

    return A.Compose(
        [
            A.RandomBrightnessContrast(brightness_limit=0.3, contrast_limit=0.35, p=odds(0.6)),
            A.RandomGamma(gamma_limit=(60, 160), p=odds(0.3)),
            A.HueSaturationValue(hue_shift_limit=12, sat_shift_limit=40, val_shift_limit=0, p=odds(0.35)),
            A.RGBShift(r_shift_limit=18, g_shift_limit=18, b_shift_limit=18, p=odds(0.2)),
            A.ToGray(p=odds(0.06)),
            A.OneOf(
                [
                    A.Downscale(
                        scale_range=(0.35, 0.85),
                        interpolation_pair={"downscale": cv2.INTER_AREA, "upscale": cv2.INTER_LINEAR},
                    ),
                    A.GaussianBlur(blur_limit=0, sigma_limit=(0.3, 1.6)),
                    A.MotionBlur(blur_limit=(3, 7)),
                ],
                p=odds(0.45),
            ),
            A.OneOf([A.GaussNoise(std_range=(0.01, 0.07)), A.ISONoise(intensity=(0.1, 0.4))], p=odds(0.35)),
            A.Sharpen(alpha=(0.1, 0.4), p=odds(0.15)),
            A.ImageCompression(quality_range=(30, 95), p=odds(0.5)),
        ],
    )
