"""The front of a phone: bezel glass, display, ear slot, home button, protector and the lip of a case."""

import numpy as np

from phonegrade.rendering.device.case_surface import paint_front_lip
from phonegrade.rendering.device.device_style import DeviceStyle
from phonegrade.rendering.device.fields import branch
from phonegrade.rendering.device.front_openings import paint_cutout, paint_top
from phonegrade.rendering.device.materials import LENS_BLACK, ink_on, metal
from phonegrade.rendering.device.outline import body_shape, paint_outline
from phonegrade.rendering.device.protector import paint_protector
from phonegrade.rendering.device.screens import Screen, draw_screen
from phonegrade.rendering.device.sheet import Finish, Shape, Sheet, circle
from phonegrade.rendering.lettering import text_mask
from phonegrade.rendering.texture import between, chance, scaled


def _display_shape(style: DeviceStyle, sheet: Sheet) -> Shape:
    width, height = sheet.size_mm
    across = width - 2 * (style.face.side_bezel_mm + style.frame_visible_mm * 0.5)
    tall = height - style.face.top_bezel_mm - style.face.bottom_bezel_mm
    middle = style.face.top_bezel_mm + tall / 2
    return Shape(width / 2, middle, across, tall, style.face.display_corner_mm, style.corner_exponent)


def _paint_display(style: DeviceStyle, sheet: Sheet, screen: Screen, rng: np.random.Generator) -> None:
    face, shape = style.face, _display_shape(style, sheet)
    sheet.paint(shape, Finish(face.border, face.display.gloss, face.display.roughness), inset_mm=-face.border_mm)
    sheet.paint(shape, face.display)
    window, cover = sheet.cover(shape)
    rows, columns = np.flatnonzero(cover.any(1)), np.flatnonzero(cover.any(0))
    top, left = window[0].start + rows[0], window[1].start + columns[0]
    area = (slice(top, top + len(rows)), slice(left, left + len(columns)))
    inner = cover[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    sheet.display[area] = inner > 0.5
    if screen is not Screen.OFF:
        light = draw_screen((len(rows), len(columns)), shape.height / shape.width, screen, face.oled, rng)
        light *= inner[..., None]
        sheet.emission[area] = light


def _bend_sides(style: DeviceStyle, sheet: Sheet) -> None:
    """A display that runs over the long sides: what it mirrors there is drawn out into long bright bands."""
    width, reach = sheet.size_mm[0], style.curve_mm
    across = (np.arange(sheet.gloss.shape[1], dtype=np.float32) + 0.5) / sheet.px_per_mm
    bend = np.clip(1 - np.minimum(across, width - across) / reach, 0, 1)
    sheet.height -= np.float32(0.22 * reach) * (bend**3)[None]


def _paint_home(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> None:
    width, height = sheet.size_mm
    face, deep = style.face, style.face.bottom_bezel_mm
    middle = height - deep * between(rng, 0.48, 0.55)
    size = min(deep * 0.75, 11.0)
    shapes = {
        "round": circle(width / 2, middle, size / 2),
        "oval": Shape(width / 2, middle, between(rng, 11, 16), min(deep * 0.5, 6.5), 3),
        "square": Shape(width / 2, middle, size * 0.7, size * 0.6, 1.4),
    }
    shape, annotation = shapes.get(face.home), ink_on(face.bezel.colour)
    light = face.bezel.colour[1] > 0.3
    if shape is not None:
        ring = metal(scaled(style.frame.colour, 1.2), 0.08) if face.home_ring else annotation
        sheet.paint(shape, LENS_BLACK, inset_mm=-0.32, opacity=0.6)
        sheet.paint(shape, ring, inset_mm=-0.25)
        key = LENS_BLACK if light and chance(rng, 0.5) else face.bezel
        sheet.paint(shape, key)
        sheet.lift(shape, -between(rng, 0.05, 0.35), between(rng, 0.8, 3))
        if face.home == "round" and chance(rng, 0.4):
            square = Shape(width / 2, middle, size * 0.32, size * 0.32, 0.6)
            sheet.paint(square, annotation, inset_mm=-0.12, opacity=0.7)
            sheet.paint(square, key, inset_mm=0.1)
    if face.home in ("keys", "oval", "square") and chance(rng, 0.6):
        _paint_keys(style, sheet, middle, shape is not None, rng)


def _paint_keys(style: DeviceStyle, sheet: Sheet, y: float, beside_home: bool, rng: np.random.Generator) -> None:
    """Printed touch keys: outlines of squares, circles and triangles, mostly faint."""
    width, bezel = sheet.size_mm[0], style.face.bezel
    annotation, opacity = ink_on(bezel.colour), between(rng, 0.1, 0.8)
    for place in (0.2, 0.8) if beside_home else (0.2, 0.5, 0.8):
        icon = Shape(width * place, y, between(rng, 2, 3.6), between(rng, 1.5, 3), between(rng, 0, 2))
        sheet.paint(icon, annotation, 0, opacity)
        sheet.paint(icon, bezel, inset_mm=0.28)


def _paint_logo(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> None:
    width, height = sheet.size_mm
    on_top = style.face.top_bezel_mm > 8 and (style.face.home != "none" or chance(rng, 0.5))
    y = style.face.top_bezel_mm * 0.75 if on_top else height - style.face.bottom_bezel_mm * 0.45
    mask = text_mask(style.logo.upper(), 2.2 * sheet.px_per_mm, between(rng, 0.11, 0.17), rng)
    if style.face.home == "none" or on_top:
        sheet.stamp(mask, width / 2, y, ink_on(style.face.bezel.colour), style.logo_opacity)


def draw_front(style: DeviceStyle, sheet: Sheet, screen: Screen, rng: np.random.Generator) -> None:
    """Paint the front of `style` on `sheet`, its display showing `screen`."""
    parts = [branch(rng) for _ in range(7)]
    sheet.fill(style.face.bezel)
    sheet.glass[:] = True
    paint_outline(style, sheet, style.frame_visible_mm, style.rim_mm, style.rim_slope)
    for window, distance in sheet.border(body_shape(style, sheet), style.frame_visible_mm):
        sheet.glass[window] = distance < -style.frame_visible_mm
    if style.curve_mm > 0:
        _bend_sides(style, sheet)
    _paint_display(style, sheet, screen, parts[0])
    paint_cutout(style, sheet, parts[1])
    paint_top(style, sheet, parts[2])
    if style.face.home != "none":
        _paint_home(style, sheet, parts[3])
    if style.face.logo:
        _paint_logo(style, sheet, parts[4])
    if style.face.protector is not None:
        paint_protector(style, sheet, style.face.protector, parts[5])
    if style.case is not None:
        paint_front_lip(style, sheet, style.case, parts[6])
