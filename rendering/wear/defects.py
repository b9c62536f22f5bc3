"""Geometry of scratches, scuffs, chips and dents, in surface millimetres; sizes follow real phones."""

import numpy as np
from numpy.typing import NDArray

from phonegrade.datasets.annotations.annotation import Annotation, Stroke
from phonegrade.rendering.wear.curves import blob, clip_to, lognormal, smooth_curve

Size = tuple[float, float]
_CORNER_MM = 10.0
_EDGE_MM = 20.0
"""A narrower surface is one of the frame's sides."""


def draw_scratch(size_mm: Size, rng: np.random.Generator) -> Annotation:
    """Draw a hairline or deep scratch: nearly straight, sometimes bent, now and then with others beside it."""
    deep = rng.random() < 0.55
    length = lognormal(12, 0.75, 2, min(75.0, 0.7 * max(size_mm)), rng)
    width = lognormal(0.2, 0.55, 0.06, 0.6, rng) if deep else lognormal(0.028, 0.4, 0.012, 0.06, rng)
    along_strip = min(size_mm) < _EDGE_MM and rng.random() < 0.7
    heading = rng.normal(0, 0.25) if along_strip else rng.uniform(0, 2 * np.pi)
    bend = float(rng.choice([0.002, 0.01, 0.05], p=[0.6, 0.3, 0.1]))
    points = _on_surface(rng.uniform(0.03, 0.97, 2) * size_mm, heading, length, bend, size_mm, rng)
    if len(points) < 4:
        return draw_scratch(size_mm, rng)
    strokes = [Stroke(points, width, float(rng.uniform(0.4, 1.0)))]
    for _ in range(int(rng.choice([0, 1, 2, 5], p=[0.76, 0.12, 0.08, 0.04] if deep else [0.6, 0.16, 0.12, 0.12]))):
        aside = rng.choice([-1, 1]) * lognormal(1.2, 0.8, 0.5, 8, rng)
        start = points[0] + aside * np.array([-np.sin(heading), np.cos(heading)]) + rng.normal(0, 0.1 * length, 2)
        own = length * float(rng.uniform(0.25, 0.9))
        beside = _on_surface(start, heading + rng.normal(0, 0.06), own, bend, size_mm, rng)
        if len(beside) > 3:
            strokes.append(Stroke(beside, width * float(rng.uniform(0.5, 1)), strokes[0].strength * 0.8))
    return Annotation("scratch", "deep" if deep else "hairline", tuple(strokes))


def draw_scuff(size_mm: Size, rng: np.random.Generator) -> Annotation:
    """Draw a rubbed patch of many fine strokes, or the wear of a rim or corner where the paint is gone."""
    room = np.array(size_mm) - 0.05
    on_edge = min(size_mm) < _EDGE_MM
    if rng.random() < (0.45 if on_edge else 0.2):
        at = _near_rim(size_mm, rng)
        radius = lognormal(2.2, 0.6, 0.6, 8, rng)
        along_x = min(at[1], size_mm[1] - at[1]) < min(at[0], size_mm[0] - at[0])
        outline = blob(at, radius, rng.uniform(2, 6), 0.25, rng, 0.0 if along_x else np.pi / 2)
        return Annotation("scuff", "rub", (), (np.clip(outline, 0.05, room),))
    at = _near_rim(size_mm, rng) if rng.random() < 0.5 else rng.uniform(0.08, 0.92, 2) * size_mm
    radius = lognormal(4.5, 0.5, 1.2, 12.0, rng)
    outline = blob(at, radius if on_edge else min(radius, 0.45 * min(size_mm)), rng.uniform(1, 3.5), 0.3, rng)
    return Annotation("scuff", "patch", (), (np.clip(outline, 0.05, room),))


def draw_chip(size_mm: Size, rng: np.random.Generator) -> Annotation:
    """Draw material broken out, mostly at the rim: shells of glass, and nicks where a frame's coating is off."""
    on_edge = min(size_mm) < _EDGE_MM
    radius = lognormal(0.8, 0.6, 0.25, 4.0, rng)
    at = _near_rim(size_mm, rng) if rng.random() < 0.8 else rng.uniform(0.04, 0.96, 2) * size_mm
    outline = np.clip(blob(at, radius, rng.uniform(1, 2.4), 0.4, rng), 0, size_mm)
    style = "nick" if on_edge or rng.random() < 0.1 else "glass"
    return Annotation("chip", style, (), (outline,), depth_mm=radius * float(rng.uniform(0.15, 0.45)))


def draw_dent(size_mm: Size, rng: np.random.Generator) -> Annotation:
    """Draw a smooth hollow in a frame or metal back with a raised lip, 2-9 mm wide and .1-.8 mm deep."""
    radius = lognormal(2.0, 0.45, 0.9, 4.5, rng)
    x = float(rng.choice([rng.uniform(0, 0.12), rng.uniform(0.88, 1), rng.uniform(0, 1)]))
    at = np.array([x * size_mm[0], rng.uniform(0.1, 0.9) * size_mm[1]])
    outline = np.clip(blob(at, radius, rng.uniform(1, 2), 0.12, rng), 0, size_mm)
    style = "scraped" if rng.random() < 0.6 else "smooth"
    return Annotation("dent", style, (), (outline,), depth_mm=radius * float(rng.uniform(0.1, 0.28)))


def _on_surface(
    start: NDArray[np.float64], heading: float, length: float, bend: float, size_mm: Size, rng: np.random.Generator
) -> NDArray[np.float64]:
    """The part of a new curve that lies on the surface."""
    return clip_to(smooth_curve(start, heading, length, bend, rng), size_mm, 0.1)


def _near_rim(size_mm: Size, rng: np.random.Generator) -> NDArray[np.float64]:
    """A point near the rim, corners preferred; a face's corners are taken to be round."""
    w, h = size_mm
    inset = abs(rng.normal(0, 0.5)) + 0.05
    radius = _CORNER_MM if min(size_mm) > _EDGE_MM else 0.0
    if rng.random() < 0.35:
        angle, side = rng.uniform(0, np.pi / 2), rng.choice([-1, 1], 2)
        reach = radius - inset if radius > 0 else -rng.uniform(0, 4)
        corner = radius - reach * np.array([np.cos(angle), np.sin(angle)])
        return np.clip(np.where(side > 0, np.array(size_mm) - corner, corner), 0.1, np.array(size_mm) - 0.1)
    share = rng.uniform(0, 1)
    if rng.random() < w / (w + h):
        return np.array([radius + share * (w - 2 * radius), rng.choice([inset, h - inset])])
    return np.array([rng.choice([inset, w - inset]), radius + share * (h - 2 * radius)])
