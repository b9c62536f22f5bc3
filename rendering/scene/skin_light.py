"""Skin under light: creases, nails, flush, soft shading with red at its edges, a dull gloss."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.camera import to_srgb
from phonegrade.rendering.pictures import blurred, times
from phonegrade.rendering.scene.flesh import Field, Part
from phonegrade.rendering.scene.skin import Skin
from phonegrade.rendering.texture import between, soft_noise

_WRAP = (0.5, 0.28, 0.2)
"""How far red, green and blue light creep into the shade."""
_NAIL_MM = (-7.0, 4.2)
"""Where a nail starts and ends, past the centre of the finger's tip."""
_DEEPEST_MM = 60.0


@dataclass(frozen=True)
class SkinLight:
    """A lamp at `way` (x right, y down, z to the camera) with a share `lamp` of the light, the rest from all round."""

    way: tuple[float, float, float]
    lamp: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "SkinLight":
        """Draw a light, mostly from above."""
        turn, rise = rng.normal(-np.pi / 2, 1.0), between(rng, 0.35, 1.2)
        way = (np.cos(turn) * np.cos(rise), np.sin(turn) * np.cos(rise), np.sin(rise))
        return cls((float(way[0]), float(way[1]), float(way[2])), between(rng, 0.15, 0.65))


def lit_skin(
    field: Field, skin: Skin, light: SkinLight, mm_per_px: float, shaded: FloatMap, rng: np.random.Generator
) -> FloatMap:
    """sRGB colours (h, w, 3) 0..1 of `field`; `shaded` (h, w) 0..1 is how near the device hides the light."""
    h, w = field.height.shape
    hand = field.outside < 0
    top = float(field.height[hand].max()) if hand.any() else 0.0
    height = np.maximum(field.height, top - _DEEPEST_MM)
    patches = soft_noise(h, w, 7.0 / mm_per_px, rng)
    pores = soft_noise(h, w, max(0.8 / mm_per_px, 1.0), rng)
    nail = _nail(field) if not skin.glove else np.zeros((h, w), np.float32)
    dents = _dents(field, skin, nail, patches, mm_per_px, rng)
    rough = (0.15 if skin.glove else 0.05) * min(1.0, 0.3 / mm_per_px) ** 2
    relief = height + dents + pores * np.float32(rough)
    albedo = _albedo(field, skin, nail, patches, pores, dents, mm_per_px)
    open_sky = np.exp(-0.05 * np.clip(broad(height, 5.0 / mm_per_px) - height, 0, None))
    open_sky *= 1 - 0.6 * shaded
    return _shaded(albedo, relief, open_sky, nail, skin, light, mm_per_px)


