"""The home page and the lock page, over a wallpaper or a picture."""

from collections.abc import Callable

import cv2
import numpy as np

from phonegrade.core.arrays import RGB
from phonegrade.rendering.device.ui_parts import BLACK, WHITE, accent, box, clock, icon, label, veil, words
from phonegrade.rendering.texture import between, chance

IconPainter = Callable[[RGB, float, float, float, float, np.random.Generator], None]


def home_page(picture: RGB, rng: np.random.Generator, draw_icon: IconPainter = icon) -> None:
    """Icons in rows over the wallpaper, a dock, page dots, a clock or a search field."""
    height, width = picture.shape[:2]
    columns, rows = int(rng.integers(4, 6)), int(rng.integers(4, 7))
    margin = width * between(rng, 0.02, 0.05)
    pitch_x, pitch_y = (width - 2 * margin) / columns, height * 0.74 / rows
    side = pitch_x * between(rng, 0.6, 0.76)
    radius, named = side * (0.24 if chance(rng, 0.5) else between(rng, 0, 0.5)), chance(rng, 0.8)
    first = int(rng.integers(1, rows)) if chance(rng, 0.6) else 0
    last = int(rng.integers(first, rows)) + 1
    if first > 0 and chance(rng, 0.7):
        y = height * between(rng, 0.12, 0.17)
        label(
            picture,
            clock(rng),
            (width / 2, y),
            width * between(rng, 0.08, 0.14),
            WHITE,
            between(rng, 0.05, 0.13),
            middle=True,
        )
        label(picture, words(2, rng), (width / 2, y + width * 0.07), width * 0.024, WHITE, 0.08, middle=True)
    elif first > 0:
        y = height * 0.06 + pitch_y * (first - 0.6)
        veil(picture, width * 0.06, y, (width * 0.88, width * 0.11), width * 0.055, WHITE, between(rng, 0.5, 1))
    for row in range(first, last):
        for column in range(columns if row < last - 1 else int(rng.integers(1, columns + 1))):
            x = margin + pitch_x * (column + 0.5) - side / 2
            y = height * 0.06 + pitch_y * (row + 0.5) - side / 2
            draw_icon(picture, x, y, side, radius, rng)
            if named:
                at = (x + side / 2, y + side * 1.25)
                label(picture, words(1, rng)[:8], at, side * 0.12, WHITE, 0.09, middle=True)
    if chance(rng, 0.8):
        _dock(picture, side, radius, columns, rng, draw_icon)


def _dock(
    picture: RGB, side: float, radius: float, columns: int, rng: np.random.Generator, draw_icon: IconPainter
) -> None:
    height, width = picture.shape[:2]
    y = height * 0.975 - side * 1.35
    if chance(rng, 0.5):
        place = (width * 0.025, y - side * 0.2, (width * 0.95, side * 1.4))
        veil(picture, *place, side * 0.4, WHITE, between(rng, 0.15, 0.5))
    for column in range(columns):
        draw_icon(picture, width * (column + 0.5) / columns - side / 2, y, side, radius, rng)
    for dot in range(int(rng.integers(2, 5))):
        at = (round(width * (0.46 + 0.03 * dot)), round(y - side * 0.4))
        cv2.circle(picture, at, max(2, round(width * 0.006)), WHITE, -1, cv2.LINE_AA)


def lock_page(picture: RGB, rng: np.random.Generator) -> None:
    """A large clock, the date, messages."""
    height, width = picture.shape[:2]
    y, tall = height * between(rng, 0.14, 0.28), width * between(rng, 0.09, 0.18)
    label(picture, clock(rng), (width / 2, y), tall, WHITE, between(rng, 0.03, 0.12), middle=True)
    label(picture, words(2, rng), (width / 2, y + tall * 0.7), width * 0.03, WHITE, 0.08, middle=True)
    top = y + width * 0.25
    for _ in range(int(rng.integers(0, 4))):
        size = (width * 0.9, width * between(rng, 0.15, 0.25))
        veil(picture, width * 0.05, top, size, width * 0.03, WHITE, between(rng, 0.5, 0.97))
        box(picture, width * 0.09, top + width * 0.03, (width * 0.09, width * 0.09), width * 0.02, accent(rng))
        for line in range(2):
            at = (width * 0.22, top + width * (0.06 + 0.05 * line))
            label(picture, words(2 + line, rng), at, width * 0.022, BLACK, 0.09, middle=False)
        top += size[1] + width * 0.025
    if chance(rng, 0.4):
        for ring in range(4):
            at = (round(width / 2), round(height * 0.86))
            cv2.ellipse(picture, at, (8 + 9 * ring, 12 + 10 * ring), 0, 20, 340, WHITE, 3, cv2.LINE_AA)
