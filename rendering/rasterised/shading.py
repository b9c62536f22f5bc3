"""Light on a surface: clean or worn texels under an environment, to linear radiance."""

from dataclasses import dataclass

import cv2
import numpy as np

from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.device.surfaces import SurfaceMaps
from phonegrade.rendering.lit import thrice
from phonegrade.rendering.scene.lighting import ENVIRONMENT_PX, Environment
from phonegrade.rendering.wear.layers import Layers

_STEEPEST = 0.9
_BROKEN_GLOSS = 0.1
"""Mirror reflectance of broken glass: its inner faces mirror more than the polished outside."""
_BROKEN_MIP = 2
"""The walls of a groove are rough: they see the room this much blurred."""
_LEAST_COVER = 0.004


@dataclass(frozen=True)
class Mirror:
    """How the flat surface maps to what it mirrors: environment px = centre + turn(spread * mm) + reach * slope."""

    centre: tuple[float, float]
    spread_px_per_mm: float
    turn_rad: float
    reach_px: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Mirror":
        """Draw a random phone under the ceiling."""
        centre = rng.uniform(0.25, 0.75, 2) * ENVIRONMENT_PX
        return cls(
            (float(centre[0]), float(centre[1])),
            float(rng.uniform(0.25, 1.1)),
            float(rng.uniform(0, 2 * np.pi)),
            float(rng.uniform(200, 420)),
        )


def shade(
    maps: SurfaceMaps,
    layers: Layers | None,
    environment: Environment,
    mirror: Mirror,
    px_per_mm: float,
    waviness: FloatMap,
) -> FloatMap:
    """Return a surface's linear radiance (H, W, 3); `layers` None is clean; `waviness` (H, W, 2) are base slopes."""
    h, w = maps.gloss.shape
    gy, gx = np.gradient(maps.height * np.float32(px_per_mm))
    slope_x, slope_y = gx + waviness[..., 0], gy + waviness[..., 1]
    roughness = maps.roughness
    if layers is not None:
        slope_x, slope_y = slope_x + layers.slope_x, slope_y + layers.slope_y
        roughness = roughness + layers.rough
    slope_x, slope_y = np.clip(slope_x, -_STEEPEST, _STEEPEST), np.clip(slope_y, -_STEEPEST, _STEEPEST)
    ex, ey = _environment_coordinates((h, w), px_per_mm, mirror)
    reach = np.float32(mirror.reach_px)
    light = environment.sample(ex + reach * slope_x, ey + reach * slope_y, roughness)
    to_light = np.array([np.cos(mirror.turn_rad), np.sin(mirror.turn_rad)], np.float32) * np.float32(0.45)
    facing = np.clip(1 - (slope_x * to_light[0] + slope_y * to_light[1]), 0.2, 1.8)
    gloss, diffuse, emission = maps.gloss, maps.diffuse, maps.emission
    if layers is not None:
        cover = np.clip(layers.cover, 0, 1)
        gloss = gloss * (1 - cover)
        diffuse = diffuse * thrice(1 - 0.5 * cover) + thrice(layers.white)
        emission = emission * thrice(1 - 0.75 * cover)
    light *= thrice(gloss)
    ambient = np.append(environment.ambient, 0).astype(np.float64)  # as OpenCV wants a colour
    light += cv2.multiply(diffuse, ambient) * thrice(facing) + emission
    if layers is not None:
        at = np.nonzero(layers.cover > _LEAST_COVER)
        share = cover[at]
        facet_x = np.clip(layers.slope_x[at] / share, -_STEEPEST, _STEEPEST)
        facet_y = np.clip(layers.slope_y[at] / share, -_STEEPEST, _STEEPEST)
        glint = _broken_mirror(environment, ex[at] + reach * facet_x, ey[at] + reach * facet_y)
        light[at] += (np.maximum(maps.gloss[at], _BROKEN_GLOSS) * share)[:, None] * glint
        light *= thrice(1 - np.clip(layers.dark, 0, 0.97))
    return np.asarray(light, np.float32)


def _broken_mirror(environment: Environment, x: FloatMap, y: FloatMap) -> FloatMap:
    """Light (N, 3) that the rough walls of grooves and breaks mirror, at environment pixels `x`, `y` (N)."""
    n = ENVIRONMENT_PX
    columns, rows = np.mod(x.astype(int), 2 * n), np.mod(y.astype(int), 2 * n)
    columns, rows = np.where(columns < n, columns, 2 * n - 1 - columns), np.where(rows < n, rows, 2 * n - 1 - rows)
    return np.asarray(environment.mips[_BROKEN_MIP][rows, columns], np.float32)


def draw_waviness(shape_hw: tuple[int, int], px_per_mm: float, rng: np.random.Generator) -> FloatMap:
    """Draw slopes (H, W, 2) of about 6e-4 over 30 mm, so that mirrored lamps are not ruler-straight."""
    knots = (max(int(shape_hw[0] / (30 * px_per_mm)) + 2, 3), max(int(shape_hw[1] / (30 * px_per_mm)) + 2, 3), 2)
    field = rng.normal(0, 6e-4, knots).astype(np.float32)
    return np.asarray(cv2.resize(field, (shape_hw[1], shape_hw[0]), interpolation=cv2.INTER_CUBIC), np.float32)


def _environment_coordinates(shape_hw: tuple[int, int], px_per_mm: float, mirror: Mirror) -> tuple[FloatMap, FloatMap]:
    h, w = shape_hw
    x = (np.arange(w, dtype=np.float32) - w / 2) / np.float32(px_per_mm) * np.float32(mirror.spread_px_per_mm)
    y = (np.arange(h, dtype=np.float32) - h / 2) / np.float32(px_per_mm) * np.float32(mirror.spread_px_per_mm)
    c, s = np.float32(np.cos(mirror.turn_rad)), np.float32(np.sin(mirror.turn_rad))
    ex = np.float32(mirror.centre[0]) + c * x[None, :] - s * y[:, None]
    ey = np.float32(mirror.centre[1]) + s * x[None, :] + c * y[:, None]
    return ex, ey
