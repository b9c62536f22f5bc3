"""Areas as whole numbers, whose sums do not depend on their order: the same one by one and in columns."""

import numpy as np
from numpy.typing import NDArray

UNITS_PER_MM2 = 1_000_000
_MOST_MM2 = 1e9
"""More than any phone has; a larger, unknown or NaN area counts as this much."""


def to_fixed_point(area_mm2: float | None) -> int:
    """Return an area in millionths of a square millimetre."""
    if area_mm2 is None or not area_mm2 <= _MOST_MM2:
        return round(_MOST_MM2 * UNITS_PER_MM2)
    return round(area_mm2 * UNITS_PER_MM2)


def to_fixed_point_column(area_mm2: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return each area in millionths of a square millimetre; NaN stands for unknown."""
    known = np.where(area_mm2 <= _MOST_MM2, area_mm2, _MOST_MM2)
    return np.asarray(np.rint(known * UNITS_PER_MM2), np.int64)
