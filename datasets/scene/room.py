"""Grounds out of focus or without texture: studio sweeps, light tents, blurred rooms, window light."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.datasets.scene.texture import between, chance, hsv_colour, soft_noise, white_noise

_Picture = NDArray[np.float32]


def _any_colour(rng: np.random.Generator, low: float, high: float) -> NDArray[np.float32]:
    saturation = between(rng, 0, 0.12) if chance(rng, 0.65) else between(rng, 0.1, 0.6)
    return np.array(hsv_colour(between(rng, 0, 1), saturation, between(rng, low, high)), np.float32)


def studio(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> _Picture:
    """Plain paper or a plain table, from black to white, with a soft fall-off; at times a table's edge."""
    value = (0.9, 1.0) if chance(rng, 0.35) else ((0.01, 0.12) if chance(rng, 0.3) else (0.1, 0.95))
    base = _any_colour(rng, *value)
    ys = np.linspace(-1, 1, height, dtype=np.float32)[:, None] - between(rng, -0.7, 0.7)
    xs = np.linspace(-1, 1, width, dtype=np.float32)[None] - between(rng, -0.7, 0.7)
    fall = 1 - between(rng, 0, 0.3) * (xs**2 + ys**2)
    picture = base * fall[..., None]
    if chance(rng, 0.3):
        tilt = between(rng, -0.4, 0.4)
        edge = np.clip((ys + tilt * xs - between(rng, -0.8, 0.8)) * between(rng, 8, 400), 0, 1)[..., None]
        picture = picture * edge + _any_colour(rng, 0.05, 0.95) * (1 - edge)
    return np.asarray(picture * (1 + between(rng, 0, 0.02) * white_noise(height, width, rng))[..., None], np.float32)


def tent(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> _Picture:
    """The even grey or white of a grading booth, with a felt-like grain."""
    value = between(rng, 0.15, 0.4) if chance(rng, 0.6) else between(rng, 0.6, 0.97)
    grain = soft_noise(height, width, max(1.0, between(rng, 0.3, 1.2) / mm_per_px), rng)
    tone = value * (1 + between(rng, 0.02, 0.15) * grain)
    return np.repeat(tone[..., None], 3, 2)


def bokeh_room(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> _Picture:
    """Furniture, people, foliage and lamps far behind the phone, out of focus."""
    low = 6
    rows, columns = height // low + 2, width // low + 2
    picture = np.full((rows, columns, 3), _any_colour(rng, 0.1, 0.9), np.float32)
    for _ in range(int(rng.integers(4, 18))):
        colour = [float(value) for value in _any_colour(rng, 0.03, 1)]
        centre = (between(rng, 0, columns), between(rng, 0, rows))
        size = (between(rng, 0.08, 0.9) * columns, between(rng, 0.08, 0.9) * rows)
        angle = between(rng, -12, 12) if chance(rng, 0.8) else between(rng, 0, 180)
        if chance(rng, 0.7):
            corners = cv2.boxPoints((centre, size, angle))
            cv2.fillConvexPoly(picture, corners.astype(np.int32), colour)
        else:
            half = (int(size[0] / 3), int(size[1] / 3))
            cv2.ellipse(picture, (int(centre[0]), int(centre[1])), half, angle, 0, 360, colour, -1)
    if chance(rng, 0.3):
        leaves = soft_noise(rows, columns, between(rng, 3, 14), rng)
        green = np.array(hsv_colour(between(rng, 0.15, 0.42), 0.6, 0.6), np.float32)
        picture += (green * (0.6 + 0.5 * leaves)[..., None] - picture) * np.clip(leaves * 3 + 0.5, 0, 1)[..., None]
    blurred = cv2.GaussianBlur(picture, (0, 0), between(rng, 1.2, 12))
    picture = np.asarray(cv2.resize(blurred, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
    if chance(rng, 0.45):
        _lamps(picture, rng)
    if chance(rng, 0.3):
        row = int(height * between(rng, 0.4, 0.85))
        table = _any_colour(rng, 0.15, 0.95) * (1 + 0.05 * soft_noise(height - row, width, 40, rng))[..., None]
        weight = np.clip(np.arange(height - row, dtype=np.float32) / between(rng, 2, 30), 0, 1)[:, None, None]
        picture[row:] += (table - picture[row:]) * weight
    return np.clip(picture, 0, 1.2)


def _lamps(picture: _Picture, rng: np.random.Generator) -> None:
    """Discs of confusion of small bright lights."""
    height, width = picture.shape[:2]
    radius = between(rng, 0.01, 0.06) * width
    layer = np.zeros((height, width, 3), np.uint8)
    for _ in range(int(rng.integers(3, 25))):
        disc = np.zeros_like(layer)
        colour = [
            float(255 * value) for value in hsv_colour(between(rng, 0, 0.2), between(rng, 0, 0.7), between(rng, 0.3, 1))
        ]
        centre = (int(between(rng, 0, width)), int(between(rng, 0, height)))
        box = int(radius) + 2
        rows = slice(max(0, centre[1] - box), centre[1] + box)
        columns = slice(max(0, centre[0] - box), centre[0] + box)
        cv2.circle(disc, centre, int(radius * between(rng, 0.7, 1)), colour, -1, cv2.LINE_AA)
        layer[rows, columns] = cv2.add(layer[rows, columns], disc[rows, columns])
    picture += layer.astype(np.float32) / 255 * np.float32(between(rng, 0.3, 0.8))


def window_light(height: int, width: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Light factor (height, width) of sun through window bars or blinds, 0.45..1.4."""
    angle = between(rng, 0, 3.14)
    low = 4
    ys = np.arange(height // low + 1, dtype=np.float32)[:, None] * low / width
    xs = np.arange(width // low + 1, dtype=np.float32)[None] * low / width
    along, across = xs * np.cos(angle) + ys * np.sin(angle), ys * np.cos(angle) - xs * np.sin(angle)
    period, duty = between(rng, 0.06, 0.6), between(rng, 0.05, 0.5)
    sharp = min(between(rng, 4, 40), period * width / (3 * low))
    bars = np.clip(((along / period) % 1 - duty) * sharp, 0, 1)
    if chance(rng, 0.5):
        bars = bars * np.clip(((across / period / 1.4) % 1 - duty) * sharp, 0, 1)
    field = (between(rng, 0.45, 0.8) + between(rng, 0.2, 0.6) * bars).astype(np.float32)
    return np.asarray(cv2.resize(field, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
