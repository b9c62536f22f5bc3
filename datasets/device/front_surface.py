"""The front of a phone: bezel glass, display, camera openings, ear slot, home button."""

import numpy as np

from phonegrade.datasets.device.device_style import DeviceStyle
from phonegrade.datasets.device.lettering import made_up_word, text_mask
from phonegrade.datasets.device.screens import Screen, draw_screen
from phonegrade.datasets.device.sheet import Finish, Shape, Sheet, circle
from phonegrade.datasets.scene.texture import between, chance, scaled

_HOLE = Finish((0.004, 0.004, 0.005), 0.04, 0.05)
_MESH = Finish((0.02, 0.02, 0.02), 0.03, 0.6)


def _body(style: DeviceStyle, sheet: Sheet) -> Shape:
    width, height = sheet.size_mm
    return Shape(width / 2, height / 2, width, height, style.corner_mm, style.corner_exponent)


def paint_outline(style: DeviceStyle, sheet: Sheet) -> None:
    """Lay seam, frame ring and 2.5-D rim round the panel that fills the sheet: what front and back share."""
    window, distance = sheet.distance(_body(style, sheet), margin_mm=1)
    scale, ring = sheet.px_per_mm, style.frame_visible_mm
    sheet.body[window] = np.clip(0.5 - distance * scale, 0, 1)
    seam = np.clip(0.5 + (distance + ring + 0.08) * scale, 0, 1)
    sheet.blend(window, seam, Finish((0.003, 0.003, 0.003), 0.01, 0.8))
    sheet.blend(window, np.clip(0.5 + (distance + ring) * scale, 0, 1), style.frame)
    curve = np.clip((distance + ring + style.rim_mm) / style.rim_mm, 0, 1)
    fall = np.clip((distance + ring) / ring, 0, 1)
    sheet.height[window] -= style.rim_mm * 0.22 * curve**2 + ring * 0.45 * fall**2


def _display_shape(style: DeviceStyle, sheet: Sheet) -> Shape:
    width, height = sheet.size_mm
    across = width - 2 * (style.face.side_bezel_mm + style.frame_visible_mm * 0.5)
    tall = height - style.face.top_bezel_mm - style.face.bottom_bezel_mm
    middle = style.face.top_bezel_mm + tall / 2
    return Shape(width / 2, middle, across, tall, style.face.display_corner_mm, style.corner_exponent)