def broad(field: FloatMap, sigma_px: float) -> FloatMap:
    """`field` (h, w) blurred by `sigma_px`, at a size that is no finer than it needs."""
    h, w = field.shape
    reduction = max(int(sigma_px / 1.5), 1)
    size = (max(w // reduction, 1), max(h // reduction, 1))
    small = blurred(cv2.resize(field, size, interpolation=cv2.INTER_AREA), max(sigma_px / reduction, 0.4))
    return np.asarray(cv2.resize(small, (w, h), interpolation=cv2.INTER_LINEAR), np.float32)


def _nail(field: Field) -> FloatMap:
    """How much of each pixel is nail (h, w), with a rounded outline."""
    start, end = _NAIL_MM
    along = (field.along - (start + end) / 2) / ((end - start) / 2)
    angle = np.arctan2(field.lateral, np.maximum(field.dorsal, 1e-3)) / 0.85
    shape = np.abs(along) ** 3.5 + np.abs(angle) ** 3.5
    inside = np.clip((1 - shape) * 4, 0, 1) * (field.part == Part.TIP) * field.nail * (field.dorsal > 0.3)
    return np.asarray(inside, np.float32)


def _dents(
    field: Field, skin: Skin, nail: FloatMap, patches: FloatMap, mm_per_px: float, rng: np.random.Generator
) -> FloatMap:
    """Relief (h, w) in mm: creases at the joints and in the palm, the groove round nails, folds of cloth."""
    h, w = field.height.shape
    depth = between(rng, 0.25, 0.6)
    folds = soft_noise(h, w, 22.0 / mm_per_px, rng)
    lines = soft_noise(h, w, 34.0 / mm_per_px, rng)
    cloth = (field.part == Part.SLEEVE) * (1.6 * folds)
    if skin.glove:
        return np.asarray(cloth + 0.5 * folds, np.float32)
    jointed = field.part == Part.FINGER
    wave = field.along + 0.5 * patches
    inner = np.exp(-((wave / 0.7) ** 2)) + 0.6 * np.exp(-(((wave + 2.6) / 0.6) ** 2))
    outer = sum(np.exp(-(((wave - at) / 0.55) ** 2)) for at in (-4.2, -2.1, 0.0, 1.9))
    creases = jointed * np.where(field.dorsal < 0.1, inner, 0.45 * outer)
    palm = (field.part == Part.PALM) * (field.dorsal < 0.2) * np.exp(-((lines * 14) ** 2))
    groove = np.clip(4 * nail * (1 - nail), 0, 1) * 0.5 - 0.2 * nail
    return np.asarray(cloth - depth * (creases + 0.9 * palm) - groove, np.float32)


def _albedo(
    field: Field,
    skin: Skin,
    nail: FloatMap,
    patches: FloatMap,
    pores: FloatMap,
    dents: FloatMap,
    mm_per_px: float,
) -> FloatMap:
    """Linear colour (h, w, 3)."""
    back = broad(np.clip(0.5 + 0.9 * field.dorsal, 0, 1), 6.0 / mm_per_px)
    tip = np.clip((field.along + 12) / 14, 0, 1) * (field.part == Part.TIP)
    knuckle = np.exp(-((field.along / 4.5) ** 2)) * (field.part == Part.FINGER) * 0.5
    flush = broad(0.7 * tip + knuckle, 1.5 / mm_per_px) + 0.12 + 0.16 * patches
    fine = np.float32(0.05 * min(1.0, 0.35 / mm_per_px))
    colour = _mixed(skin.palm, skin.base, back)
    colour = _toward(colour, skin.flush, np.clip(flush, 0, 1))
    tone = np.asarray(1 + fine * pores + 0.03 * patches + 0.22 * np.clip(dents, -1, 0), np.float32)
    colour = times(colour, tone)
    if nail.any():
        pale = np.clip((field.along - 3.0) / 0.8, 0, 1) * (1 - skin.polish) * 0.4
        moon = np.clip((-field.along - 4.6) / 0.8, 0, 1) * (1 - skin.polish) * 0.3
        white = np.clip(pale + moon, 0, 1)[..., None]
        plate = np.array(skin.nail, np.float32) * (1 - white) + np.float32(0.75) * white
        colour += (plate - colour) * nail[..., None]
    sleeve = (field.part == Part.SLEEVE).astype(np.float32)
    return _toward(colour, skin.sleeve, sleeve) if sleeve.any() else np.asarray(colour, np.float32)


def _mixed(first: tuple[float, ...], second: tuple[float, ...], share: FloatMap) -> FloatMap:
    planes = [np.float32(a) + np.float32(b - a) * share for a, b in zip(first, second, strict=True)]
    return np.asarray(cv2.merge(planes), np.float32)


def _toward(colour: FloatMap, other: tuple[float, ...], share: FloatMap) -> FloatMap:
    planes = cv2.split(colour)
    mixed = [plane + (np.float32(value) - plane) * share for plane, value in zip(planes, other, strict=True)]
    return np.asarray(cv2.merge(mixed), np.float32)


def _dot(normal: tuple[FloatMap, FloatMap, FloatMap], way: Sequence[float] | NDArray[np.float64]) -> FloatMap:
    x, y, z = (np.float32(part) for part in way)
    return np.asarray(normal[0] * x + normal[1] * y + normal[2] * z, np.float32)


def _shaded(
    albedo: FloatMap,
    relief: FloatMap,
    open_sky: FloatMap,
    nail: FloatMap,
    skin: Skin,
    light: SkinLight,
    mm_per_px: float,
) -> FloatMap:
    smooth = blurred(relief, 0.7)
    slope_x = np.asarray(cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=0.125 / mm_per_px), np.float32)
    slope_y = np.asarray(cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=0.125 / mm_per_px), np.float32)
    steep = np.asarray(1 / np.sqrt(1 + slope_x * slope_x + slope_y * slope_y), np.float32)
    normal = (np.asarray(-slope_x * steep), np.asarray(-slope_y * steep), steep)
    facing = _dot(normal, light.way)
    round_it = (0.62 + 0.38 * normal[2] - 0.18 * normal[1]) * open_sky * np.float32(1 - light.lamp)
    lamp = np.float32(light.lamp * 1.25) * (0.35 + 0.65 * open_sky)
    channels = []
    for channel, wrap in enumerate(_WRAP):
        direct = np.power(np.clip((facing + np.float32(wrap)) / np.float32(1 + wrap), 0, 1), np.float32(1.2)) * lamp
        channels.append(albedo[..., channel] * (round_it + direct))
    half = np.array(light.way) + np.array([0, 0, 1])
    half /= np.linalg.norm(half)
    glance = np.clip(_dot(normal, half), 0, 1)
    gloss = np.float32(0.0 if skin.glove else 0.09) * glance**18
    gloss += nail * np.float32(skin.polish * 0.7) * glance**60
    rim = np.float32(0.025) * (1 - steep) ** 3 * open_sky
    shine = gloss * lamp + rim
    lit = cv2.merge([channel + shine for channel in channels])
    return to_srgb(np.clip(blurred(lit, 0.7), 0, 1))  # limbs that overlap have ragged borders
