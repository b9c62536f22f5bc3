"""Lamps as a mirror shows them: drawn in place into a picture (N, N, 3) of linear light, 1 being a lit white wall."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.pictures import FRACTION_BITS, blurred, fixed
from phonegrade.rendering.texture import between, chance

_WARMEST, _COOLEST = 2700.0, 8500.0


def glow_colour(kelvin: float) -> NDArray[np.float32]:
    """Linear RGB (3,) of a lamp of that colour temperature, mean 1; half as far from white as it truly is."""
    warmth = np.log(6500.0 / float(np.clip(kelvin, _WARMEST, _COOLEST)))
    colour = np.exp(np.array([0.4, 0.0, -0.65]) * warmth)
    return np.asarray(colour / colour.mean(), np.float32)


def draw_colour(rng: np.random.Generator) -> NDArray[np.float32]:
    """A warm bulb, a neutral tube or daylight."""
    kelvin = between(rng, 2700, 3300) if chance(rng, 0.4) else between(rng, 3600, 6800)
    return glow_colour(kelvin)


def glow(light: FloatMap, at: tuple[float, float], size_px: float, strength: float, colour: FloatMap) -> None:
    """Add what a lamp at `at` (x, y) lights round itself: it falls off from `size_px` on."""
    n = light.shape[0]
    x, y = np.arange(n, dtype=np.float32) - np.float32(at[0]), np.arange(n, dtype=np.float32) - np.float32(at[1])
    near = np.float32(strength) / (1 + (x * x + (y * y)[:, None]) / np.float32(size_px) ** 2)
    light += cv2.merge([near * channel for channel in colour])


def softbox(light: FloatMap, rng: np.random.Generator, brightness: float, away: float) -> None:
    """A square of cloth with a lamp behind it, in a black rim; `away` from the zenith as a share of the half width."""
    n = light.shape[0]
    angle, reach = between(rng, 0, 2 * np.pi), between(rng, away, 1.1) * n / 2
    size = (int(between(rng, 18, 70)), int(between(rng, 18, 90)))
    x, y = (np.linspace(-1, 1, side, dtype=np.float32) for side in size)
    box = 1 - np.float32(between(rng, 0.2, 0.7)) * (x * x + (y * y)[:, None]) / 2
    turn = between(rng, 0, 360)
    place = _placed(size, (n / 2 + reach * np.cos(angle), n / 2 + reach * np.sin(angle)), turn)
    rim = cv2.warpAffine(np.ones_like(box), place @ _grown(size, 1.08), (n, n))
    light *= (1 - 0.9 * rim)[..., None]
    colour = draw_colour(rng) * np.float32(brightness)
    light += cv2.warpAffine(box, place, (n, n))[..., None] * colour


def bulb(light: FloatMap, rng: np.random.Generator, brightness: float) -> None:
    """A bulb or a round shade on the ceiling, with the light it throws round itself."""
    n = light.shape[0]
    at = (between(rng, 0, n), between(rng, 0, n))
    colour, radius = draw_colour(rng), between(rng, 2.0, 13.0)
    glow(light, at, between(rng, 14, 50), between(rng, 0.5, 3), colour)
    window, disc = _disc(light, at, radius, between(rng, 0.8, 2.5))
    window += disc * (colour * np.float32(brightness * (12 / radius) ** 1.2))


def spots(light: FloatMap, rng: np.random.Generator, brightness: float) -> None:
    """Downlights in rows: small, bright, each with a ring."""
    n = light.shape[0]
    pitch, radius = between(rng, 45, 110), between(rng, 2.0, 5.0)
    turn, colour = between(rng, 0, np.pi), draw_colour(rng)
    c, s = np.cos(turn), np.sin(turn)
    shift = rng.uniform(0, pitch, 2)
    for row in np.arange(-n, n, pitch):
        for column in np.arange(-n, n, pitch):
            x, y = row + shift[0], column + shift[1]
            at = (n / 2 + c * x - s * y, n / 2 + s * x + c * y)
            if not (-9 < at[0] < n + 9 and -9 < at[1] < n + 9):
                continue
            ring, cover = _disc(light, at, radius * 1.5, 1.0)
            ring *= 1 - 0.5 * cover
            window, halo = _disc(light, at, radius * 3, radius * 5)
            window += halo**2 * (colour * np.float32(0.15 * brightness))
            window, disc = _disc(light, at, radius, 1.2)
            window += disc * (colour * np.float32(brightness * 3))


def panels(light: FloatMap, rng: np.random.Generator, brightness: float) -> None:
    """The grid of an office ceiling: square or long panels, louvred or plain, now and then one that is off."""
    n = light.shape[0]
    pitch_x, pitch_y = between(rng, 55, 120), between(rng, 45, 110)
    share_x, share_y = (0.45, 0.55) if chance(rng, 0.5) else (between(rng, 0.12, 0.25), between(rng, 0.6, 0.95))
    span = int(n * 1.5)
    sheet = np.zeros((span, span), np.float32)
    louvre = int(between(rng, 3, 6)) if chance(rng, 0.35) else 0
    for y in np.arange(between(rng, -pitch_y, 0), span, pitch_y):
        for x in np.arange(between(rng, -pitch_x, 0), span, pitch_x):
            tone = 0.03 if chance(rng, 0.06) else between(rng, 0.85, 1.0)
            far = (x + pitch_x * share_x, y + pitch_y * share_y)
            corners = np.array([[x, y], [far[0], y], [far[0], far[1]], [x, far[1]]])
            cv2.fillConvexPoly(sheet, fixed(corners), tone, cv2.LINE_8, FRACTION_BITS)
    if louvre:
        sheet[::louvre] *= 0.45
        sheet[:, :: 2 * louvre] *= 0.6
    soft = blurred(sheet, 0.7)
    place = cv2.getRotationMatrix2D((span / 2, span / 2), between(rng, 0, 90), 1.0)
    place[:, 2] += (n - span) / 2
    light += cv2.warpAffine(soft, place, (n, n))[..., None] * (draw_colour(rng) * np.float32(brightness))


def bar(light: FloatMap, rng: np.random.Generator, brightness: float, turn: float) -> None:
    """An LED bar: an even strip behind milk glass, or a row of points; `turn` in degrees."""
    n = light.shape[0]
    long, wide = int(between(rng, 130, 420)), int(between(rng, 5, 20))
    across = np.linspace(-1, 1, wide + 2, dtype=np.float32)[:, None]
    along = np.linspace(-1, 1, long, dtype=np.float32)
    strip = (1 - 0.6 * across**2) * (1 - 0.25 * along**4)
    if chance(rng, 0.4):
        points = 0.5 + 0.5 * np.cos(np.arange(long, dtype=np.float32) * np.float32(2 * np.pi / between(rng, 5, 9)))
        strip *= 0.12 + 1.6 * points**4 * np.exp(-8 * across**2)
    at = (between(rng, 0, n), between(rng, 0, n))
    place = _placed((long, wide + 2), at, turn + float(rng.normal(0, 3)))
    body = cv2.warpAffine(np.ones((wide + 2, long), np.float32), place @ _grown((long, wide + 2), 1.15), (n, n))
    light *= (1 - 0.6 * body)[..., None]
    light += cv2.warpAffine(strip, place, (n, n))[..., None] * (draw_colour(rng) * np.float32(brightness))


def _disc(light: FloatMap, at: tuple[float, float], radius: float, soft: float) -> tuple[FloatMap, FloatMap]:
    """The window of `light` round a disc, and the disc's coverage there (h, w, 1)."""
    n, reach = light.shape[0], radius + soft + 1
    (left, right), (top, bottom) = (
        (int(np.clip(middle - reach, 0, n)), int(np.clip(middle + reach + 1, 0, n))) for middle in at
    )
    x, y = np.arange(left, right) - at[0], np.arange(top, bottom) - at[1]
    cover = np.clip((radius - np.sqrt(x * x + (y * y)[:, None])) / soft + 0.5, 0, 1)
    return light[top:bottom, left:right], np.asarray(cover[..., None], np.float32)


def _placed(size: tuple[int, int], at: tuple[float, float], turn: float) -> NDArray[np.float64]:
    """(2, 3) that puts the middle of a (width, height) picture at `at`, turned by `turn` degrees."""
    matrix = np.array(cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), turn, 1.0), np.float64)
    matrix[:, 2] += np.array(at) - np.array(size) / 2
    return matrix


def _grown(size: tuple[int, int], factor: float) -> NDArray[np.float64]:
    """(3, 3) that scales a (width, height) picture about its middle."""
    w, h = size
    return np.array([[factor, 0, w / 2 * (1 - factor)], [0, factor, h / 2 * (1 - factor)], [0, 0, 1]])
