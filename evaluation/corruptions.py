"""Corruptions of photos: real photos are inspected again under each of them.

None of them changes the phone itself, so that predictions should stay as they are. After Hendrycks and Dietterich,
"Benchmarking neural network robustness to common corruptions and perturbations" (ICLR 2019); a few photos are a small
sample, and how far a metric moves here bounds how much of it is chance.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import RGB
from phonegrade.datasets.coco_import import Polygon
from phonegrade.evaluation.real_photos import RealPhoto

JPEG_QUALITY = 40
BLUR_PX = 1.5
NOISE_LEVELS = 8.0
SHARPENED_PX = 1.2
WARM_BGR = (0.8, 1.0, 1.15)
"""Gains of blue, green and red: about daylight and lamp light through the same camera setting."""
COOL_BGR = (1.15, 1.0, 0.82)
FAST = (cv2.IMWRITE_PNG_COMPRESSION, 1)


@dataclass(frozen=True)
class Corruption:
    """A change of a photo's pixels in place, and whether it is then mirrored or turned."""

    pixels: Callable[[RGB], RGB] = np.copy
    mirrored: bool = False
    upside_down: bool = False

    def of(self, photo: RealPhoto, data: bytes) -> tuple[RealPhoto, bytes]:
        """Return the photo with its outlines moved, and its corrupted file; one that is not a picture is kept."""
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        if picture is None:
            return photo, data
        corrupted = self.pixels(np.asarray(picture, np.uint8))
        corrupted = corrupted[:: -1 if self.upside_down else 1, :: -1 if self.mirrored else 1]
        file = cv2.imencode(".png", np.ascontiguousarray(corrupted), FAST)[1].tobytes()
        if photo.scratches is None or photo.hw is None:
            return photo, file
        moved = tuple(tuple(self._moved(ring, photo.hw) for ring in scratch) for scratch in photo.scratches)
        return replace(photo, scratches=moved), file

    def _moved(self, ring: Polygon, hw: tuple[int, int]) -> Polygon:
        height, width = hw
        return tuple(
            (width - 1 - x if self.mirrored else x, height - 1 - y if self.upside_down else y) for x, y in ring
        )


def _lit(gains: tuple[float, float, float]) -> Callable[[RGB], RGB]:
    return lambda picture: _levels(picture * np.array(gains))


def _gamma(exponent: float) -> Callable[[RGB], RGB]:
    return lambda picture: _levels(255 * (picture / 255) ** exponent)


def _faded(picture: RGB) -> RGB:
    return _levels(40 + 0.7 * picture)


def _blurred(picture: RGB) -> RGB:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), BLUR_PX), np.uint8)


def _noisy(picture: RGB) -> RGB:
    return _levels(picture + np.random.default_rng(0).normal(0, NOISE_LEVELS, picture.shape))


def _coarse(picture: RGB) -> RGB:
    height, width = picture.shape[:2]
    small = cv2.resize(picture, (-(-width // 2), -(-height // 2)), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _sharpened(picture: RGB) -> RGB:
    return _levels(2.0 * picture - cv2.GaussianBlur(picture, (0, 0), SHARPENED_PX))


def _recompressed(picture: RGB) -> RGB:
    file = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY))[1]
    return np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR), np.uint8)


def _levels(values: NDArray[np.floating]) -> RGB:
    return np.asarray(np.clip(np.round(values), 0, 255), np.uint8)


CORRUPTIONS = {
    "mirrored": Corruption(mirrored=True),
    "upside down": Corruption(mirrored=True, upside_down=True),
    "warm light": Corruption(_lit(WARM_BGR)),
    "cool light": Corruption(_lit(COOL_BGR)),
    "brighter (gamma 0.6)": Corruption(_gamma(0.6)),
    "darker (gamma 1.7)": Corruption(_gamma(1.7)),
    "faded": Corruption(_faded),
    "blurred (1.5 px)": Corruption(_blurred),
    "noisy (8 levels)": Corruption(_noisy),
    "half as fine": Corruption(_coarse),
    "sharpened": Corruption(_sharpened),
    "recompressed (JPEG 40)": Corruption(_recompressed),
}
