"""Pictures with the detail of photographs, as sRGB bytes: surf, rock, trees by water, silk, fur, stars, all drawn.

Their edges are ragged, branched and sharp as those of broken glass are, and mean nothing.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import RGB, FloatMap
from phonegrade.rendering.scene.backgrounds import draw_background
from phonegrade.rendering.texture import between, chance, fractal_noise, hsv_colour, relief_light, soft_noise

Painter = Callable[[int, int, np.random.Generator], RGB]
COMPOSED_SHARE = 0.35
"""Sceneries of two that meet along a ragged line."""
FOCUS_SHARE = 0.3
"""And of those, how many have one of the two out of focus."""


def draw_scenery(height: int, width: int, rng: np.random.Generator) -> RGB:
    """A picture (height, width, 3)."""
    picture = _one(height, width, rng)
    if chance(rng, COMPOSED_SHARE):
        other = _one(height, width, rng)
        if chance(rng, FOCUS_SHARE):
            other = np.asarray(cv2.GaussianBlur(other, (0, 0), between(rng, 2, 12)), np.uint8)
        slope = np.linspace(-1, 1, height, dtype=np.float32)[:, None] * np.float32(between(rng, 0.5, 3))
        field = fractal_noise(height, width, width * between(rng, 0.2, 0.9), 7, rng) + slope
        cover = np.clip(field * np.float32(between(rng, 4, 60)) + 0.5, 0, 1)[..., None]
        picture = np.asarray(picture + (other.astype(np.float32) - picture) * cover, np.uint8)
    return picture


def _one(height: int, width: int, rng: np.random.Generator) -> RGB:
    return PAINTERS[rng.integers(len(PAINTERS))](height, width, rng)


def _ramp(field: FloatMap, colours: NDArray[np.float32]) -> RGB:
    """`field` (H, W), 0..1, in `colours` (N, 3) that follow each other from 0 to 1."""
    steps, at = np.linspace(0, 1, 256), np.linspace(0, 1, len(colours))
    table = np.stack([np.interp(steps, at, colours[:, channel]) for channel in range(3)], axis=1)
    index = np.asarray(np.clip(field * 255, 0, 255), np.uint8)
    return np.asarray(np.round(table * 255), np.uint8)[index]


def _hues(count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Colours (count, 3) of a landscape: a hue or two, from deep to bright or in any order."""
    hue, spread, full = between(rng, 0, 1), between(rng, 0.02, 0.3), between(rng, 0.1, 1)
    values = rng.uniform(0.05, 1, count)
    if chance(rng, 0.6):
        values = np.sort(values)
    rows = [hsv_colour(hue + between(rng, -spread, spread), full * between(rng, 0.4, 1), float(v)) for v in values]
    return np.array(rows, np.float32)


