"""Paint of oil and water: domes and flat pools whose rims mirror the lamps, dried rings, trails and films."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.datasets.annotations.annotation import Annotation
from phonegrade.datasets.annotations.raster import trail
from phonegrade.rendering.wear.layers import Patch, blurred, outline_grid, span_mm

_REACH_MM = 1.0
_SMALL_MM = 0.6
_SMALL_ROUGH = 0.03
"""A droplet mirrors the whole room on a few texels: what they see is its mean."""
_CAPILLARY_MM = 1.6
"""Drops wider than a few of these are flat in the middle."""


def paint_oil(patch: Patch, annotation: Annotation, rng: np.random.Generator) -> None:
    """Paint oil and water, wet or dried."""
    steep = float(10 ** rng.uniform(-0.75, -0.1))
    milky = float(rng.uniform(0, 0.006)) if rng.random() < 0.4 else 0.0
    for region in annotation.regions:
        own = float(rng.uniform(0.8, 1.2))
        part = patch.around(region, _REACH_MM)
        if part is None:
            continue
        match annotation.style:
            case "ring":
                _ring(part, region, rng)
            case "film":
                _film(part, region, rng)
            case _:
                _drop(part, region, steep * own, milky)
                _caustics(part, region, rng)


def _drop(patch: Patch, region: NDArray[np.float64], steep: float, milky: float) -> None:
    """A dome that meets the glass at the slope `steep` and levels out over the capillary length."""
    low, fine, inside = outline_grid(region, 0.3, 300, 24)
    room = cv2.distanceTransform((inside > 0.5).astype(np.uint8), cv2.DIST_L2, 5) / fine
    radius = max(float(room.max()), 0.05)
    soft = blurred(np.asarray(room, np.float32), 0.12 * min(radius, 1.5) * fine)
    down, right = np.gradient(soft * fine)
    level = _CAPILLARY_MM * 0.35
    dome = np.clip(1 - soft / radius, 0, 1) if radius < _CAPILLARY_MM else np.exp(-soft / level)
    slope = steep * dome * inside
    patch.layers.slope_x[...] += patch.place(np.asarray(slope * right, np.float32), low, fine)
    patch.layers.slope_y[...] += patch.place(np.asarray(slope * down, np.float32), low, fine)
    if radius < _SMALL_MM:
        patch.layers.rough[...] += np.float32(_SMALL_ROUGH) * patch.place(inside, low, fine)
    if milky > 0:
        patch.layers.white[...] += milky * patch.place(inside, low, fine)


def _caustics(patch: Patch, region: NDArray[np.float64], rng: np.random.Generator) -> None:
    """Light that the liquid gathers: pale arcs along the rim, some of them double, broken and fading at both ends."""
    size = span_mm(region)
    if size < 2 * _CAPILLARY_MM:
        return
    middle = region.mean(axis=0)
    for _ in range(int(rng.choice([0, 1, 2, 3], p=[0.35, 0.3, 0.2, 0.15]))):
        first, count = int(rng.integers(len(region))), max(3, int(rng.uniform(0.06, 0.35) * len(region)))
        arc = np.roll(region, -first, axis=0)[:count]
        inward = float(np.clip(rng.uniform(0.1, 1.8) / (size / 2), 0.02, 0.7))
        level, thick_mm = float(10 ** rng.uniform(-2.2, -0.7)), float(rng.uniform(0.06, 0.3))
        for step in range(int(rng.choice([1, 2], p=[0.6, 0.4]))):
            curve = middle + (arc - middle) * (1 - inward - step * rng.uniform(0.2, 0.6) / size)
            ink = trail([curve], [thick_mm], patch.px_per_mm)
            fade = np.sin(np.linspace(0, np.pi, len(ink.at_mm))) ** 0.7
            force = fade * np.clip(0.7 + 0.5 * ink.wander(0.25 * size, rng) + 0.25 * ink.wander(0.4, rng), 0, 1.8)
            line = patch.spots(ink.at_mm).sum(ink.area_mm2 * patch.px_per_mm**2 * force)
            patch.layers.white[...] += level * blurred(line, 0.3 * thick_mm * patch.px_per_mm)


def _ring(patch: Patch, region: NDArray[np.float64], rng: np.random.Generator) -> None:
    """What a drop leaves when it dries: a pale rim, thick here and thin there, round a faint haze."""
    level, haze = float(10 ** rng.uniform(-1.9, -0.6)), float(rng.uniform(0, 0.25))
    thick_mm, inner = _rim_mm(rng), rng.random() < 0.3
    size = span_mm(region)
    middle = region.mean(axis=0)
    outlines = [region, middle + (region - middle) * float(rng.uniform(0.6, 0.85))] if inner else [region]
    for outline in outlines:
        ink = trail([np.concatenate([outline, outline[:1]])], [thick_mm], patch.px_per_mm)
        force = np.clip(0.6 + 0.5 * ink.wander(0.4 * size, rng) + 0.15 * ink.wander(0.3, rng), 0, 1.6)
        line = patch.spots(ink.at_mm).sum(ink.area_mm2 * patch.px_per_mm**2 * force)
        line = blurred(line, 0.4 * thick_mm * patch.px_per_mm)
        patch.layers.white[...] += level * line
        patch.layers.rough[...] += 0.3 * line
    soft = patch.fill(region, soft_mm=0.1) * np.clip(0.5 + 0.4 * patch.noise(0.25 * size, rng), 0, 1.2)
    patch.layers.rough[...] += haze * soft
    patch.layers.white[...] += 0.12 * level * soft


def _film(patch: Patch, region: NDArray[np.float64], rng: np.random.Generator) -> None:
    dull, milky = float(rng.uniform(0.08, 0.4)), float(rng.uniform(0.002, 0.02))
    soft = patch.fill(region, soft_mm=0.3) * np.clip(
        0.6 + 0.4 * patch.noise(2.5, rng) + 0.15 * patch.noise(0.4, rng), 0, 1.3
    )
    patch.layers.rough[...] += dull * soft
    patch.layers.white[...] += milky * soft


def _rim_mm(rng: np.random.Generator) -> float:
    """Width of a dried rim."""
    return float(np.clip(0.22 * np.exp(rng.normal(0, 0.5)), 0.08, 0.8))
