"""Pictures a phone shows behind its icons, as sRGB bytes: shaded grounds, landscapes, facets, glows and line work."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.device.wallpaper_lines import LINE_PAINTERS
from phonegrade.rendering.texture import Colour, between, chance, fractal_noise, hsv_colour


def palette(count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """sRGB colours (count, 3) around one or two hues, mostly soft or deep."""
    hue, spread = between(rng, 0, 1), between(rng, 0.02, 0.25)
    dark, full = between(rng, 0.05, 0.6), float(rng.beta(2, 2.2))
    rows: list[Colour] = []
    for _ in range(count):
        own, value = hue + between(rng, -spread, spread), between(rng, dark, 0.97)
        glaring = 0.45 if 0.14 < own % 1 < 0.45 and value > 0.6 else 1.0
        rows.append(hsv_colour(own, min(1.0, full * between(rng, 0.6, 1.15)) * glaring, value))
    return np.clip(np.array(rows, np.float32), 0, 1)


def _gradient(height: int, width: int, rng: np.random.Generator) -> FloatMap:
    first, second = palette(2, rng)
    angle = between(rng, -0.8, 0.8)
    ys, xs = np.linspace(0, 1, height, dtype=np.float32)[:, None], np.linspace(0, 1, width, dtype=np.float32)[None]
    ramp = np.clip(ys * np.float32(np.cos(angle)) + xs * np.float32(np.sin(angle)), 0, 1)[..., None]
    return np.asarray(first + (second - first) * ramp, np.float32)


def _blobs(height: int, width: int, rng: np.random.Generator) -> FloatMap:
    """Flowing colours, liquid or cloudy."""
    colours = palette(4, rng)
    low_h, low_w = max(8, height // 6), max(8, width // 6)
    picture = np.full((low_h, low_w, 3), colours[0], np.float32)
    hard = between(rng, 1, 10)
    for colour in colours[1:]:
        weight = np.clip(fractal_noise(low_h, low_w, low_w * 0.6, 3, rng) * hard + 0.3, 0, 1)[..., None]
        picture = picture + (colour - picture) * weight
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32, copy=False)


def _landscape(height: int, width: int, rng: np.random.Generator) -> FloatMap:
    """Sky over ridges that fade into haze, with a sun or not."""
    picture = np.ascontiguousarray(_gradient(height, width, rng))
    ridge_colour, layers = palette(1, rng)[0] * between(rng, 0.2, 0.9), int(rng.integers(2, 6))
    if chance(rng, 0.4):
        at = (int(width * between(rng, 0.15, 0.85)), int(height * between(rng, 0.15, 0.45)))
        cv2.circle(picture, at, int(width * between(rng, 0.05, 0.16)), (1.0, 0.96, 0.86), -1, cv2.LINE_AA)
    sky = picture[height // 3, width // 2].copy()
    ys = np.arange(height, dtype=np.float32)[:, None]
    for layer in range(layers):
        ridge = fractal_noise(1, width, width * between(rng, 0.2, 0.6), 5, rng)[0]
        edge = height * (0.4 + 0.5 * layer / layers + 0.1 * ridge)
        near = (layer + 1) / layers
        picture[ys >= edge[None]] = sky * (0.75 - 0.75 * near) + ridge_colour * (0.25 + 0.6 * near)
    return picture


def _facets(height: int, width: int, rng: np.random.Generator) -> FloatMap:
    picture = np.ascontiguousarray(_gradient(height, width, rng))
    for colour in palette(int(rng.integers(3, 9)), rng):
        corners = rng.uniform(-0.4, 1.4, (int(rng.integers(3, 5)), 2)) * (width, height)
        mask = np.zeros((height, width), np.uint8)
        cv2.fillConvexPoly(mask, corners.astype(np.int32), 255, cv2.LINE_AA)
        opacity = np.float32(between(rng, 0.15, 0.8) / 255)
        picture += (colour - picture) * (mask * opacity)[..., None]
    return picture


def _glow(height: int, width: int, rng: np.random.Generator) -> FloatMap:
    """A flower, an eye, a planet: glowing petals round a centre."""
    first, second, third = palette(3, rng)
    ys = np.arange(0, height, 2, dtype=np.float32)[:, None] - height * between(rng, 0.3, 0.7)
    xs = np.arange(0, width, 2, dtype=np.float32)[None] - width * between(rng, 0.2, 0.8)
    radius = np.hypot(xs, ys) / width
    petals = np.cos(np.arctan2(ys, xs) * int(rng.integers(0, 12)) + radius * between(rng, -8, 8))
    wave = (0.5 + 0.5 * np.cos(radius * between(rng, 3, 18) + petals * between(rng, 0, 2)))[..., None]
    glow = np.exp(-radius * between(rng, 0.5, 4))[..., None]
    small = np.asarray((first * (1 - wave) + second * wave) * (0.25 + 0.75 * glow) + third * 0.1, np.float32)
    return np.asarray(cv2.resize(small, (width, height)), np.float32)


def _photo(height: int, width: int, rng: np.random.Generator) -> FloatMap:
    """Something like a snapshot: soft shapes in and out of focus, light spots, fine grain."""
    picture = np.ascontiguousarray(_blobs(height, width, rng) * np.float32(between(rng, 0.4, 0.9)))
    for colour in palette(int(rng.integers(3, 14)), rng):
        at = (rng.uniform(0, 1, 2) * (width, height)).astype(int).tolist()
        axes = (int(width * between(rng, 0.02, 0.3)), int(width * between(rng, 0.02, 0.3)))
        tone = [float(value) for value in colour]
        cv2.ellipse(picture, at, axes, between(rng, 0, 180), 0, 360, tone, -1, cv2.LINE_AA)
    if chance(rng, 0.5):
        small = cv2.resize(picture, (max(8, width // 4), max(8, height // 4)), interpolation=cv2.INTER_AREA)
        small = cv2.GaussianBlur(small, (0, 0), between(rng, 0.8, 5))
        picture = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32, copy=False)
    grain = fractal_noise(height, width, width / between(rng, 10, 60), 4, rng)
    picture *= (1 + np.float32(between(rng, 0.05, 0.25)) * grain)[..., None]
    return picture


def draw_wallpaper(height: int, width: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """A wallpaper (height, width, 3), sRGB bytes; half of them made of lines."""
    shaded = (_gradient, _blobs, _blobs, _landscape, _landscape, _facets, _glow, _photo, _photo)
    if chance(rng, 0.5):
        colours = palette(4, rng)
        return LINE_PAINTERS[rng.integers(len(LINE_PAINTERS))](height, width, colours, rng)
    picture = shaded[rng.integers(len(shaded))](height, width, rng)
    return np.asarray(cv2.convertScaleAbs(np.clip(picture, 0, 1), alpha=255), np.uint8)
