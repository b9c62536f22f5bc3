"""Light on a surface: clean or marked texels under an environment, to linear radiance."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.datasets.device.surfaces import SurfaceMaps
from phonegrade.datasets.scene.lighting import ENVIRONMENT_PX, Environment
from phonegrade.datasets.wear.paint import Layers

FloatMap = NDArray[np.float32]


@dataclass(frozen=True)
class Mirror:
    """How the flat surface maps to what it mirrors: environment px = centre + turn(spread * mm) + reach * slope."""

    centre: tuple[float, float]
    spread_px_per_mm: float
    turn_rad: float
    reach_px: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Mirror":
        """A random phone under the ceiling."""
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
    """Linear radiance (H, W, 3) of a surface; `layers` None is free of marks; `waviness` (H, W, 2) are base slopes."""
    h, w = maps.gloss.shape
    gy, gx = np.gradient(maps.height * np.float32(px_per_mm))
    slope_x, slope_y = gx + waviness[..., 0], gy + waviness[..., 1]
    roughness = maps.roughness
    if layers is not None:
        slope_x, slope_y = slope_x + layers.slope_x, slope_y + layers.slope_y
        roughness = roughness + layers.rough
    ex, ey = _environment_coordinates((h, w), px_per_mm, mirror)
    limit, reach = 0.9, np.float32(mirror.reach_px)
    mirrored = environment.sample(
        ex + reach * np.clip(slope_x, -limit, limit), ey + reach * np.clip(slope_y, -limit, limit), roughness
    )
    to_light = np.array([np.cos(mirror.turn_rad), np.sin(mirror.turn_rad)], np.float32) * np.float32(0.45)
    facing = np.clip(1 - (slope_x * to_light[0] + slope_y * to_light[1]), 0.2, 1.8)
    gloss, diffuse, emission = maps.gloss, maps.diffuse, maps.emission
    if layers is not None:
        cover = np.clip(layers.cover, 0, 1)
        gloss = gloss * (1 - cover) + np.maximum(gloss, 0.12) * cover
        diffuse = diffuse * thrice(1 - 0.5 * cover) + thrice(layers.white)
        emission = emission * thrice(1 - 0.75 * cover)
    ambient = cv2.multiply(diffuse, (*environment.ambient.tolist(), 0.0))
    light = ambient * thrice(facing) + thrice(gloss) * mirrored + emission
    if layers is not None:
        light *= thrice(1 - np.clip(layers.dark, 0, 0.97))
    return np.asarray(light, np.float32)


def thrice(plane: FloatMap) -> FloatMap:
    """A plane (H, W) as (H, W, 3): broadcasting over a last axis of three takes several times as long."""
    return np.asarray(cv2.merge((plane, plane, plane)), np.float32)


def draw_waviness(shape_hw: tuple[int, int], px_per_mm: float, rng: np.random.Generator) -> FloatMap:
    """Slopes (H, W, 2) of about 6e-4 over 30 mm, so that mirrored lamps are not ruler-straight."""
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
