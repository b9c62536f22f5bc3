"""Things that lie about a phone: pens, cables, coins, keys, cards, and larger ones at the picture's border."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import RGB
from phonegrade.rendering.scene.slabs import Place, card, carton, charger, laptop, mug, other_phone, paper, tablet
from phonegrade.rendering.texture import between, chance, hsv_colour, muted


def _shade(colour: tuple[float, float, float], factor: float) -> tuple[int, int, int, int]:
    red, green, blue = (int(np.clip(channel * factor * 255, 0, 255)) for channel in colour)
    return red, green, blue, 255


def _any_colour(rng: np.random.Generator) -> tuple[float, float, float]:
    red, green, blue = (float(value) for value in muted(rng))
    return red, green, blue


def _line(canvas: RGB, points: NDArray[np.float64], colour: tuple[int, int, int, int], thick: float) -> None:
    cv2.polylines(canvas, [(points * 8).astype(np.int32)], False, colour, max(1, round(thick)), cv2.LINE_AA, 3)


def _pen(canvas: RGB, at: Place, mm_px: float, rng: np.random.Generator) -> None:
    """A barrel with a gleam along it, a darker grip and a clip."""
    turn = between(rng, 0, 2 * np.pi)
    aim, side = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    long, thick = between(rng, 120, 150) * mm_px, between(rng, 7, 11) * mm_px
    start, colour = np.array(at), _any_colour(rng)
    grip = _any_colour(rng)
    for offset, width, factor in ((0.0, 1.0, 0.55), (0.05, 0.75, 0.85), (0.12, 0.45, 1.05), (0.2, 0.12, 1.7)):
        shift = side * thick * offset
        _line(canvas, np.array([start + shift, start + aim * long + shift]), _shade(colour, factor), thick * width)
        _line(canvas, np.array([start + shift, start + aim * long * 0.25 + shift]), _shade(grip, factor), thick * width)
    tip = start - aim * thick * 1.4
    _line(canvas, np.array([start, tip]), _shade((0.6, 0.6, 0.62), 1), thick * 0.35)
    clip = np.array([start + aim * long * 0.7, start + aim * long]) + side * thick * 0.2
    _line(canvas, clip, _shade((0.8, 0.8, 0.82), 1), thick * 0.2)


def _cable(canvas: RGB, at: Place, mm_px: float, rng: np.random.Generator) -> None:
    """A loosely curled cord with its plug."""
    count = 70
    turn = np.cumsum(rng.normal(0, 0.08, count)) + between(rng, 0, 6.3)
    turn += np.linspace(0, between(rng, -6, 6), count)
    path = np.array(at) + np.cumsum(np.stack([np.cos(turn), np.sin(turn)], 1) * between(rng, 3, 6) * mm_px, 0)
    thick, value = between(rng, 2.2, 4) * mm_px, between(rng, 0.05, 0.95)
    colour = (value, value, value) if chance(rng, 0.8) else _any_colour(rng)
    for width, factor in ((1.0, 0.6), (0.7, 0.95), (0.25, 1.2)):
        _line(canvas, path, _shade(colour, factor), thick * width)
    _line(canvas, path[:4], _shade(colour, 0.85), thick * 2.6)
    aim = path[0] - path[1]
    aim /= max(float(np.hypot(*aim)), 1e-6)
    _line(canvas, np.array([path[0], path[0] + aim * 6 * mm_px]), _shade((0.7, 0.7, 0.72), 1), thick * 1.8)


def _coin(canvas: RGB, at: Place, mm_px: float, rng: np.random.Generator) -> None:
    """A struck disc with a raised rim and a shape in relief."""
    radius = between(rng, 8, 13) * mm_px
    metal = hsv_colour(between(rng, 0.05, 0.13), between(rng, 0, 0.55), between(rng, 0.5, 0.85))
    centre = (int(at[0]), int(at[1]))
    for share, factor in ((1.0, 0.5), (0.96, 1.15), (0.88, 0.7), (0.85, 0.95)):
        cv2.circle(canvas, centre, max(1, round(radius * share)), _shade(metal, factor), -1, cv2.LINE_AA)
    turn = between(rng, 0, 360)
    lit = (round(radius * 0.8), round(radius * 0.8))
    cv2.ellipse(canvas, centre, lit, turn, 0, between(rng, 60, 140), _shade(metal, 1.1), -1, cv2.LINE_AA)
    bust = (max(1, round(radius * 0.32)), max(1, round(radius * 0.45)))
    cv2.ellipse(canvas, centre, bust, turn, 0, 360, _shade(metal, 0.75), -1, cv2.LINE_AA)


def _keys(canvas: RGB, at: Place, mm_px: float, rng: np.random.Generator) -> None:
    """Two or three keys on a split ring."""
    steel = hsv_colour(0.1, between(rng, 0, 0.4), between(rng, 0.55, 0.8))
    centre = (int(at[0]), int(at[1]))
    for factor, shift in ((0.5, 1), (1.1, 0)):
        cv2.circle(
            canvas,
            (centre[0] + shift, centre[1] + shift),
            round(12 * mm_px),
            _shade(steel, factor),
            max(1, round(1.5 * mm_px)),
            cv2.LINE_AA,
        )
    for _ in range(int(rng.integers(2, 4))):
        turn = between(rng, 0, 6.3)
        aim, side = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
        head = np.array(at) + aim * 20 * mm_px
        cv2.circle(canvas, (int(head[0]), int(head[1])), round(11 * mm_px), _shade(steel, 0.9), -1, cv2.LINE_AA)
        _line(canvas, np.array([head, head + aim * 38 * mm_px]), _shade(steel, 0.75), 7 * mm_px)
        _line(canvas, np.array([head, head + aim * 37 * mm_px]) + side * mm_px, _shade(steel, 1.1), 2 * mm_px)
        for cut in range(5):
            notch = head + aim * (16 + 5 * cut) * mm_px - side * 3.5 * mm_px
            _line(
                canvas,
                np.array([notch, notch + side * between(rng, 0.5, 2.5) * mm_px]),
                _shade(steel, 0.4),
                1.5 * mm_px,
            )


_Painter = Callable[[RGB, Place, float, np.random.Generator], None]
_SMALL: tuple[_Painter, ...] = (_pen, _pen, _cable, _cable, _coin, card, card, _keys, charger)
_LARGE: tuple[_Painter, ...] = (other_phone, other_phone, tablet, laptop, carton, paper, mug)
"""Things that stand at the picture's border and are cut off by it."""


