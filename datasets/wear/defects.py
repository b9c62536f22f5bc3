"""Geometry of scratches, scuffs, chips and dents, in surface millimetres; sizes follow what was seen on real phones."""

import numpy as np
from numpy.typing import NDArray

from phonegrade.datasets.wear.curves import blob, clip_to, lognormal, smooth_curve
from phonegrade.datasets.wear.marks import Mark, Stroke


def draw_scratch(size_mm: tuple[float, float], rng: np.random.Generator) -> Mark:
    """A hairline or deep scratch: nearly straight, sometimes bent, skipping or doubled."""
    deep = rng.random() < 0.55
    length = lognormal(12, 0.75, 2, min(70.0, 0.7 * max(size_mm)), rng)
    width = float(rng.uniform(0.06, 0.24) if deep else rng.uniform(0.015, 0.06))
    along_strip = min(size_mm) < 20
    heading = rng.normal(0, 0.25) if along_strip and rng.random() < 0.7 else rng.uniform(0, 2 * np.pi)
    bend = float(rng.choice([0.002, 0.012, 0.06], p=[0.6, 0.28, 0.12]))
    start = rng.uniform(0.03, 0.97, 2) * size_mm
    points = clip_to(smooth_curve(start, heading, length, bend, rng), size_mm, 0.1)
    if len(points) < 4:
        return draw_scratch(size_mm, rng)
    strokes = [Stroke(points, width, float(rng.uniform(0.35, 1.0)))]
    for _ in range(int(rng.choice([0, 1, 2], p=[0.75, 0.17, 0.08]))):
        twin = points + rng.normal(0, 0.35, 2) + rng.normal(0, 0.02, points.shape)
        first, last = sorted(rng.choice(len(points) + 1, 2, replace=False))
        if last - first > 3:
            strokes.append(Stroke(twin[first:last], width * 0.7, strokes[0].strength * float(rng.uniform(0.4, 0.9))))
    return Mark("scratch", "deep" if deep else "hairline", tuple(strokes))


def draw_scuff(size_mm: tuple[float, float], rng: np.random.Generator) -> Mark:
    """A rubbed patch of many fine strokes: 4-25 mm long, with a haze."""
    limit = min(size_mm)
    radius = lognormal(4.5, 0.5, 1.2, 12.0, rng)
    near_rim = rng.random() < 0.6
    at = _near_rim(size_mm, rng) if near_rim else rng.uniform(0.08, 0.92, 2) * size_mm
    radius = min(radius, 0.45 * limit) if limit > 20 else radius
    hull = np.clip(blob(at, radius, rng.uniform(1, 3.5), 0.3, rng), 0.05, np.array(size_mm) - 0.05)
    heading, spread = rng.uniform(0, np.pi), rng.uniform(0.05, 0.7)
    low, high = hull.min(axis=0), hull.max(axis=0)
    strokes = []
    for _ in range(int(np.clip(rng.uniform(4, 14) * radius, 12, 140))):
        start = np.clip(rng.normal((low + high) / 2, (high - low) / 5), low, high)
        points = clip_to(
            smooth_curve(start, heading + rng.normal(0, spread), rng.uniform(0.4, 1.3) * radius, 0.02, rng),
            size_mm,
            0.05,
        )
        inside = ((points >= low) & (points <= high)).all(axis=1)
        points = points[inside]
        if len(points) > 2:
            strokes.append(Stroke(points, float(rng.uniform(0.02, 0.1)), float(rng.uniform(0.2, 0.9))))
    return Mark("scuff", "patch", tuple(strokes), (hull,))


def draw_chip(size_mm: tuple[float, float], rng: np.random.Generator) -> Mark:
    """Material broken out, mostly at the rim: glass chips and frame nicks."""
    radius = lognormal(0.8, 0.6, 0.25, 4.0, rng)
    at = _near_rim(size_mm, rng) if rng.random() < 0.75 else rng.uniform(0.04, 0.96, 2) * size_mm
    outline = np.clip(blob(at, radius, rng.uniform(1, 2.2), 0.45, rng), 0, size_mm)
    return Mark(
        "chip", "glass" if min(size_mm) > 20 else "nick", (), (outline,), depth_mm=float(rng.uniform(0.05, 0.3))
    )


def draw_dent(size_mm: tuple[float, float], rng: np.random.Generator) -> Mark:
    """A smooth hollow in a frame or metal back with a raised lip, 1.6-6.4 mm wide and .08-.5 mm deep."""
    radius = lognormal(1.7, 0.4, 0.8, 3.4, rng)
    at = np.array(
        [
            rng.choice([rng.uniform(0, 0.12), rng.uniform(0.88, 1), rng.uniform(0, 1)]) * size_mm[0],
            rng.uniform(0.15, 0.85) * size_mm[1],
        ]
    )
    outline = np.clip(blob(at, radius, rng.uniform(1, 2), 0.12, rng), 0, size_mm)
    return Mark("dent", "frame", (), (outline,), depth_mm=float(rng.uniform(0.08, 0.5)))


def _near_rim(size_mm: tuple[float, float], rng: np.random.Generator) -> NDArray[np.float64]:
    """A point near the rim, corners preferred."""
    w, h = size_mm
    inset = abs(rng.normal(0, 0.8)) + 0.1
    if rng.random() < 0.35:
        reach = min(w, h) * 0.12
        return np.array([rng.choice([reach, w - reach]), rng.choice([reach, h - reach])]) + rng.normal(0, reach / 3, 2)
    if rng.random() < w / (w + h):
        return np.array([rng.uniform(0.05, 0.95) * w, rng.choice([inset, h - inset])])
    return np.array([rng.choice([inset, w - inset]), rng.uniform(0.05, 0.95) * h])
