"""The room over a lying phone: ceiling, walls and corners, windows, and the lamps of each kind of place."""

from typing import assert_never

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.configs.render_settings import Light
from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.scene.lamps import bar, bulb, draw_colour, glow_colour, panels, softbox, spots
from phonegrade.rendering.texture import between, chance, soft_noise


def draw_ceiling(kind: Light, size_px: int, rng: np.random.Generator) -> tuple[FloatMap, NDArray[np.float64]]:
    """The plane of the ceiling (size_px, size_px, 3) and the walls (3,) beyond it, linear, a lit white wall about 1."""
    tone = between(rng, 0.35, 1.0) * (1 + rng.normal(0, 0.04, 3))
    light = np.empty((size_px, size_px, 3), np.float32)
    light[:] = tone
    walls = between(rng, 0.25, 0.9) * (1 + rng.normal(0, 0.08, 3))
    match kind:
        case Light.TENT:
            walls = _tent(light, rng)
        case Light.PANELS:
            _shaded(light, rng)
            panels(light, rng, between(rng, 3, 12))
        case Light.BARS:
            walls = _kiosk(light, rng)
        case Light.WINDOW:
            _shaded(light, rng)
            _room_walls(light, walls, rng)
            _window(light, rng, between(rng, 4, 20))
        case Light.ROOM | Light.DIM | Light.RAILS:
            _shaded(light, rng)
            _room_walls(light, walls, rng)
            _room_lamps(light, rng)
        case _:
            assert_never(kind)
    return light, np.asarray(np.clip(walls, 0.01, None), np.float64)


def _shaded(light: FloatMap, rng: np.random.Generator) -> None:
    """A slope over the ceiling and broad unevenness, as from lamps out of sight."""
    n = light.shape[0]
    turn, slope = between(rng, 0, 2 * np.pi), between(rng, 0, 0.7)
    at = np.linspace(-1, 1, n, dtype=np.float32)
    field = 1 + np.float32(slope) * (at * np.float32(np.cos(turn)) + at[:, None] * np.float32(np.sin(turn))) / 1.4
    field *= 1 + 0.1 * soft_noise(n, n, between(rng, 50, 120), rng)
    light *= field[..., None]


def _room_lamps(light: FloatMap, rng: np.random.Generator) -> None:
    draw = rng.random()
    if draw < 0.2:
        spots(light, rng, between(rng, 3, 12))
    elif draw < 0.35:
        for _ in range(int(rng.integers(1, 3))):
            bar(light, rng, between(rng, 4, 15), between(rng, 0, 180))
    elif draw < 0.5:
        softbox(light, rng, between(rng, 5, 25), 0.3)
    else:
        for _ in range(int(rng.integers(1, 4))):
            bulb(light, rng, between(rng, 4, 30))
    if chance(rng, 0.3):
        _window(light, rng, between(rng, 2, 10))


def _room_walls(light: FloatMap, walls: NDArray[np.float64], rng: np.random.Generator) -> None:
    """One or two walls that come into the picture: a corner line, a darkening towards it, shelves and doors."""
    n = light.shape[0]
    turn = between(rng, 0, 2 * np.pi)
    at = np.arange(n, dtype=np.float32) - n / 2
    for quarter in range(int(rng.integers(0, 3))):
        c, s = np.cos(turn + quarter * np.pi / 2), np.sin(turn + quarter * np.pi / 2)
        out = at * np.float32(c) + at[:, None] * np.float32(s) - np.float32(between(rng, 0.12, 0.5) * n)
        along = at[:, None] * np.float32(c) - at * np.float32(s)
        light *= (1 - 0.3 * np.exp(-np.abs(out) / 18))[..., None]
        cover = np.clip(out, 0, 1)
        colour = np.repeat((walls * between(rng, 0.6, 1.2)).astype(np.float32)[None, None], 1, axis=0)
        wall = colour * (1 - 0.25 * np.exp(-np.clip(out, 0, None) / 25))[..., None]
        for _ in range(int(rng.integers(0, 4))):
            first, wide = between(rng, -n / 2, n / 2), between(rng, 8, 70)
            low, high = between(rng, 0, 50), between(rng, 20, 120)
            inside = np.clip(np.minimum(along - first, first + wide - along), 0, 1)
            inside = inside * np.clip(np.minimum(out - low, high - out), 0, 1)
            wall = wall * (1 - inside * np.float32(between(rng, 0.3, 0.9)))[..., None]
        light += (wall - light) * cover[..., None]


