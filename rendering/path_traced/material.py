"""Surface maps and paint as the textures of a principled material (Burley 2012, as Mitsuba implements it)."""

from dataclasses import dataclass

import numpy as np

from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.device.surfaces import SurfaceMaps
from phonegrade.rendering.wear.layers import Layers

DIELECTRIC = 0.04
"""Mirror reflectance of glass and lacquer at normal incidence; what mirrors more is metal."""
GROOVE_ALPHA = 0.3
"""Microfacet roughness of broken ground: scratched, chipped and crushed glass."""
_METAL_SLOPE = 2.4
_STEEPEST = 1.5


@dataclass(frozen=True)
class Textures:
    """One material; each (H, W, 1 or 3) float32, row 0 at the surface's top."""

    colour: FloatMap
    """Linear RGB: of the diffuse part, of the mirror where metallic."""
    roughness: FloatMap
    """Square root of the microfacet alpha."""
    metallic: FloatMap
    normal: FloatMap
    """Unit normals, z towards the viewer, coded 0..1; x right and y up."""


def metal_and_colour(diffuse: FloatMap, gloss: FloatMap) -> tuple[FloatMap, FloatMap]:
    """How much of a surface is metal (H, W), by its mirror reflectance, and its base colour (H, W, 3)."""
    metallic = np.clip((gloss - 2 * DIELECTRIC) * _METAL_SLOPE, 0, 1)
    mirror = np.maximum(gloss, DIELECTRIC)[..., None] * _tint(diffuse)
    return np.asarray(metallic, np.float32), np.asarray(diffuse + (mirror - diffuse) * metallic[..., None], np.float32)


def textures(maps: SurfaceMaps, layers: Layers | None, waviness: FloatMap, px_per_mm: float) -> Textures:
    """Return the material of a surface, worn or, where `layers` is None, clean; `waviness` (H, W, 2) are slopes."""
    gy, gx = np.gradient(maps.height * np.float32(px_per_mm))
    slope_x, slope_y = gx + waviness[..., 0], gy + waviness[..., 1]
    alpha = maps.roughness
    metallic, colour = metal_and_colour(maps.diffuse, maps.gloss)
    if layers is not None:
        cover, kept = np.clip(layers.cover, 0, 1), 1 - np.clip(layers.dark, 0, 0.97)
        slope_x, slope_y = slope_x + layers.slope_x, slope_y + layers.slope_y
        alpha = np.clip(alpha + layers.rough, 0, 1) * (1 - cover) + GROOVE_ALPHA * cover
        white = np.clip(layers.white, 0, 1)[..., None]
        metallic = metallic * (1 - 0.7 * white[..., 0])
        colour = (colour * (1 - 0.5 * cover[..., None]) + white) * kept[..., None]
    return Textures(
        np.clip(colour, 0, 0.95).astype(np.float32),
        np.sqrt(np.clip(alpha, 0.0004, 1))[..., None].astype(np.float32),
        metallic[..., None].astype(np.float32),
        _normals(slope_x, slope_y),
    )


def _tint(diffuse: FloatMap) -> FloatMap:
    """The hue of a colour at full brightness."""
    return np.asarray((diffuse + 0.02) / (diffuse.max(axis=2, keepdims=True) + 0.02), np.float32)


def _normals(slope_x: FloatMap, slope_y: FloatMap) -> FloatMap:
    x = np.clip(slope_x, -_STEEPEST, _STEEPEST)
    y = np.clip(slope_y, -_STEEPEST, _STEEPEST)
    length = np.sqrt(1 + x * x + y * y)
    return np.asarray(np.dstack([-x, y, np.ones_like(x)]) / length[..., None] / 2 + 0.5, np.float32)
