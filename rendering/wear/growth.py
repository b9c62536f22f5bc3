"""How cracks grow: smoothly, until they reach the rim of the glass or another crack and end there."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.datasets.annotations.annotation import Stroke
from phonegrade.rendering.wear.curves import clip_to, length_of, smooth_curve

_CELL_MM = 0.25
_FINE_MM = 0.2
_KEPT_MM = 1.4
"""Spacing of a finished crack's points; its curves are smooth."""
_BLIND_MM = 1.2
"""Where a crack starts it may touch others."""
_SHORTEST_MM = 0.6


class Web:
    """Cracks that have grown on a surface of (width, height) mm; `bend` (rad/mm) is how curved they are."""

    def __init__(self, size_mm: tuple[float, float], bend: float) -> None:
        self.size_mm, self.bend = size_mm, bend
        self.strokes: list[Stroke] = []
        shape = (int(size_mm[1] / _CELL_MM) + 2, int(size_mm[0] / _CELL_MM) + 2)
        self._taken = np.zeros(shape, np.uint8)

    def grow(
        self,
        start: NDArray[np.float64],
        heading_rad: float,
        length_mm: float,
        bend_rad_per_mm: float,
        rng: np.random.Generator,
        turn_rad_per_mm: float = 0.0,
        thin: float = 1.0,
    ) -> Stroke | None:
        """A new crack of `length_mm` if nothing stops it; None where there is no room. `thin` scales its band."""
        width, strength = draw_band_mm(rng) * thin, float(rng.uniform(0.35, 1.0))
        curve = smooth_curve(start, heading_rad, length_mm, bend_rad_per_mm, rng, turn_rad_per_mm)
        fine = _resampled(clip_to(curve, self.size_mm), _FINE_MM)
        if len(fine) < 2:
            return None
        cells = np.minimum((fine / _CELL_MM).astype(int), np.array(self._taken.shape[::-1]) - 1)
        blind = round(min(_BLIND_MM, length_mm / 3) / _FINE_MM)
        hits = np.flatnonzero(self._taken[cells[:, 1], cells[:, 0]][blind:])
        fine = fine[: blind + hits[0] + 2] if hits.size else fine
        if length_of(fine) < _SHORTEST_MM:
            return None
        return self.add(_resampled(fine, _KEPT_MM), width, strength)

    def add(self, points: NDArray[np.float64], width_mm: float, strength: float) -> Stroke:
        """Add a crack as it is."""
        stroke = Stroke(points, width_mm, strength)
        self.strokes.append(stroke)
        cells = np.round(points / _CELL_MM * 16).astype(np.int32)
        cv2.polylines(self._taken, [cells], False, 1, 2, shift=4)
        return stroke


def draw_band_mm(rng: np.random.Generator) -> float:
    """Draw how wide a crack shows: its core alone, or a ribbon where the slanted face of the break is seen."""
    return float(
        rng.uniform(0.04, 0.1) if rng.random() < 0.55 else np.clip(0.22 * np.exp(rng.normal(0, 0.5)), 0.1, 0.9)
    )


def point_at(stroke: Stroke, distance_mm: float) -> tuple[NDArray[np.float64], float]:
    """Return the point at `distance_mm` along a crack, and the crack's heading there."""
    steps = np.diff(stroke.points, axis=0)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*steps.T))])
    at = int(np.clip(np.searchsorted(along, distance_mm) - 1, 0, len(steps) - 1))
    share = (distance_mm - along[at]) / max(along[at + 1] - along[at], 1e-9)
    return stroke.points[at] + steps[at] * float(np.clip(share, 0, 1)), float(np.arctan2(steps[at, 1], steps[at, 0]))


def _resampled(points: NDArray[np.float64], step_mm: float) -> NDArray[np.float64]:
    """The curve with points about `step_mm` apart, its ends kept."""
    if len(points) < 2:
        return points
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    places = np.linspace(0, along[-1], max(int(np.ceil(along[-1] / step_mm)), 2) + 1)
    return np.stack([np.interp(places, along, points[:, 0]), np.interp(places, along, points[:, 1])], axis=1)