def _bent(plane: FloatMap, reach_px: float, cell_px: float, rng: np.random.Generator) -> FloatMap:
    """`plane` (H, W) with its places moved by up to about `reach_px`: what was straight flows."""
    height, width = plane.shape
    xs, ys = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    xs += np.float32(reach_px) * fractal_noise(height, width, cell_px, 4, rng)
    ys += np.float32(reach_px) * fractal_noise(height, width, cell_px, 4, rng)
    return np.asarray(cv2.remap(plane, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.float32)


def _surf(height: int, width: int, rng: np.random.Generator) -> RGB:
    """Nets of foam on water or sand, veins of marble or ice: ridges of a bent noise."""
    noise = fractal_noise(height, width, width * between(rng, 0.02, 0.25), 6, rng)
    ridges = 1 - np.abs(_bent(noise, width * between(rng, 0.01, 0.12), width * between(rng, 0.1, 0.5), rng)) * 2
    foam = np.clip((ridges - between(rng, 0.6, 0.93)) * np.float32(between(rng, 4, 25)), 0, 1)
    where = np.clip(fractal_noise(height, width, width * 0.7, 5, rng) * 6 + between(rng, 0, 1.5), 0, 1)
    ground = _ramp(np.clip(0.5 + 0.6 * fractal_noise(height, width, width * 0.5, 7, rng), 0, 1), _hues(3, rng))
    white = np.array(hsv_colour(between(rng, 0, 1), between(rng, 0, 0.15), between(rng, 0.7, 1)), np.float32) * 255
    return np.asarray(ground + (white - ground) * (foam * where)[..., None], np.uint8)


def _rock(height: int, width: int, rng: np.random.Generator) -> RGB:
    """Mountains, dunes, bark or crumpled paper: a height field under a low sun."""
    cell = width * between(rng, 0.1, 0.9)
    field = fractal_noise(height, width, cell, 8, rng)
    if chance(rng, 0.5):
        field = 1 - 2 * np.abs(field)
    if chance(rng, 0.4):
        field = _bent(field, cell * 0.3, cell, rng)
    light = relief_light(field * np.float32(cell * between(rng, 0.1, 0.5)), between(rng, 0.4, 2), rng)
    lit = _ramp(np.clip(0.5 + 0.5 * field, 0, 1), _hues(int(rng.integers(2, 5)), rng)) * light[..., None]
    return np.asarray(np.clip(lit, 0, 255), np.uint8)


def _trees(height: int, width: int, rng: np.random.Generator) -> RGB:
    """Clouds over a ragged wood or town, often mirrored in water that ripples."""
    cloud = np.clip(0.5 + between(rng, 0.4, 1.2) * fractal_noise(height, width, width * 0.6, 6, rng), 0, 1)
    picture = _ramp(cloud, _hues(3, rng))
    horizon, rise = height * between(rng, 0.3, 0.75), height * between(rng, 0.03, 0.2)
    ragged = fractal_noise(1, width, width * between(rng, 0.05, 0.3), 8, rng)[0]
    crest = horizon - rise * (0.6 + ragged)
    ys = np.arange(height, dtype=np.float32)[:, None]
    leaves = fractal_noise(height, width, between(rng, 4, 16), 3, rng) * np.float32(between(rng, 2, 12))
    wood = (ys + leaves > crest[None]) & (ys < horizon)
    dark = _ramp(np.clip(0.4 + leaves / 20, 0, 1), _hues(2, rng) * np.float32(between(rng, 0.1, 0.6)))
    picture[wood] = dark[wood]
    if chance(rng, 0.7):
        below = np.maximum(ys - horizon, 0)
        ripple = soft_noise(height, width, width * between(rng, 0.05, 0.3), rng, between(rng, 2, 8))
        rows = np.where(below > 0, 2 * horizon - ys, ys) + ripple * (0.5 + below * np.float32(between(rng, 0, 0.15)))
        columns = np.broadcast_to(np.arange(width, dtype=np.float32)[None], rows.shape)
        maps = (np.ascontiguousarray(columns), np.asarray(rows, np.float32))
        picture = np.asarray(cv2.remap(picture, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.uint8)
    return picture


def _silk(height: int, width: int, rng: np.random.Generator) -> RGB:
    """Flames, folds of cloth, poured paint: bands of colour with one sharp border each."""
    xs, ys = np.meshgrid(np.linspace(0, 1, width, dtype=np.float32), np.linspace(0, height / width, height))
    angle = between(rng, 0, np.pi)
    phase = np.asarray(xs * np.cos(angle) + ys * np.sin(angle), np.float32) * np.float32(between(rng, 1, 7))
    phase = _bent(phase, width * between(rng, 0.1, 0.5), width * between(rng, 0.3, 1), rng)
    return _ramp(phase % 1, _hues(int(rng.integers(3, 7)), rng))


def _fur(height: int, width: int, rng: np.random.Generator) -> RGB:
    """Hair, grass, feathers: fine strands along a flow."""
    thin, long = between(rng, 1.2, 4), between(rng, 20, 120)
    x, y = (thin, long) if chance(rng, 0.5) else (long, thin)
    strands = soft_noise(height, width, x, rng, y) + 0.5 * soft_noise(height, width, 2 * x, rng, 2 * y)
    strands = _bent(strands, width * between(rng, 0.1, 0.4), width * between(rng, 0.4, 1.2), rng)
    tone = 0.5 + 0.25 * strands + 0.4 * fractal_noise(height, width, width * 0.5, 4, rng)
    return _ramp(np.clip(tone, 0, 1), _hues(int(rng.integers(2, 5)), rng))


def _stars(height: int, width: int, rng: np.random.Generator) -> RGB:
    """A night sky or the lights of a town: points of all sizes over faint clouds."""
    haze = np.clip(fractal_noise(height, width, width * 0.6, 6, rng) * between(rng, 0.3, 1), 0, 1)
    picture = _ramp(haze, _hues(3, rng) * np.linspace(0.02, 0.8, 3, dtype=np.float32)[:, None])
    for _ in range(int(rng.integers(80, 900))):
        at = (int(rng.integers(width)), int(rng.integers(height)))
        tone = [255 * part for part in hsv_colour(between(rng, 0, 1), between(rng, 0, 0.4), between(rng, 0.3, 1))]
        cv2.circle(picture, at, int(rng.integers(1, 3)) if chance(rng, 0.12) else 0, tone, -1, cv2.LINE_AA)
    return picture


def _ground(height: int, width: int, rng: np.random.Generator) -> RGB:
    """A desk, cloth, gravel or a page, from near or far, in its own colours or in others."""
    picture = draw_background(height, width, float(np.exp(between(rng, np.log(0.04), np.log(1.2)))), rng)
    if chance(rng, 0.5):
        hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV_FULL)
        hsv[..., 0] += np.uint8(rng.integers(256))
        hsv[..., 1] = cv2.convertScaleAbs(hsv[..., 1], alpha=between(rng, 0.5, 2.5), beta=between(rng, 0, 60))
        picture = np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB_FULL), np.uint8)
    return picture


PAINTERS: tuple[Painter, ...] = (_surf, _surf, _rock, _rock, _trees, _trees, _silk, _fur, _stars, _ground, _ground)
