"""Pictures a phone shows behind its icons: gradients, blobs, landscapes, line art, facets."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.datasets.scene.texture import RGB, between, chance, fractal_noise, hsv_colour

_Picture = NDArray[np.float32]


def _palette(count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Colours (count, 3) around one or two hues."""
    hue, spread = between(rng, 0, 1), between(rng, 0.02, 0.4)
    dark = between(rng, 0.05, 0.6)
    rows: list[RGB] = [
        hsv_colour(hue + between(rng, -spread, spread), between(rng, 0.1, 0.95), between(rng, dark, 1))
        for _ in range(count)
    ]
    return np.array(rows, np.float32)


def _gradient(height: int, width: int, rng: np.random.Generator) -> _Picture:
    first, second = _palette(2, rng)
    angle = between(rng, -0.8, 0.8)
    ys, xs = np.linspace(0, 1, height, dtype=np.float32)[:, None], np.linspace(0, 1, width, dtype=np.float32)[None]
    ramp = np.clip(ys * np.cos(angle) + xs * np.sin(angle), 0, 1)[..., None]
    return np.asarray(first + (second - first) * ramp, np.float32)


def _blobs(height: int, width: int, rng: np.random.Generator) -> _Picture:
    colours = _palette(4, rng)
    low_h, low_w = max(8, height // 8), max(8, width // 8)
    picture = np.full((low_h, low_w, 3), colours[0], np.float32)
    hard = between(rng, 1, 12)
    for colour in colours[1:]:
        weight = np.clip(fractal_noise(low_h, low_w, low_w * 0.6, 3, rng) * hard + 0.3, 0, 1)[..., None]
        picture = picture + (colour - picture) * weight
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32, copy=False)


def _landscape(height: int, width: int, rng: np.random.Generator) -> _Picture:
    picture = np.ascontiguousarray(_gradient(height, width, rng))
    ridge_colour = _palette(1, rng)[0]
    layers = int(rng.integers(2, 6))
    ys = np.arange(height, dtype=np.float32)[:, None]
    for layer in range(layers):
        ridge = fractal_noise(1, width, width * between(rng, 0.2, 0.6), 5, rng)[0]
        edge = height * (0.35 + 0.6 * layer / layers + 0.12 * ridge)
        shade = ridge_colour * (0.9 - 0.7 * (layer + 1) / layers)
        picture[ys >= edge[None]] = shade
    return picture


def _line_art(height: int, width: int, rng: np.random.Generator) -> _Picture:
    """Families of parallel strokes: a single stroke on a plain ground could not be told from a crack."""
    colours = _palette(3, rng)
    picture = np.full((height, width, 3), colours[0] * between(rng, 0.1, 0.9), np.float32)
    for _ in range(int(rng.integers(2, 8))):
        start = rng.uniform(-0.2, 1.2, 2) * (width, height)
        turn = np.cumsum(rng.normal(0, between(rng, 0.02, 0.15), 60)) + between(rng, 0, 6.3)
        step = between(rng, 0.02, 0.06) * height
        path = start + np.cumsum(np.stack([np.cos(turn), np.sin(turn)], 1) * step, 0)
        aside = np.stack([-np.sin(turn), np.cos(turn)], 1)
        thick = max(2, round(width * between(rng, 0.004, 0.02)))
        gap = thick * between(rng, 1.8, 5)
        for line in range(int(rng.integers(3, 10))):
            colour = [float(value) for value in colours[1 + line % 2] * between(rng, 0.6, 1)]
            points = ((path + aside * gap * line) * 8).astype(np.int32)
            cv2.polylines(picture, [points], False, colour, thick, cv2.LINE_8, 3)
    return cv2.GaussianBlur(picture, (0, 0), 0.7).astype(np.float32, copy=False)


def _facets(height: int, width: int, rng: np.random.Generator) -> _Picture:
    picture = np.ascontiguousarray(_gradient(height, width, rng))
    for colour in _palette(int(rng.integers(3, 9)), rng):
        corners = rng.uniform(-0.4, 1.4, (int(rng.integers(3, 5)), 2)) * (width, height)
        mask = np.zeros((height, width), np.uint8)
        cv2.fillConvexPoly(mask, corners.astype(np.int32), 1)
        inside = mask > 0
        opacity = between(rng, 0.2, 0.9)
        picture[inside] += (colour - picture[inside]) * opacity
    return picture


def _rings(height: int, width: int, rng: np.random.Generator) -> _Picture:
    """A flower, an eye, a planet: glowing petals round a centre."""
    first, second, third = _palette(3, rng)
    ys = np.arange(height, dtype=np.float32)[:, None] - height * between(rng, 0.3, 0.7)
    xs = np.arange(width, dtype=np.float32)[None] - width * between(rng, 0.2, 0.8)
    radius = np.hypot(xs, ys) / width
    petals = np.cos(np.arctan2(ys, xs) * int(rng.integers(0, 12)) + radius * between(rng, -8, 8))
    wave = (0.5 + 0.5 * np.cos(radius * between(rng, 3, 18) + petals * between(rng, 0, 2)))[..., None]
    glow = np.exp(-radius * between(rng, 0.5, 4))[..., None]
    return np.asarray((first * (1 - wave) + second * wave) * (0.25 + 0.75 * glow) + third * 0.1, np.float32)


def draw_wallpaper(height: int, width: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """A wallpaper (height, width, 3), sRGB 0..1."""
    painters = (_gradient, _blobs, _blobs, _landscape, _landscape, _line_art, _facets, _rings)
    picture = np.array(painters[rng.integers(len(painters))](height, width, rng), np.float32)
    if chance(rng, 0.3):
        grain = fractal_noise(height, width, width / between(rng, 4, 40), 5, rng)
        picture *= 1 + between(rng, 0.05, 0.3) * grain[..., None]
    return np.clip(picture, 0, 1)