def _window(light: FloatMap, rng: np.random.Generator, brightness: float) -> None:
    """Panes between mullions, sky over roofs or trees, at times blinds or curtains; seen at a slant."""
    n, size = light.shape[0], 96
    rows = np.linspace(0, 1, size, dtype=np.float32)[:, None]
    sky = glow_colour(between(rng, 6000, 8500)) if chance(rng, 0.75) else draw_colour(rng)
    pane = np.repeat((1 - 0.35 * rows)[..., None] * sky, size, axis=1).astype(np.float32)
    skyline = between(rng, 0.45, 1.1) + 0.12 * np.cumsum(rng.normal(0, 0.2, size)).astype(np.float32)
    low = np.clip((rows - skyline) * 40, 0, 1)[..., None]
    pane += (np.array([0.16, 0.2, 0.14], np.float32) * np.float32(between(rng, 0.3, 2)) - pane) * low
    if chance(rng, 0.25):
        pitch = between(rng, 4, 9)
        slat = (np.arange(size) % pitch < pitch * between(rng, 0.3, 0.7)).astype(np.float32)[:, None, None]
        pane *= 1 - 0.75 * cv2.GaussianBlur(np.repeat(slat, 1, axis=1), (1, 0), sigmaX=0.01, sigmaY=0.7)[..., None]
    cover = np.ones((size, size), np.float32)
    thick = int(between(rng, 2, 5))
    for axis in (0, 1):
        for k in range(int(rng.integers(2, 5)) + 1):
            middle = round(k * (size - 1) / max(int(rng.integers(1, 4)), 1))
            index = slice(max(middle - thick // 2, 0), middle + thick // 2 + 1)
            cover[(index, slice(None)) if axis == 0 else (slice(None), index)] = 0
    frame = np.float32(between(rng, 0.05, 0.5))
    pane = (pane * cover[..., None] + frame / brightness * (1 - cover[..., None])) * np.float32(brightness)
    _slanted(light, np.dstack([pane, np.ones_like(cover)]), n, rng)


def _slanted(light: FloatMap, picture: NDArray[np.float32], n: int, rng: np.random.Generator) -> None:
    """Lay `picture` (S, S, 4) over `light` as a trapezoid: far walls are seen at a slant."""
    size = picture.shape[0]
    wide, tall = between(rng, 50, 190), between(rng, 50, 210)
    far = between(rng, 0.75, 1.3)
    quad = np.array([[-wide, -tall], [wide, -tall], [wide * far, tall], [-wide * far, tall]]) / 2
    turn, reach = between(rng, 0, 2 * np.pi), between(rng, 0.0, 0.75) * n / 2
    c, s = np.cos(turn), np.sin(turn)
    quad = quad @ np.array([[c, s], [-s, c]]) + n / 2 + reach * np.array([s, -c])
    source = np.array([[0, 0], [size, 0], [size, size], [0, size]], np.float32) - 0.5
    slanted = cv2.warpPerspective(picture, cv2.getPerspectiveTransform(source, quad.astype(np.float32)), (n, n))
    light *= 1 - slanted[..., 3:]
    light += slanted[..., :3]


def _tent(light: FloatMap, rng: np.random.Generator) -> NDArray[np.float64]:
    """White cloth with seams and lamps behind it, and the dark hole that the camera looks through."""
    n = light.shape[0]
    _shaded(light, rng)
    hooded = chance(rng, 0.5)  # a camera under a black hood: its glass mirrors next to nothing
    at = np.arange(n, dtype=np.float32) - n / 2
    if hooded:
        light *= np.float32(10 ** between(rng, -2.2, -0.7))
    for _ in range(int(rng.integers(1, 4))):
        seam = at * np.float32(np.cos(turn := between(rng, 0, 3.1))) + at[:, None] * np.float32(np.sin(turn))
        light *= (1 - 0.3 * np.exp(-(((seam - between(rng, -n / 2, n / 2)) / 1.5) ** 2)))[..., None]
    for _ in range(int(rng.integers(1, 4))):
        softbox(light, rng, between(rng, 0.5, 4), 0.75)
    centre = n / 2 + rng.uniform(-0.25, 0.25, 2) * n
    half = np.array([between(rng, 10, 34), between(rng, 10, 34)])
    square = chance(rng, 0.5)
    x, y = np.abs(at + n / 2 - centre[0]) / half[0], np.abs(at + n / 2 - centre[1])[:, None] / half[1]
    outside = np.maximum(x, y) if square else np.sqrt(x * x + y * y)
    hole = np.clip((1 - outside) * float(half.min()) / between(rng, 1, 4), 0, 1)
    light *= (1 - np.float32(between(rng, 0.5, 0.98)) * hole)[..., None]
    return np.ones(3) * between(rng, 0.7, 1.3)


def _kiosk(light: FloatMap, rng: np.random.Generator) -> NDArray[np.float64]:
    """A dark box with bars of light along its walls and a camera in its lid."""
    light *= np.float32(10 ** between(rng, -1.6, -0.3))
    _shaded(light, rng)
    turn = between(rng, -5, 5)
    for k in range(int(rng.integers(1, 5))):
        bar(light, rng, between(rng, 3, 14), turn + 90 * (k % 2))
    if chance(rng, 0.5):
        softbox(light, rng, between(rng, 0.3, 2), 0.5)
    return np.ones(3) * between(rng, 0.1, 0.6)