def _paint_display(style: DeviceStyle, sheet: Sheet, screen: Screen, rng: np.random.Generator) -> None:
    shape = _display_shape(style, sheet)
    border = Finish(style.face.display_border, style.face.display.gloss, style.face.display.roughness)
    sheet.paint(shape, border, inset_mm=-between(rng, 0.15, 0.7))
    sheet.paint(shape, style.face.display)
    window, cover = sheet.cover(shape)
    rows, columns = np.flatnonzero(cover.any(1)), np.flatnonzero(cover.any(0))
    top, left = window[0].start + rows[0], window[1].start + columns[0]
    area = (slice(top, top + len(rows)), slice(left, left + len(columns)))
    inner = cover[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    sheet.display[area] = inner > 0.5
    if screen is not Screen.OFF:
        sheet.emission[area] = draw_screen(len(rows), len(columns), screen, rng) * inner[..., None]


def _opening(style: DeviceStyle, sheet: Sheet, shape: Shape, finish: Finish) -> None:
    """A hole in the picture: it neither shines nor counts as display."""
    sheet.paint(shape, finish)
    window, cover = sheet.cover(shape)
    sheet.darken(window, cover)
    sheet.display[window] &= cover < 0.5


def _lens(sheet: Sheet, x: float, y: float, radius: float, rng: np.random.Generator) -> None:
    sheet.paint(circle(x, y, radius), _HOLE)
    sheet.paint(circle(x, y, radius * 0.6), Finish((0.01, 0.012, between(rng, 0.015, 0.04)), 0.07, 0.02))
    sheet.paint(circle(x + radius * 0.2, y - radius * 0.2, radius * 0.18), Finish((0.1, 0.1, 0.2), 0.1, 0.02), 0, 0.5)


def _paint_cutout(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> None:
    width, top = sheet.size_mm[0], style.face.top_bezel_mm
    edge = Finish(style.face.bezel.colour, style.face.bezel.gloss, style.face.bezel.roughness)
    hole = between(rng, 1.5, 2.6)
    match style.face.cutout:
        case "notch":
            wide, deep = width * between(rng, 0.28, 0.56), between(rng, 3.5, 6)
            _opening(style, sheet, Shape(width / 2, top + deep / 2 - 1.5, wide, deep + 3, deep * 0.6), edge)
            _lens(sheet, width / 2 + wide * between(rng, -0.35, 0.35), top + deep * 0.35, hole * 0.8, rng)
        case "drop":
            _opening(style, sheet, Shape(width / 2, top + 1, between(rng, 4, 8), between(rng, 5, 9), 3.4), edge)
            _lens(sheet, width / 2, top + 1.8, hole * 0.8, rng)
        case "punch_left" | "punch_centre" | "punch_right":
            side = {"punch_left": 0.13, "punch_centre": 0.5, "punch_right": 0.87}[style.face.cutout]
            place, count = width * side, 2 if chance(rng, 0.12) else 1
            wide = hole * 2 * count
            _opening(style, sheet, Shape(place, top + hole + 1.6, wide, hole * 2, hole), _HOLE)
            for lens in range(count):
                _lens(sheet, place + hole * (2 * lens - count + 1), top + hole + 1.6, hole * 0.8, rng)
        case "pill":
            _opening(style, sheet, Shape(width / 2, top + 3.6, width * 0.28, 5, 2.5), _HOLE)
            _lens(sheet, width / 2 + width * 0.09, top + 3.6, 1.6, rng)
        case "none":
            pass


def _paint_top(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> None:
    """Ear slot and the dots of camera and sensors."""
    width, top = sheet.size_mm[0], style.face.top_bezel_mm
    middle = max(style.frame_visible_mm + style.rim_mm + 0.5, top * between(rng, 0.4, 0.6))
    if style.face.cutout != "none" and top < 5:
        middle = style.frame_visible_mm + 0.6
    slot = Shape(width / 2, middle, style.face.ear_slot_mm, min(1.5, 0.3 + top * 0.08), 0.8)
    sheet.paint(slot, Finish(scaled(style.face.bezel.colour, 0.5), 0.04, 0.3), inset_mm=-0.2)
    sheet.paint(slot, _MESH)
    sheet.lift(slot, -0.3, 0.2)
    if style.face.cutout != "none" or top < 4:
        return
    sign = -1 if chance(rng, 0.5) else 1
    for dot in range(style.face.dots):
        radius = between(rng, 1.1, 2.2) if dot == 0 else between(rng, 0.5, 1.2)
        place = width / 2 + sign * (style.face.ear_slot_mm * 0.5 + 4 + dot * 4.5)
        if dot == 0:
            _lens(sheet, place, middle, radius, rng)
        else:
            sheet.paint(circle(place, middle, radius), _HOLE, 0, between(rng, 0.3, 1))
        sign = -sign if chance(rng, 0.4) else sign


def _paint_home(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> None:
    width, height = sheet.size_mm
    middle, deep = height - style.face.bottom_bezel_mm * between(rng, 0.48, 0.55), style.face.bottom_bezel_mm
    size = min(deep * 0.75, 11.0)
    shapes = {
        "round": circle(width / 2, middle, size / 2),
        "oval": Shape(width / 2, middle, between(rng, 11, 16), min(deep * 0.5, 6.5), 3),
        "square": Shape(width / 2, middle, size * 0.7, size * 0.6, 1.4),
    }
    shape = shapes.get(style.face.home)
    ink = 0.5 if style.face.bezel.colour[1] < 0.3 else 0.15
    mark = Finish((ink, ink, ink), 0.04, 0.1)
    if shape is not None:
        dark = chance(rng, 0.6 if style.face.bezel.colour[1] > 0.3 else 0)
        ring = style.frame if style.face.home_ring else mark
        sheet.paint(shape, ring, inset_mm=-0.25)
        sheet.paint(shape, Finish((0.006, 0.006, 0.006), 0.045, 0.04) if dark else style.face.bezel)
        sheet.lift(shape, -between(rng, 0.1, 0.5), between(rng, 0.5, 3))
        if style.face.home == "round" and chance(rng, 0.4):
            square = Shape(width / 2, middle, size * 0.32, size * 0.32, 0.6)
            sheet.paint(square, mark, inset_mm=-0.15)
            sheet.paint(square, style.face.bezel, inset_mm=0.1)
    if style.face.home in ("keys", "oval", "square") and chance(rng, 0.6):
        for place in (0.2, 0.8) if shape is not None else (0.2, 0.5, 0.8):
            icon = Shape(width * place, middle, between(rng, 2, 4), between(rng, 1.5, 3.5), between(rng, 0, 2))
            sheet.paint(icon, mark, 0, 0.6)
            sheet.paint(icon, style.face.bezel, inset_mm=0.35)


def _paint_protector(style: DeviceStyle, sheet: Sheet, inset_mm: float, rng: np.random.Generator) -> None:
    """The edge of a stuck-on glass: a fine step that catches light, and its cut-out round the ear slot."""
    width, height = sheet.size_mm
    inset = inset_mm + style.frame_visible_mm
    shape = Shape(width / 2, height / 2, width - 2 * inset, height - 2 * inset, max(1.0, style.corner_mm - inset))
    notch = Shape(width / 2, inset, style.face.ear_slot_mm + between(rng, 4, 30), between(rng, 4, 14), 2.5)
    window, distance = sheet.distance(shape, margin_mm=1)
    if chance(rng, 0.6):
        notch_window, hollow = sheet.distance(notch, margin_mm=30)
        whole = np.full(sheet.gloss.shape, 30, np.float32)
        whole[notch_window] = hollow
        distance = np.maximum(distance, -whole[window])
    strength, half_mm = between(rng, 0.05, 0.5), between(rng, 0.12, 0.3)
    line = np.asarray(np.clip(1 - np.abs(distance) / half_mm, 0, 1) * strength, np.float32)
    tone = between(rng, 0.15, 0.6)
    sheet.blend(window, line, Finish((tone, tone, tone), 0.05, 0.1))
    sheet.height[window] += np.float32(0.06) * np.clip(-distance / 0.25, 0, 1)


def draw_front(style: DeviceStyle, sheet: Sheet, screen: Screen, rng: np.random.Generator) -> None:
    """Paint the front of `style` on `sheet`, its display showing `screen`."""
    sheet.fill(style.face.bezel)
    paint_outline(style, sheet)
    window, distance = sheet.distance(_body(style, sheet), margin_mm=1)
    sheet.glass[window] = distance < -style.frame_visible_mm
    _paint_display(style, sheet, screen, rng)
    _paint_cutout(style, sheet, rng)
    _paint_top(style, sheet, rng)
    if style.face.home != "none":
        _paint_home(style, sheet, rng)
    if style.face.protector_mm is not None:
        _paint_protector(style, sheet, style.face.protector_mm, rng)
    if style.face.logo:
        ink = 0.55 if style.face.bezel.colour[1] < 0.3 else 0.2
        on_top = style.face.top_bezel_mm > 8 and (style.face.home != "none" or chance(rng, 0.5))
        y = style.face.top_bezel_mm * 0.75 if on_top else sheet.size_mm[1] - style.face.bottom_bezel_mm * 0.45
        mask = text_mask((style.logo or made_up_word(rng)).upper(), 2.2 * sheet.px_per_mm, 0.14, rng)
        if style.face.home == "none" or on_top:
            sheet.stamp(mask, sheet.size_mm[0] / 2, y, Finish((ink, ink, ink), 0.1, 0.1), style.logo_opacity)
