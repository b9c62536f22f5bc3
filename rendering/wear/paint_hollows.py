"""Paint of what is missing or pressed in: chips, nicks and dents, as slopes that the light itself shows."""

import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap
from phonegrade.datasets.annotations.annotation import Annotation
from phonegrade.datasets.annotations.raster import trail
from phonegrade.rendering.wear.layers import Patch, blurred, outline_grid, span_mm
from phonegrade.rendering.wear.paint_lines import rub, scrape, strokes_in

_RIM_REACH_MM = 4.0
"""A chip no farther from the surface's rim broke out from there."""


def paint_chip(patch: Patch, annotation: Annotation, rng: np.random.Generator) -> None:
    """Paint a shell of glass broken out towards the rim, or a nick that bares the metal."""
    region = annotation.regions[0]
    nick = annotation.style == "nick"
    shells, bend = int(rng.integers(1, 4)), float(rng.uniform(0.5, 1.0))
    frost, bright = float(rng.uniform(0.0, 0.3)), float(rng.uniform(0.25, 0.85))
    bare, gap = float(rng.uniform(0.1, 0.45)), float(rng.uniform(0, 0.8))
    inside = patch.fill(region)
    slope_x, slope_y, ripple = _shell(patch, region, annotation.depth_mm, shells, rng)
    wall_x, wall_y = _walls(patch, region, annotation.depth_mm)
    patch.layers.slope_x[...] += inside * (bend * slope_x + ripple * slope_x) + wall_x
    patch.layers.slope_y[...] += inside * (bend * slope_y + ripple * slope_y) + wall_y
    tone = np.clip(0.6 + 0.5 * patch.noise(0.3, rng) + 0.25 * patch.noise(0.08, rng), 0, 1.5)
    if nick:
        patch.layers.white[...] += bare * inside * (0.3 + 0.7 * tone)
        patch.layers.rough[...] += 0.1 * inside
    else:
        patch.layers.white[...] += frost * inside * tone
        patch.layers.rough[...] += frost * inside * tone
        np.maximum(patch.layers.cover, 0.7 * inside, out=patch.layers.cover)
    rim = _rim(patch, region, rng)
    patch.layers.white[...] += bright * np.clip(rim, 0, 1)
    np.maximum(patch.layers.dark, gap * np.clip(-rim, 0, 1), out=patch.layers.dark)


def paint_dent(patch: Patch, annotation: Annotation, rng: np.random.Generator) -> None:
    """Paint a hollow with a raised lip, and often the scrape of what pressed it."""
    region = annotation.regions[0]
    lip, sharp = float(rng.uniform(0.3, 0.75)), float(rng.uniform(0.2, 0.42))
    middle = region.mean(axis=0)
    core = middle + (region - middle) * float(rng.uniform(0.4, 0.85)) + rng.normal(0, 0.1, 2)
    low, fine, inside = outline_grid(region, 1.2 * span_mm(region), 160, 20)
    radius = float(np.sqrt(inside.sum() / np.pi)) / fine
    hollow = blurred(inside, sharp * radius * fine)
    height = annotation.depth_mm * (lip * blurred(inside, 2.2 * sharp * radius * fine) - hollow)
    down, right = np.gradient(height * fine)
    patch.layers.slope_x[...] += patch.place(right.astype(np.float32), low, fine)
    patch.layers.slope_y[...] += patch.place(down.astype(np.float32), low, fine)
    patch.layers.rough[...] += float(rng.uniform(0.0, 0.15)) * patch.place(hollow, low, fine)
    if annotation.style == "scraped":
        scrape(patch, core, strokes_in(core, 5.0, 0.15, rng), float(rng.uniform(0.2, 0.6)), rng)
        if rng.random() < 0.5:
            rub(patch, middle + (core - middle) * 0.7, rng)


def _shell(
    patch: Patch, region: NDArray[np.float64], depth_mm: float, count: int, rng: np.random.Generator
) -> tuple[FloatMap, FloatMap, FloatMap]:
    """Slopes of `count` shells that rise away from where the blow fell, and the ripples across them."""
    size = span_mm(region)
    origins = _blow(patch, region, rng) + rng.normal(0, 0.2 * size, (count, 2))
    wave, deep = float(rng.uniform(0.1, 0.35)), float(rng.uniform(0, 0.6))
    h, w = patch.shape
    x = patch.origin_mm[0] + (np.arange(w, dtype=np.float32)[None] + 0.5) / np.float32(patch.px_per_mm)
    y = patch.origin_mm[1] + (np.arange(h, dtype=np.float32)[:, None] + 0.5) / np.float32(patch.px_per_mm)
    wobble = 0.12 * size * patch.noise(0.35 * size, rng)
    away = np.stack([np.hypot(x - ox, y - oy) for ox, oy in origins]) + wobble
    nearest = away.argmin(axis=0)
    distance = np.maximum(away.min(axis=0), 1e-3)
    reach = float(np.hypot(*(region - origins.mean(axis=0)).T).max())
    steep = 2 * depth_mm / max(reach, 0.1) * np.clip(distance / max(reach, 0.1), 0.1, 1)
    ox, oy = origins[nearest, 0], origins[nearest, 1]
    ripple = deep * np.sin(distance * (2 * np.pi / max(wave * size, 0.08))) * np.exp(-distance / size)
    return (
        np.asarray((x - ox) / distance * steep, np.float32),
        np.asarray((y - oy) / distance * steep, np.float32),
        np.asarray(ripple, np.float32),
    )


def _blow(patch: Patch, region: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Where the piece broke from: the region's point nearest the rim, or any where the rim is far."""
    to_rim = np.minimum(region, patch.surface_mm - region).min(axis=1)
    at = int(np.argmin(to_rim)) if to_rim.min() < _RIM_REACH_MM else int(rng.integers(len(region)))
    return np.asarray(region[at], np.float64)


def _walls(patch: Patch, region: NDArray[np.float64], depth_mm: float) -> tuple[FloatMap, FloatMap]:
    """The steep drop just inside the outline."""
    low, fine, inside = outline_grid(region, 0.4, 160, 20)
    soft = blurred(inside, 0.07 * fine)
    down, right = np.gradient(-0.6 * depth_mm * soft * fine)
    limit = 1.2
    return (
        patch.place(np.clip(right, -limit, limit).astype(np.float32), low, fine),
        patch.place(np.clip(down, -limit, limit).astype(np.float32), low, fine),
    )


def _rim(patch: Patch, region: NDArray[np.float64], rng: np.random.Generator) -> FloatMap:
    """A line round the outline, positive where it is bright and negative where it is dark; none for most of it."""
    closed = np.concatenate([region, region[:1]])
    ink = trail([closed], [float(rng.uniform(0.04, 0.12))], patch.px_per_mm)
    size = span_mm(region)
    force = np.clip(1.6 * ink.wander(0.5 * size, rng) - 0.2, -1, 1) * np.clip(1 + 0.6 * ink.wander(0.15, rng), 0, 2)
    on_rim = np.minimum(ink.at_mm, patch.surface_mm - ink.at_mm).min(axis=1) < 0.05
    return patch.spots(ink.at_mm).sum(ink.area_mm2 * patch.px_per_mm**2 * np.where(on_rim, 0, force))
