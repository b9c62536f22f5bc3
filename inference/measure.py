"""Length, width and area of one mark, in canvas pixels and millimetres."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.inference.skeleton import curve_length_px

LINEAR_KINDS = frozenset({"crack", "scratch"})
"""Kinds measured along their curve; the others are patches, measured across."""


@dataclass(frozen=True)
class Measures:
    """Sizes of a mark, in one unit of length."""

    length: float
    """Along the curve, every branch of a crack included; of a patch its longer side."""
    width: float
    """Mean width of a line; of a patch its shorter side."""
    area: float

    def scaled(self, units_per_px: float) -> "Measures":
        """The same sizes in another unit."""
        return Measures(self.length * units_per_px, self.width * units_per_px, self.area * units_per_px**2)


def measure_px(kind: str, mask: NDArray[np.bool_]) -> Measures:
    """Measure one mark's mask (H, W), in pixels."""
    area = float(mask.sum())
    length = curve_length_px(mask) if kind in LINEAR_KINDS else None
    if length is not None:
        return Measures(length, area / max(length, 1.0), area)
    points = np.argwhere(mask)[:, ::-1].astype(np.float32)
    (_, (a, b), _) = cv2.minAreaRect(cv2.convexHull(points))
    # the box of pixel centres; the mark reaches half a pixel further on every side
    return Measures(max(a, b) + 1.0, min(a, b) + 1.0, area)
