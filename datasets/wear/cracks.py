"""Crack geometry: rays from an impact, branches, rings between rays, crushed zones; all in surface millimetres."""

import numpy as np
from numpy.typing import NDArray

from phonegrade.datasets.wear.curves import blob, clip_to, lognormal, smooth_curve
from phonegrade.datasets.wear.marks import Mark, Stroke

EDGE_START_SHARE = 0.6
"""Share of impacts that lie at an edge or corner."""


def draw_crack(size_mm: tuple[float, float], rng: np.random.Generator) -> Mark:
    """One crack system: a lone crack, a star, a web or a shattered zone."""
    style = str(rng.choice(["lone", "star", "web", "shatter"], p=[0.28, 0.3, 0.22, 0.2]))
    impact = _impact(size_mm, rng)
    if style == "lone":
        return Mark("crack", style, tuple(_lone(impact, size_mm, rng)))
    rays = _rays(impact, size_mm, int(rng.integers(3, 9) if style == "star" else rng.integers(7, 18)), rng)
    strokes = [*rays]
    for ray in rays:
        strokes += _branches(ray, size_mm, 0.02 if style == "star" else 0.05, rng)
    regions: tuple[NDArray[np.float64], ...] = ()
    if style in ("web", "shatter"):
        strokes += _rings(impact, rays, int(rng.integers(2, 6) if style == "web" else rng.integers(6, 16)), rng)
    if style == "shatter":
        radius = lognormal(5.0, 0.5, 1.5, 14.0, rng)
        strokes += _crush(impact, radius, size_mm, rng)
        regions = (np.clip(blob(impact, radius * 0.55, rng.uniform(1, 2), 0.3, rng), 0, size_mm),)
    kept = tuple(Stroke(np.clip(s.points, 0, size_mm), s.width_mm, s.strength) for s in strokes if len(s.points) > 2)
    return Mark("crack", style, kept, regions)


def _impact(size_mm: tuple[float, float], rng: np.random.Generator) -> NDArray[np.float64]:
    w, h = size_mm
    if rng.random() > EDGE_START_SHARE:
        return np.array([rng.uniform(0.1, 0.9) * w, rng.uniform(0.1, 0.9) * h])
    inset = rng.uniform(0.5, 4.0)
    if rng.random() < 0.5:
        corner = np.array([rng.choice([0.06 * w, 0.94 * w]), rng.choice([0.03 * h, 0.97 * h])])
        return np.clip(corner + rng.normal(0, 2, 2), inset, np.array(size_mm) - inset)
    if rng.random() < w / (w + h):
        return np.array([rng.uniform(0.1, 0.9) * w, rng.choice([inset, h - inset])])
    return np.array([rng.choice([inset, w - inset]), rng.uniform(0.1, 0.9) * h])


def _width(rng: np.random.Generator) -> float:
    """Core of .03-.07 mm, sometimes a wider ribbon where the slanted face of the break shows."""
    return float(rng.uniform(0.03, 0.08) if rng.random() < 0.7 else rng.uniform(0.08, 0.45))


def _lone(impact: NDArray[np.float64], size_mm: tuple[float, float], rng: np.random.Generator) -> list[Stroke]:
    inwards = np.array(size_mm) / 2 - impact
    heading = np.arctan2(inwards[1], inwards[0]) + rng.normal(0, 0.6)
    main = Stroke(
        clip_to(smooth_curve(impact, heading, lognormal(45, 0.6, 6, 170, rng), 0.02, rng), size_mm), _width(rng)
    )
    if len(main.points) < 3:
        return _lone(np.array(size_mm) / 2, size_mm, rng)
    return [main, *(branch for branch in _branches(main, size_mm, 0.02, rng) if len(branch.points) > 2)]


def _rays(
    impact: NDArray[np.float64], size_mm: tuple[float, float], count: int, rng: np.random.Generator
) -> list[Stroke]:
    start = rng.uniform(0, 2 * np.pi)
    headings = start + (np.arange(count) + rng.uniform(-0.35, 0.35, count)) * 2 * np.pi / count
    rays = []
    for heading in headings:
        points = clip_to(smooth_curve(impact, heading, lognormal(32, 0.7, 4, 170, rng), 0.015, rng), size_mm)
        if len(points) > 2:
            rays.append(Stroke(points, _width(rng), float(rng.uniform(0.4, 1.0))))
    if not rays:
        return _rays(np.array(size_mm) / 2, size_mm, count, rng)
    return rays


def _branches(parent: Stroke, size_mm: tuple[float, float], per_mm: float, rng: np.random.Generator) -> list[Stroke]:
    branches = []
    for _ in range(rng.poisson(per_mm * parent.length_mm)):
        at = int(rng.integers(1, len(parent.points) - 1))
        along = parent.points[at] - parent.points[at - 1]
        heading = np.arctan2(along[1], along[0]) + rng.choice([-1, 1]) * rng.uniform(0.35, 1.2)
        points = clip_to(smooth_curve(parent.points[at], heading, lognormal(10, 0.7, 2, 60, rng), 0.02, rng), size_mm)
        if len(points) > 2:
            branches.append(Stroke(points, _width(rng) * 0.8, parent.strength * float(rng.uniform(0.4, 1.0))))
    return branches


def _rings(impact: NDArray[np.float64], rays: list[Stroke], count: int, rng: np.random.Generator) -> list[Stroke]:
    """Arcs that join neighbouring rays at about one distance from the impact."""
    rings = []
    ordered = sorted(rays, key=lambda ray: float(np.arctan2(*(ray.points[-1] - impact)[::-1])))
    for _ in range(count):
        radius = lognormal(8, 0.7, 1.5, 45, rng)
        for one, other in zip(ordered, [*ordered[1:], ordered[0]], strict=True):
            if rng.random() < 0.35 or min(one.length_mm, other.length_mm) < radius:
                continue
            a = _at_distance(one, radius * rng.uniform(0.85, 1.15))
            b = _at_distance(other, radius * rng.uniform(0.85, 1.15))
            if np.hypot(*(b - a)) > 1.8 * radius:
                continue
            t = np.linspace(0, 1, 9)[:, None]
            outward = (a + b) / 2 - impact
            bow = outward / max(float(np.hypot(*outward)), 1e-6) * rng.uniform(-0.05, 0.18) * np.hypot(*(b - a))
            rings.append(
                Stroke(a + (b - a) * t + bow * 4 * t * (1 - t), _width(rng) * 0.8, float(rng.uniform(0.3, 0.9)))
            )
    return rings


def _at_distance(ray: Stroke, distance_mm: float) -> NDArray[np.float64]:
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(ray.points, axis=0).T))])
    return np.asarray(ray.points[min(int(np.searchsorted(along, distance_mm)), len(along) - 1)], np.float64)


def _crush(
    impact: NDArray[np.float64], radius_mm: float, size_mm: tuple[float, float], rng: np.random.Generator
) -> list[Stroke]:
    """Many short chords about the impact: the powdered interior of a shattered zone."""
    strokes = []
    for _ in range(int(20 + 8 * radius_mm)):
        at = np.clip(impact + rng.normal(0, radius_mm * 0.6, 2), 0.2, np.array(size_mm) - 0.2)
        points = clip_to(
            smooth_curve(at, rng.uniform(0, 2 * np.pi), rng.uniform(1.0, 1.2 * radius_mm), 0.05, rng), size_mm
        )
        strokes.append(Stroke(points, _width(rng), float(rng.uniform(0.3, 1.0))))
    return strokes
