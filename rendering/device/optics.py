"""Lenses, flashes and sensors, seen from straight above."""

import numpy as np

from phonegrade.rendering.device.fields import ripple
from phonegrade.rendering.device.materials import LENS_BLACK, MESH, glass
from phonegrade.rendering.device.sheet import Finish, Shape, Sheet, circle
from phonegrade.rendering.texture import Colour, between, chance, hsv_colour


def paint_lens(sheet: Sheet, x: float, y: float, radius: float, rng: np.random.Generator) -> None:
    """Black glass over stepped barrel rings and a domed, coated pupil with its coloured glints; radius in mm."""
    sheet.paint(circle(x, y, radius), LENS_BLACK)
    pupil = radius * between(rng, 0.34, 0.52)
    rings, grey = int(rng.integers(2, 5)), between(rng, 0.006, 0.03)
    for ring in range(rings):
        outer = radius * 0.9 - (radius * 0.9 - pupil) * ring / rings
        tone = grey * between(rng, 0.3, 1)
        sheet.paint(circle(x, y, outer), Finish((tone, tone, tone * 1.05), 0.03, 0.25))
        sheet.paint(circle(x, y, outer - min(0.14, radius * 0.05)), LENS_BLACK)
    if radius > 2.6 and chance(rng, 0.5):
        sheet.paint(circle(x, y, pupil + 0.25), Finish((0.05, 0.05, 0.052), 0.1, 0.15), 0, 0.7)
    _paint_pupil(sheet, x, y, pupil, rng)


def _paint_pupil(sheet: Sheet, x: float, y: float, radius: float, rng: np.random.Generator) -> None:
    hue = between(rng, 0.45, 0.85)
    dark = hsv_colour(hue, between(rng, 0.3, 0.9), between(rng, 0.004, 0.03))
    sheet.paint(circle(x, y, radius), glass(dark, 0.015))
    sheet.paint(circle(x, y, radius * between(rng, 0.45, 0.65)), LENS_BLACK, 0, 0.8)
    turn = between(rng, 0, 2 * np.pi)
    for _ in range(int(rng.integers(1, 4))):
        reach, size = between(rng, 0.1, 0.6) * radius, between(rng, 0.12, 0.32) * radius
        side = 1 if chance(rng, 0.6) else -1
        glint = _glint(hue + between(rng, -0.2, 0.25), rng)
        place = circle(x + side * np.cos(turn) * reach, y + side * np.sin(turn) * reach, size)
        window, distance = sheet.distance(place, margin_mm=size)
        soft = np.clip(0.5 - distance / (size * 0.9), 0, 1) ** 2
        sheet.blend(window, soft * np.float32(between(rng, 0.3, 0.9)), glint)
    window, distance = sheet.distance(circle(x, y, radius))
    dome = np.clip(-distance / radius, 0, 1)
    sheet.height[window] += np.float32(between(rng, 0.1, 0.28) * radius) * dome * (2 - dome)


def _glint(hue: float, rng: np.random.Generator) -> Finish:
    colour: Colour = hsv_colour(hue, between(rng, 0.4, 0.95), between(rng, 0.02, 0.14))
    return Finish(colour, 0.06, 0.02)


def paint_flash(sheet: Sheet, x: float, y: float, radius: float, rng: np.random.Generator) -> None:
    """A clear window over one or two yellow diodes, ribbed like a small Fresnel lens."""
    sheet.paint(circle(x, y, radius), Finish((0.3, 0.3, 0.29), 0.05, 0.15))
    sheet.paint(circle(x, y, radius * 0.88), Finish((0.62, 0.6, 0.52), 0.05, 0.2))
    for ring in np.arange(0.75, 0.3, -0.18):
        tone = between(rng, 0.4, 0.7)
        sheet.paint(circle(x, y, radius * float(ring)), Finish((tone, tone * 0.97, tone * 0.82), 0.06, 0.15))
    spots = ((-0.28, 0.0), (0.28, 0.0)) if chance(rng, 0.5) else ((0.0, 0.0),)
    for aside, below in spots:
        amber = Finish((0.72, between(rng, 0.45, 0.62), between(rng, 0.1, 0.3)), 0.05, 0.2)
        sheet.paint(circle(x + aside * radius, y + below * radius, radius * 0.3), amber, 0, 0.9)


def paint_mesh(sheet: Sheet, x: float, y: float, width: float, tall: float, rng: np.random.Generator) -> None:
    """A slot closed by woven mesh: `width` x `tall` mm round x, y, sunk a little below the glass."""
    slot = Shape(x, y, width, tall, tall / 2)
    sheet.paint(slot, Finish((0.004, 0.004, 0.004), 0.02, 0.6), inset_mm=-0.1)
    sheet.paint(slot, MESH)
    window, cover = sheet.cover(slot)
    down, across = ripple(sheet, between(rng, 0.32, 0.6))
    wires = np.clip(0.5 + down[window[0]] * across[:, window[1]], 0, 1) * cover
    tone = between(rng, 0.03, 0.14)
    sheet.blend(window, wires * np.float32(0.8), Finish((tone, tone, tone), 0.12, 0.3))
    sheet.lift(slot, -between(rng, 0.08, 0.25), 0.15)
