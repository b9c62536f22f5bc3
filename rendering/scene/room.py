"""Grounds out of focus or without texture: studio sweeps, light tents, blurred rooms, window light."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.pictures import FRACTION_BITS, blurred, fixed_point, times
from phonegrade.rendering.texture import between, chance, hsv_colour, mixed, muted, soft_noise, tinted, white_noise


def _any_colour(rng: np.random.Generator, low: float, high: float) -> NDArray[np.float32]:
    saturation = between(rng, 0, 0.12) if chance(rng, 0.65) else between(rng, 0.1, 0.6)
    return np.array(hsv_colour(between(rng, 0, 1), saturation, between(rng, low, high)), np.float32)


def studio(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> FloatMap:
    """Plain paper or a plain table, from black to white, with a soft fall-off; at times a table's edge."""
    value = (0.9, 1.0) if chance(rng, 0.35) else ((0.01, 0.12) if chance(rng, 0.3) else (0.1, 0.95))
    base = _any_colour(rng, *value)
    ys = np.linspace(-1, 1, height, dtype=np.float32)[:, None] - np.float32(between(rng, -0.7, 0.7))
    xs = np.linspace(-1, 1, width, dtype=np.float32)[None] - np.float32(between(rng, -0.7, 0.7))
    tone = 1 - np.float32(between(rng, 0, 0.2)) * (xs * xs + ys * ys)
    tone += np.float32(between(rng, 0, 0.015)) * white_noise(height, width, rng)
    picture = tinted(tone, base)
    if chance(rng, 0.3):
        tilt = np.float32(between(rng, -0.4, 0.4))
        edge = (ys + tilt * xs - np.float32(between(rng, -0.8, 0.8))) * np.float32(between(rng, 8, 400))
        picture = mixed(picture, _any_colour(rng, 0.05, 0.95), edge)
    return picture


def tent(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> FloatMap:
    """The even grey or white of a grading booth, with a felt-like grain."""
    value = between(rng, 0.15, 0.4) if chance(rng, 0.6) else between(rng, 0.6, 0.97)
    grain = soft_noise(height, width, max(1.0, between(rng, 0.3, 1.2) / mm_per_px), rng)
    tone = value * (1 + between(rng, 0.02, 0.15) * grain)
    return np.repeat(tone[..., None], 3, 2)


def bokeh_room(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> FloatMap:
    """Walls, furniture, people, foliage, windows and lamps far behind the phone, out of focus."""
    low = 8
    rows, columns = height // low + 2, width // low + 2
    picture = np.empty((rows, columns, 3), np.float32)
    picture[:] = muted(rng) * 0.8 + 0.1
    floor = int(between(rng, 0.35, 1.2) * rows)
    picture[floor:] = muted(rng)
    for _ in range(int(rng.integers(3, 12))):
        _furniture(picture, rng)
    if chance(rng, 0.3):
        leaves = soft_noise(rows, columns, between(rng, 2, 10), rng)
        hue, dull = between(rng, 0.18, 0.36), between(rng, 0.2, 0.5)
        green = np.array(hsv_colour(hue, dull, between(rng, 0.2, 0.6)), np.float32)
        picture = mixed(picture, tinted(0.8 + 0.4 * leaves, green), leaves * 3 + between(rng, -0.5, 0.8))
    if chance(rng, 0.35):
        corner = rng.uniform(-0.1, 0.8, 2) * (columns, rows)
        size = rng.uniform(0.1, 0.4, 2) * (columns, rows)
        ends = (fixed_point(corner), fixed_point(corner + size))
        cv2.rectangle(picture, *ends, (1.3, 1.35, 1.4), -1, cv2.LINE_8, FRACTION_BITS)
    uneven = 1 + np.float32(0.25) * soft_noise(rows, columns, columns / 2, rng)
    small = times(blurred(picture, between(rng, 2.0, 8.0)), uneven)
    picture = np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
    if chance(rng, 0.3):
        _lamps(picture, rng)
    return np.clip(picture, 0, 1.2)


def _furniture(picture: FloatMap, rng: np.random.Generator) -> None:
    """Some thing of one colour, lit from above, in place."""
    rows, columns = picture.shape[:2]
    colour = muted(rng) * np.float32(between(rng, 0.3, 1.1))
    red, green, blue = (float(value) for value in colour)
    centre = (between(rng, 0, columns), between(rng, 0, rows))
    size = (between(rng, 0.05, 0.6) * columns, between(rng, 0.08, 0.7) * rows)
    angle = between(rng, -6, 6) if chance(rng, 0.85) else between(rng, 0, 180)
    if chance(rng, 0.75):
        corners = cv2.boxPoints((centre, size, angle))
        cv2.fillConvexPoly(picture, corners.astype(np.int32), (red, green, blue))
    else:
        half = (int(size[0] / 3), int(size[1] / 3))
        cv2.ellipse(picture, (int(centre[0]), int(centre[1])), half, angle, 0, 360, (red, green, blue), -1)


def _lamps(picture: FloatMap, rng: np.random.Generator) -> None:
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
    sharp = min(between(rng, 2, 14), period * width / (3 * low))
    bars = np.clip(((along / period) % 1 - duty) * sharp, 0, 1)
    if chance(rng, 0.5):
        bars = bars * np.clip(((across / period / 1.4) % 1 - duty) * sharp, 0, 1)
    field = (between(rng, 0.45, 0.8) + between(rng, 0.2, 0.6) * bars).astype(np.float32)
    field = cv2.GaussianBlur(field, (0, 0), 1.2)
    return np.asarray(cv2.resize(field, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
