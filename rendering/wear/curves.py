"""Random smooth curves and outlines, the handwriting of scratches, cracks and dirt."""

import numpy as np
from numpy.typing import NDArray

_FINEST_STEP_MM = 0.1
_COARSEST_STEP_MM = 1.0


def smooth_curve(
    start: NDArray[np.float64],
    heading_rad: float,
    length_mm: float,
    bend_rad_per_mm: float,
    rng: np.random.Generator,
    turn_rad_per_mm: float = 0.0,
) -> NDArray[np.float64]:
    """Points (N, 2) of a curve whose curvature wanders slowly by `bend_rad_per_mm` about `turn_rad_per_mm`."""
    step_mm = float(np.clip(length_mm / 24, _FINEST_STEP_MM, _COARSEST_STEP_MM))
    count = max(int(length_mm / step_mm), 3)
    knots = turn_rad_per_mm + rng.normal(0.0, bend_rad_per_mm, max(count // 12, 2) + 1)
    curvature = np.interp(np.linspace(0, 1, count), np.linspace(0, 1, len(knots)), knots)
    heading = heading_rad + np.cumsum(curvature) * (length_mm / count)
    steps = np.stack([np.cos(heading), np.sin(heading)], axis=1) * (length_mm / count)
    return np.concatenate([start[None], start + np.cumsum(steps, axis=0)])


def clip_to(points: NDArray[np.float64], size_mm: tuple[float, float], margin_mm: float = 0.0) -> NDArray[np.float64]:
    """The leading part of a curve up to where it leaves the surface; may be shorter than two points."""
    low, high = np.full(2, margin_mm), np.array(size_mm) - margin_mm
    out = np.flatnonzero(((points < low) | (points > high)).any(axis=1))
    if out.size == 0 or out[0] == 0:
        return points if out.size == 0 else points[:0]
    inside, outside = points[out[0] - 1], points[out[0]]
    step = outside - inside
    room = np.where(step > 0, high - inside, inside - low)
    share = float(np.min(np.where(step == 0, 1.0, room / np.maximum(np.abs(step), 1e-12))))
    return np.concatenate([points[: out[0]], np.clip(inside + step * share, low, high)[None]])


def blob(
    centre: NDArray[np.float64],
    radius_mm: float,
    aspect: float,
    roughness: float,
    rng: np.random.Generator,
    turn_rad: float | None = None,
) -> NDArray[np.float64]:
    """Closed irregular polygon (N, 2) mm about `centre`; `roughness` 0 is an ellipse, 0.4 a splinter."""
    count = int(np.clip(16 + 14 * radius_mm, 14, 64))
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    radius = np.ones(count)
    for harmonic in range(2, 7):
        radius += roughness / harmonic * rng.normal() * np.cos(harmonic * angle + rng.uniform(0, 2 * np.pi))
    radius = np.clip(radius, 0.3, 2.0) * radius_mm
    drawn = rng.uniform(0, np.pi)
    turn = drawn if turn_rad is None else turn_rad
    x, y = radius * np.cos(angle) * np.sqrt(aspect), radius * np.sin(angle) / np.sqrt(aspect)
    turned = np.stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)], axis=1)
    return np.asarray(centre + turned, np.float64)


def lognormal(median: float, sigma: float, low: float, high: float, rng: np.random.Generator) -> float:
    """A log-normal draw about `median`, held within [low, high]."""
    return float(np.clip(median * np.exp(rng.normal(0.0, sigma)), low, high))


def length_of(points: NDArray[np.float64]) -> float:
    """Length in mm along a curve (N, 2)."""
    return float(np.hypot(*np.diff(points, axis=0).T).sum())
