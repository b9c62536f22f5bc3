"""A decoded photo, as every stage after decoding holds it."""

from dataclasses import dataclass

import numpy as np

from phonegrade.core.arrays import RGB, Points


@dataclass(frozen=True)
class Photo:
    """A decoded photo, turned upright."""

    rgb: RGB
    """(H, W, 3) uint8, perhaps at a reduced scale."""
    full_hw: tuple[int, int]
    """Height and width as a viewer shows it at full size."""

    @property
    def hw(self) -> tuple[int, int]:
        """Height and width as decoded."""
        return self.rgb.shape[0], self.rgb.shape[1]

    @property
    def scale(self) -> float:
        """Decoded pixels per full-size pixel, at most 1."""
        return float(max(self.rgb.shape[:2]) / max(self.full_hw))

    def to_full(self, points: Points) -> Points:
        """Return points (..., 2) in decoded pixels as full-size pixels; pixel centres are whole numbers in both."""
        per_axis = np.array([self.full_hw[1] / self.rgb.shape[1], self.full_hw[0] / self.rgb.shape[0]])
        return np.asarray((points + 0.5) * per_axis - 0.5)
