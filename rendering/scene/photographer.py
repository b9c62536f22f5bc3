"""Whoever takes the picture, mirrored in it: head, shoulders, arms and the phone in their hands."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.pictures import FRACTION_BITS, fixed, fixed_point
from phonegrade.rendering.scene.lamps import glow
from phonegrade.rendering.scene.skin import draw_tone
from phonegrade.rendering.texture import between, chance


def draw_photographer(light: FloatMap, walls: NDArray[np.float64], rng: np.random.Generator, flash: bool) -> None:
    """Lay a person over the ceiling (N, N, 3), in place; lit by the `walls` (3,), with a lit `flash` or without."""
    n = light.shape[0]
    figure = np.zeros((n, n, 4), np.float32)
    lit = walls * between(rng, 0.3, 1.1)
    skin = lit * np.array(draw_tone(rng)) ** 2.2
    cloth = lit * np.clip(10 ** between(rng, -1.7, -0.2) * (1 + rng.normal(0, 0.2, 3)), 0.01, 1)
    hair = lit * 10 ** between(rng, -2, -0.7)
    phone = np.array([0.0, 0.0])
    half = np.array([between(rng, 13, 19), between(rng, 27, 38)])
    if chance(rng, 0.5):
        half = half[::-1]
    head = np.array([between(rng, -25, 25), half[1] + between(rng, 5, 35)])
    size = between(rng, 13, 24)
    _ellipse(figure, head + np.array([0, size * 3.4]), (size * 2.6, size * 2.1), cloth)
    for side in (-1, 1):
        if side == 1 or chance(rng, 0.6):
            shoulder = head + np.array([side * size * 2.2, size * 2.4])
            hand = phone + np.array([side * half[0], between(rng, -0.2, 0.8) * half[1]])
            elbow = (shoulder + hand) / 2 + np.array([side * between(rng, 5, 30), between(rng, 0, 20)])
            _limb(figure, shoulder, elbow, between(rng, 11, 17), cloth)
            _limb(figure, elbow, hand, between(rng, 7, 11), skin if chance(rng, 0.4) else cloth)
            _ellipse(figure, hand, (between(rng, 7, 10), between(rng, 10, 15)), skin)
    _ellipse(figure, head, (size, size * 1.3), skin)
    _ellipse(figure, head + np.array([0, size * 0.75]), (size * 1.02, size * 0.85), hair)
    corners = phone + half * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    back = lit * 10 ** between(rng, -2.2, -0.3)
    corner_px = between(rng, 0.5, 2.5)
    _polygon(figure, corners, back)
    lens = phone - half * 0.62
    for k in range(int(rng.integers(1, 4))):
        _ellipse(figure, lens + np.array([0, 7.0 * k]), (2.6, 2.6), lit * 0.01)
    turn = cv2.getRotationMatrix2D((0, 0), between(rng, 0, 360), between(rng, 0.7, 1.15))
    at = n / 2 + rng.normal(0, 0.11, 2) * n
    turn[:, 2] = at - turn[:, :2] @ np.array([n / 2, n / 2])
    blurred = cv2.GaussianBlur(cv2.warpAffine(figure, turn, (n, n)), (0, 0), corner_px * 0.5 + 0.3)
    light *= 1 - blurred[..., 3:]
    light += blurred[..., :3]
    if flash:
        x, y = turn @ np.array([n / 2 + lens[0] + 5, n / 2 + lens[1], 1.0])
        white = np.ones(3, np.float32)
        glow(light, (float(x), float(y)), 1.6, between(rng, 60, 300), white)


def _colour(colour: NDArray[np.float64]) -> tuple[float, float, float, float]:
    red, green, blue = colour.tolist()
    return red, green, blue, 1.0


def _ellipse(figure: FloatMap, at: NDArray[np.float64], half: tuple[float, float], colour: NDArray[np.float64]) -> None:
    centre, axes = fixed_point(at + figure.shape[0] / 2), fixed_point(np.array(half))
    cv2.ellipse(figure, centre, axes, 0, 0, 360, _colour(colour), -1, cv2.LINE_8, FRACTION_BITS)


def _limb(
    figure: FloatMap, start: NDArray[np.float64], end: NDArray[np.float64], thick: float, colour: NDArray[np.float64]
) -> None:
    first, last = (fixed_point(at + figure.shape[0] / 2) for at in (start, end))
    cv2.line(figure, first, last, _colour(colour), round(thick), cv2.LINE_8, FRACTION_BITS)


def _polygon(figure: FloatMap, corners: NDArray[np.float64], colour: NDArray[np.float64]) -> None:
    cv2.fillConvexPoly(figure, fixed(corners + figure.shape[0] / 2), _colour(colour), cv2.LINE_8, FRACTION_BITS)
