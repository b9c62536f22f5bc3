"""Seeded noise and colour helpers that every procedural picture is made of."""

import cv2
import numpy as np
from numpy.typing import NDArray

Colour = tuple[float, float, float]
"""RGB, 0..1."""


def soft_noise(
    height: int, width: int, cell_px: float, rng: np.random.Generator, cell_y_px: float | None = None
) -> NDArray[np.float32]:
    """Value noise (height, width) in about -1..1 with bumps of `cell_px`; `cell_y_px` stretches it into streaks."""
    cell_x, cell_y = max(cell_px, 1.0), max(cell_px if cell_y_px is None else cell_y_px, 1.0)
    rows, columns = int(height / cell_y) + 4, int(width / cell_x) + 4
    grid = rng.random((rows, columns), dtype=np.float32) * 2 - 1
    if cell_x == cell_y == 1:
        return grid[:height, :width]
    size = (max(int(columns * cell_x), width + 1), max(int(rows * cell_y), height + 1))
    top, left = (size[1] - height) // 2, (size[0] - width) // 2
    if size[0] * size[1] > 3 * height * width:  # large cells: most of what OpenCV would grow is cut off again
        return _cubic(rows, size[1], top, height) @ (grid @ _cubic(columns, size[0], left, width).T)
    grown = cv2.resize(grid, size, interpolation=cv2.INTER_CUBIC)
    return np.ascontiguousarray(grown[top : top + height, left : left + width])


def _cubic(cells: int, size: int, first: int, count: int) -> NDArray[np.float32]:
    """Weights (count, cells) of OpenCV's cubic resize from `cells` to `size`, of the pixels from `first` on."""
    at = (np.arange(first, first + count) + 0.5) * (cells / size) - 0.5
    near = np.floor(at).astype(int)[:, None] + np.arange(-1, 3)
    far = np.abs(at[:, None] - near)
    inner, outer = (1.25 * far - 2.25) * far**2 + 1, -0.75 * (((far - 5) * far + 8) * far - 4)
    weights = np.zeros((count, cells), np.float32)
    np.add.at(weights, (np.arange(count)[:, None], np.clip(near, 0, cells - 1)), np.where(far <= 1, inner, outer))
    return weights


def fractal_noise(
    height: int, width: int, cell_px: float, octaves: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Sum of `octaves` of value noise (height, width), each half the size and half as strong; about -1..1."""
    total = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        cell = cell_px / 2**octave
        if cell < 1 and octave:
            break
        total += soft_noise(height, width, cell, rng) * 0.5**octave
    return total * np.float32(0.6)


def white_noise(height: int, width: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Uniform noise (height, width) in -1..1, one value a pixel."""
    return rng.random((height, width), dtype=np.float32) * 2 - 1


def to_linear(srgb: NDArray[np.float32]) -> NDArray[np.float32]:
    """Linear light 0..1 of sRGB values 0..1 of any shape (gamma 2.2, no toe)."""
    return cv2.pow(np.clip(srgb, 0, 1), 2.2).astype(np.float32, copy=False)


def hsv_colour(hue: float, saturation: float, value: float) -> Colour:
    """The sRGB colour 0..1 of a hue, saturation and value, each 0..1."""
    pixel = np.array([[[hue % 1 * 360, saturation, value]]], np.float32)
    red, green, blue = cv2.cvtColor(pixel, cv2.COLOR_HSV2RGB)[0, 0].tolist()
    return red, green, blue


def linear_colour(hue: float, saturation: float, value: float) -> Colour:
    """The linear RGB colour 0..1 of a hue, saturation and sRGB value, each 0..1."""
    red, green, blue = (channel**2.2 for channel in hsv_colour(hue, saturation, value))
    return red, green, blue


def scaled(colour: Colour, factor: float, offset: float = 0.0) -> Colour:
    """Make a colour darker or lighter, within 0..1."""
    red, green, blue = (min(1.0, max(0.0, channel * factor + offset)) for channel in colour)
    return red, green, blue


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """A uniform draw from low..high as a plain float."""
    return float(rng.uniform(low, high))


def chance(rng: np.random.Generator, probability: float) -> bool:
    """True with `probability`."""
    return bool(rng.random() < probability)


def muted(rng: np.random.Generator) -> NDArray[np.float32]:
    """An sRGB colour (3,) that furniture, cloth and floors have: greys, naturals, dull blues; seldom loud."""
    draw = rng.random()
    if draw < 0.42:
        warm = between(rng, 0.05, 0.13) if chance(rng, 0.6) else between(rng, 0.55, 0.65)
        hsv = (warm, between(rng, 0, 0.07), between(rng, 0.07, 0.95))
    elif draw < 0.7:
        value = between(rng, 0.2, 0.92)
        hsv = (between(rng, 0.04, 0.12), between(rng, 0.1, 0.55 - 0.25 * value), value)
    elif draw < 0.86:
        value = between(rng, 0.1, 0.7)
        hsv = (between(rng, 0.55, 0.66), between(rng, 0.12, 0.6 - 0.3 * value), value)
    elif draw < 0.97:
        value = between(rng, 0.12, 0.75)
        hsv = (between(rng, 0, 1), between(rng, 0.1, 0.55 - 0.35 * value), value)
    else:
        hsv = (between(rng, 0, 1), between(rng, 0.4, 0.85), between(rng, 0.3, 0.9))
    return np.array(hsv_colour(*hsv), np.float32)


def cells(
    height: int, width: int, pitch_px: float, jitter: float, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Cells (height, width) round scattered seeds: distance to the nearest seed over `pitch_px`, and its number."""
    pitch = max(pitch_px, 2.0)
    rows, columns = int(height / pitch) + 2, int(width / pitch) + 2
    shift = rng.uniform(-0.5, 0.5, (2, rows, columns)) * jitter
    ys = np.clip((np.arange(rows)[:, None] + shift[0]) * pitch, 0, height - 1).astype(int)
    xs = np.clip((np.arange(columns)[None] + shift[1]) * pitch, 0, width - 1).astype(int)
    seeds = np.ones((height, width), np.uint8)
    seeds[ys, xs] = 0
    distance, label = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL)
    return np.asarray(distance / np.float32(pitch), np.float32), np.asarray(label, np.int32)


def relief_light(relief_px: NDArray[np.float32], strength: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Light and shade (height, width), around 1, of a height field in pixels under a lamp from some side."""
    turn = between(rng, 0, 2 * np.pi)
    kernel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32) / 8
    both = (kernel * np.float32(np.cos(turn)) + kernel.T * np.float32(np.sin(turn))) * np.float32(strength)
    return np.clip(1 + cv2.filter2D(relief_px, cv2.CV_32F, both), 0.2, 1.9).astype(np.float32, copy=False)


def tinted(tone: NDArray[np.float32], colour: NDArray[np.float32]) -> NDArray[np.float32]:
    """`colour` (3,) times `tone` (H, W), as (H, W, 3)."""
    return np.asarray(cv2.merge([tone * channel for channel in colour]), np.float32)


def mixed(first: NDArray[np.float32], second: NDArray[np.float32], share: NDArray[np.float32]) -> NDArray[np.float32]:
    """(H, W, 3) from colour or picture `first` to `second` by `share` (H, W), which is held to 0..1."""
    weight = np.clip(share, 0, 1)
    planes = []
    for channel in range(3):
        a, b = first[..., channel], second[..., channel]
        planes.append(a + (b - a) * weight)
    return np.asarray(cv2.merge([np.asarray(plane, np.float32) for plane in planes]), np.float32)
