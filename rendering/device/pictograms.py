"""Icons of apps as shops have them: shaded tiles with signs of several parts, drawn large and shrunk."""

from collections.abc import Callable

import cv2
import numpy as np

from phonegrade.core.arrays import RGB, Points
from phonegrade.rendering.device.scenery import draw_scenery
from phonegrade.rendering.device.ui_parts import WHITE, Ink, accent, box
from phonegrade.rendering.lettering import made_up_word
from phonegrade.rendering.pictures import FRACTION_BITS, fixed
from phonegrade.rendering.texture import between, chance

SIDE_PX = 192
"""An icon is drawn this large."""


def pictogram(picture: RGB, x: float, y: float, side: float, radius: float, rng: np.random.Generator) -> None:
    """An icon with its top left corner at x, y on a picture (H, W, 3) of sRGB bytes; lengths in pixels."""
    size = max(4, round(side))
    left, top = round(x), round(y)
    part = picture[max(top, 0) : top + size, max(left, 0) : left + size]
    if part.shape[:2] != (size, size):
        return
    tile = _ground(rng)
    for _ in range(int(rng.integers(1, 5))):
        _SIGNS[rng.integers(len(_SIGNS))](tile, _tone(rng), rng)
    cover = np.zeros_like(tile)
    box(cover, 0, 0, (SIDE_PX, SIDE_PX), radius / side * SIDE_PX, WHITE)
    small, alpha = (cv2.resize(plane, (size, size), interpolation=cv2.INTER_AREA) for plane in (tile, cover))
    share = alpha.astype(np.float32) / 255
    part[:] = np.round(part + (small.astype(np.float32) - part) * share).astype(np.uint8)


def _ground(rng: np.random.Generator) -> RGB:
    """Plain, shaded from one colour to another, or a picture."""
    draw = rng.random()
    if draw < 0.12:
        return draw_scenery(SIDE_PX, SIDE_PX, rng)
    first, last = (np.array(_tone(rng), np.float32) for _ in range(2))
    ramp = np.linspace(0, 1, SIDE_PX, dtype=np.float32)[:, None, None] if draw < 0.6 else np.zeros((1, 1, 1))
    return np.ascontiguousarray(np.broadcast_to(first + (last - first) * ramp, (SIDE_PX, SIDE_PX, 3)).astype(np.uint8))


def _tone(rng: np.random.Generator) -> Ink:
    draw = rng.random()
    if draw < 0.25:
        return WHITE
    return (int(rng.integers(0, 50)),) * 3 if draw < 0.38 else accent(rng)


def _place(rng: np.random.Generator) -> tuple[Points, float]:
    """Where a sign is and how far it reaches, in pixels of the tile."""
    return SIDE_PX * rng.uniform(0.35, 0.65, 2), SIDE_PX * between(rng, 0.12, 0.42)


def _drawn(tile: RGB, points: Points, ink: Ink, rng: np.random.Generator, *, closed: bool = True) -> None:
    """A filled or outlined polygon, or an open line."""
    path = [fixed(points)]
    if closed and chance(rng, 0.55):
        cv2.fillPoly(tile, path, ink, cv2.LINE_AA, FRACTION_BITS)
    else:
        thick = max(2, round(SIDE_PX * between(rng, 0.015, 0.08)))
        cv2.polylines(tile, path, closed, ink, thick, cv2.LINE_AA, FRACTION_BITS)


def _star(tile: RGB, ink: Ink, rng: np.random.Generator) -> None:
    """Stars, gears, polygons, fans and suns."""
    middle, reach = _place(rng)
    tips, inner = int(rng.integers(3, 13)), between(rng, 0.3, 1)
    angles = between(rng, 0, 6.3) + np.linspace(0, 2 * np.pi, 2 * tips, endpoint=False)
    radii = reach * np.where(np.arange(2 * tips) % 2 == 0, 1, inner)
    _drawn(tile, middle + np.stack([np.cos(angles), np.sin(angles)], 1) * radii[:, None], ink, rng)


def _petals(tile: RGB, ink: Ink, rng: np.random.Generator) -> None:
    """Flowers, drops, hearts and propellers: a wavy closed curve."""
    middle, reach = _place(rng)
    angles = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    radii = reach * np.abs(1 - between(rng, 0, 0.9) * np.cos(angles * int(rng.integers(1, 7)) + between(rng, 0, 6.3)))
    _drawn(tile, middle + np.stack([np.cos(angles), np.sin(angles)], 1) * radii[:, None] / 1.4, ink, rng)


def _arc(tile: RGB, ink: Ink, rng: np.random.Generator) -> None:
    """A ring or a part of one; several make a signal."""
    middle, reach = _place(rng)
    start, sweep = between(rng, 0, 360), 360 if chance(rng, 0.4) else between(rng, 60, 300)
    thick, at = max(2, round(reach * between(rng, 0.06, 0.35))), (round(middle[0]), round(middle[1]))
    for ring in range(int(rng.integers(1, 4))):
        axes = (round(reach * (1 - 0.3 * ring)),) * 2
        cv2.ellipse(tile, at, axes, start, 0, sweep, ink, thick, cv2.LINE_AA)


def _chart(tile: RGB, ink: Ink, rng: np.random.Generator) -> None:
    """The curve of a share, a pulse, a zigzag."""
    count = int(rng.integers(4, 24))
    xs = np.linspace(0.08, 0.92, count) * SIDE_PX
    ys = SIDE_PX * (0.5 + 0.12 * np.cumsum(rng.normal(0, 1, count)) / np.sqrt(count))
    _drawn(tile, np.stack([xs, np.clip(ys, 8, SIDE_PX - 8)], 1), ink, rng, closed=False)


def _hands(tile: RGB, ink: Ink, rng: np.random.Generator) -> None:
    """The hands of a clock, a compass needle, tools laid crosswise."""
    middle, reach = _place(rng)
    for _ in range(int(rng.integers(1, 4))):
        turn = between(rng, 0, 6.3)
        far = middle + reach * between(rng, 0.6, 1.2) * np.array([np.cos(turn), np.sin(turn)])
        _drawn(tile, np.stack([middle, far]), ink, rng, closed=False)


def _letters(tile: RGB, ink: Ink, rng: np.random.Generator) -> None:
    text = made_up_word(rng)[: int(rng.integers(1, 4))]
    font = (cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_SIMPLEX)[rng.integers(3)]
    at = (round(SIDE_PX * between(rng, 0.15, 0.4)), round(SIDE_PX * between(rng, 0.55, 0.85)))
    cv2.putText(tile, text, at, font, between(rng, 1.2, 4), ink, int(rng.integers(3, 18)), cv2.LINE_AA)


def _bars(tile: RGB, ink: Ink, rng: np.random.Generator) -> None:
    """Lines of a note, a calendar's days, columns."""
    rows, columns = int(rng.integers(1, 6)), int(rng.integers(1, 6))
    (left, top), (right, bottom) = SIDE_PX * rng.uniform(0.1, 0.4, 2), SIDE_PX * rng.uniform(0.6, 0.9, 2)
    wide, tall, full = (right - left) / columns, (bottom - top) / rows, between(rng, 0.2, 0.85)
    for row in range(rows):
        for column in range(columns):
            corner = (round(left + column * wide), round(top + row * tall))
            cv2.rectangle(tile, corner, (round(corner[0] + wide * full), round(corner[1] + tall * full)), ink, -1)


_SIGNS: tuple[Callable[[RGB, Ink, np.random.Generator], None], ...] = (
    _star,
    _star,
    _petals,
    _petals,
    _arc,
    _chart,
    _hands,
    _letters,
    _bars,
)