def _draw_place(large: bool, width_px: int, height_px: int, mm_px: float, rng: np.random.Generator) -> Place:
    """Anywhere, or for large things beyond one of the picture's sides."""
    x, y = between(rng, -0.1, 1.1) * width_px, between(rng, -0.1, 1.1) * height_px
    if not large:
        return x, y
    beyond = between(rng, -10, 70) * mm_px
    match int(rng.integers(4)):
        case 0:
            return -beyond, y
        case 1:
            return width_px + beyond, y
        case 2:
            return x, -beyond
        case _:
            return x, height_px + beyond


def draw_clutter(
    keep_out_px: NDArray[np.floating] | None, mm_per_px: float, height_px: int, width_px: int, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """A straight-alpha sRGB layer (H, W, 4) of one to four things with soft shadows, seen from straight above.

    The layer is empty inside the outline keep_out_px (4, 2) and 1 % of its size around it.
    """
    mm_px = 1 / mm_per_px
    canvas = np.zeros((height_px, width_px, 4), np.uint8)
    for _ in range(int(rng.integers(1, 5))):
        large = chance(rng, 0.4)
        things = _LARGE if large else _SMALL
        at = _draw_place(large, width_px, height_px, mm_px, rng)
        things[int(rng.integers(len(things)))](canvas, at, mm_px, rng)
    alpha = canvas[..., 3].astype(np.float32) / 255
    shade = _shadow(canvas[..., 3], between(rng, 1, 5) * mm_px, between(rng, 0, 6.3))
    total = alpha + shade * np.float32(between(rng, 0.2, 0.6)) * (1 - alpha)
    share = np.where(alpha > 0, alpha / np.maximum(total, 1e-4), 0).astype(np.float32)
    layer = np.empty_like(canvas)
    layer[..., :3] = cv2.multiply(np.ascontiguousarray(canvas[..., :3]), cv2.merge((share,) * 3), dtype=cv2.CV_8U)
    layer[..., 3] = total * 255 + 0.5
    if keep_out_px is not None:
        quad = np.asarray(keep_out_px, np.float64)
        grown = quad.mean(0) + (quad - quad.mean(0)) * 1.02
        keep_out = cv2.fillConvexPoly(np.zeros((height_px, width_px), np.uint8), np.round(grown).astype(np.int32), 255)
        layer[keep_out > 0] = 0
    return layer


def _shadow(alpha: NDArray[np.uint8], reach_px: float, turn_rad: float) -> NDArray[np.float32]:
    """Soft shade 0..1 that falls beside what `alpha` (H, W) covers."""
    height, width = alpha.shape
    reduction = max(int(reach_px / 2), 1)
    size = (max(width // reduction, 1), max(height // reduction, 1))
    small = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    move = np.array([[1, 0, np.cos(turn_rad)], [0, 1, np.sin(turn_rad)]])
    move[:, 2] *= reach_px / reduction
    soft = cv2.warpAffine(cv2.GaussianBlur(small, (0, 0), max(reach_px / reduction, 0.5)), move, size)
    return np.asarray(cv2.resize(soft, (width, height)).astype(np.float32) / 255, np.float32)
