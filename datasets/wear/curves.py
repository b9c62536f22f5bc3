"""Random smooth curves, the handwriting of scratches and cracks."""

import numpy as np
from numpy.typing import NDArray


def smooth_curve(
    start: NDArray[np.float64], heading_rad: float, length_mm: float, bend_rad_per_mm: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Points (N, 2) of a curve whose curvature wanders slowly: a crack or scratch is smooth, never a jagged walk."""
    step_mm = 0.5 if length_mm < 20 else 1.0
    count = max(int(length_mm / step_mm), 3)
    knots = rng.normal(0.0, bend_rad_per_mm, max(count // 12, 2) + 1)
    curvature = np.interp(np.linspace(0, 1, count), np.linspace(0, 1, len(knots)), knots)
    heading = heading_rad + np.cumsum(curvature) * (length_mm / count)
    steps = np.stack([np.cos(heading), np.sin(heading)], axis=1) * (length_mm / count)
    return np.concatenate([start[None], start + np.cumsum(steps, axis=0)])


def clip_to(points: NDArray[np.float64], size_mm: tuple[float, float], margin_mm: float = 0.0) -> NDArray[np.float64]:
    """The leading part of a curve that stays on the surface; may be shorter than two points."""
    inside = ((points >= margin_mm) & (points <= np.array(size_mm) - margin_mm)).all(axis=1)
    out = np.flatnonzero(~inside)
    return points if out.size == 0 else points[: out[0]]


def blob(
    centre: NDArray[np.float64], radius_mm: float, aspect: float, roughness: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Closed irregular polygon (N, 2) mm about `centre`; `roughness` 0 is an ellipse, 0.4 a splinter."""
    count = 28
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    radius = np.ones(count)
    for harmonic in range(2, 7):
        radius += roughness / harmonic * rng.normal() * np.cos(harmonic * angle + rng.uniform(0, 2 * np.pi))
    radius = np.clip(radius, 0.3, 2.0) * radius_mm
    turn = rng.uniform(0, np.pi)
    x, y = radius * np.cos(angle) * np.sqrt(aspect), radius * np.sin(angle) / np.sqrt(aspect)
    turned = np.stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)], axis=1)
    return np.asarray(centre + turned, np.float64)


def lognormal(median: float, sigma: float, low: float, high: float, rng: np.random.Generator) -> float:
    """A log-normal draw about `median`, held within [low, high]."""
    return float(np.clip(median * np.exp(rng.normal(0.0, sigma)), low, high))
