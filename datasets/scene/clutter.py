"""Small things that lie about a phone: pens, cables, coins, cards, keys on a ring, sticky notes."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.datasets.device.lettering import made_up_word, text_mask
from phonegrade.datasets.scene.texture import between, chance, hsv_colour

_Canvas = NDArray[np.uint8]
_Place = tuple[float, float]


def _shade(colour: tuple[float, float, float], factor: float) -> tuple[int, int, int, int]:
    red, green, blue = (int(np.clip(channel * factor * 255, 0, 255)) for channel in colour)
    return red, green, blue, 255


def _any_colour(rng: np.random.Generator) -> tuple[float, float, float]:
    saturation = between(rng, 0, 0.15) if chance(rng, 0.5) else between(rng, 0.2, 0.9)
    return hsv_colour(between(rng, 0, 1), saturation, between(rng, 0.1, 0.95))


def _line(canvas: _Canvas, points: NDArray[np.float64], colour: tuple[int, int, int, int], thick: float) -> None:
    cv2.polylines(canvas, [(points * 8).astype(np.int32)], False, colour, max(1, round(thick)), cv2.LINE_AA, 3)


def _pen(canvas: _Canvas, at: _Place, mm_px: float, rng: np.random.Generator) -> None:
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


def _cable(canvas: _Canvas, at: _Place, mm_px: float, rng: np.random.Generator) -> None:
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


def _coin(canvas: _Canvas, at: _Place, mm_px: float, rng: np.random.Generator) -> None:
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


def _card(canvas: _Canvas, at: _Place, mm_px: float, rng: np.random.Generator) -> None:
    """A pale business card, a coloured bank card, or a sticky note."""
    note = chance(rng, 0.4)
    size = (76.0, 76.0) if note else (85.6, 54.0)
    value = between(rng, 0.75, 1)
    paper = hsv_colour(between(rng, 0.1, 0.2), between(rng, 0.3, 0.6), value)
    colour = paper if note else ((value, value, value * 0.97) if chance(rng, 0.6) else _any_colour(rng))
    width, height = round(size[0] * mm_px), round(size[1] * mm_px)
    card = np.full((height, width, 4), _shade(colour, 1), np.uint8)
    card[..., :3] = (card[..., :3] * np.linspace(0.88, 1, width)[None, :, None]).astype(np.uint8)
    ink = 0.15 if max(colour) > 0.6 else 0.9
    for line in range(int(rng.integers(1, 6))):
        mask = text_mask(made_up_word(rng), between(rng, 2, 5) * mm_px, 0.12, rng)[:height, : int(width * 0.8)]
        top, left = int((0.15 + 0.15 * line) * height), int(0.1 * width)
        piece = card[top : top + mask.shape[0], left : left + mask.shape[1], :3]
        weight = mask[: piece.shape[0], : piece.shape[1], None]
        piece[:] = (piece * (1 - weight) + 255 * ink * weight).astype(np.uint8)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), between(rng, 0, 360), 1)
    matrix[:, 2] += np.array([at[0] - width / 2, at[1] - height / 2])
    extent = (canvas.shape[1], canvas.shape[0])
    warped = cv2.warpAffine(card, matrix, extent, flags=cv2.INTER_LINEAR)
    cover = warped[..., 3:].astype(np.float32) / 255
    straight = warped[..., :3] / np.maximum(cover, 1 / 255)
    canvas[..., :3] = np.where(cover > 0, np.clip(straight, 0, 255), canvas[..., :3]).astype(np.uint8)
    canvas[..., 3] = np.maximum(canvas[..., 3], warped[..., 3])


def _keys(canvas: _Canvas, at: _Place, mm_px: float, rng: np.random.Generator) -> None:
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


_Painter = Callable[[_Canvas, _Place, float, np.random.Generator], None]
_THINGS: tuple[_Painter, ...] = (_pen, _cable, _cable, _coin, _card, _keys)


def draw_clutter(
    keep_out_px: NDArray[np.floating] | None, mm_per_px: float, height_px: int, width_px: int, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """A straight-alpha sRGB layer (H, W, 4) of one to four things with soft shadows, seen from straight above.

    The layer is empty inside the outline keep_out_px (4, 2) and 1 % of its size around it.
    """
    mm_px = 1 / mm_per_px
    canvas = np.zeros((height_px, width_px, 4), np.uint8)
    for _ in range(int(rng.integers(1, 5))):
        at = (between(rng, -0.1, 1.1) * width_px, between(rng, -0.1, 1.1) * height_px)
        _THINGS[rng.integers(len(_THINGS))](canvas, at, mm_px, rng)
    reach = max(1.0, between(rng, 1, 5) * mm_px)
    shadow = cv2.GaussianBlur(canvas[..., 3], (0, 0), reach)
    turn = between(rng, 0, 6.3)
    move = np.array([[1, 0, np.cos(turn) * reach], [0, 1, np.sin(turn) * reach]])
    shadow = cv2.warpAffine(shadow, move, (width_px, height_px))
    alpha = canvas[..., 3].astype(np.float32) / 255
    total = alpha + shadow.astype(np.float32) / 255 * between(rng, 0.2, 0.6) * (1 - alpha)
    colour = canvas[..., :3] * (alpha / np.maximum(total, 1e-4))[..., None]
    layer = np.dstack([colour, total * 255])
    if keep_out_px is not None:
        quad = np.asarray(keep_out_px, np.float64)
        grown = quad.mean(0) + (quad - quad.mean(0)) * 1.02
        keep_out = cv2.fillConvexPoly(np.zeros((height_px, width_px), np.uint8), np.round(grown).astype(np.int32), 255)
        layer[keep_out > 0] = 0
    return np.clip(layer + 0.5, 0, 255).astype(np.uint8)
