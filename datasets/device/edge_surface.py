"""The four narrow sides of a phone, laid horizontally: frame, buttons, openings, bands, glass lines."""

import numpy as np

from phonegrade.configs.vocabulary import Surface
from phonegrade.datasets.device.device_style import DeviceStyle
from phonegrade.datasets.device.sheet import Finish, Shape, Sheet, circle
from phonegrade.datasets.scene.texture import between, chance, scaled, soft_noise, white_noise

_HOLE = Finish((0.003, 0.003, 0.003), 0.01, 0.7)
_STEEL = Finish((0.35, 0.34, 0.33), 0.3, 0.2)


def _paint_frame(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> None:
    """Metal or plastic with its cross profile: flat with rounded arrises, curved, or half round."""
    length, depth = sheet.size_mm
    height, width = sheet.gloss.shape
    arris = {"flat": 0.6, "curved": depth * 0.3, "round": depth * 0.5}[style.frame_profile]
    body = Shape(length / 2, depth / 2, length, depth, min(depth * 0.45, 0.5 + arris * 0.8))
    window, distance = sheet.distance(body)
    sheet.body[window] = np.clip(0.5 - distance * sheet.px_per_mm, 0, 1)
    sheet.diffuse[:] = style.frame.colour
    sheet.gloss[:] = style.frame.gloss
    sheet.roughness[:] = style.frame.roughness
    from_rim = np.minimum(*(np.abs((np.arange(height) + 0.5) / sheet.px_per_mm - side) for side in (0, depth)))
    fall = np.clip(1 - from_rim / arris, 0, 0.97)
    sheet.height -= (arris * 0.9 * (1 - np.sqrt(1 - fall**2))).astype(np.float32)[:, None]
    along = (np.arange(width) + 0.5) / sheet.px_per_mm
    from_end = np.minimum(along, length - along)
    turn = np.clip(1 - from_end / style.corner_mm, 0, 0.94)
    sheet.height -= (style.corner_mm * (1 - np.sqrt(1 - turn**2))).astype(np.float32)[None]
    if style.frame_brushed:
        streaks = soft_noise(height, width, between(rng, 3, 20) * sheet.px_per_mm, rng, cell_y_px=1.2)
        sheet.diffuse *= (1 + between(rng, 0.05, 0.2) * streaks)[..., None]
        sheet.roughness += np.float32(0.06) * streaks
    elif style.frame.roughness > 0.2:
        sheet.diffuse *= (1 + between(rng, 0, 0.08) * white_noise(height, width, rng))[..., None]


def _paint_layers(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> None:
    """The glass and its seam along both long sides, as far as they are seen from the side."""
    length, depth = sheet.size_mm
    front = between(rng, 0.35, 1.3)
    sides = [(front / 2, front, style.face.bezel, True)]
    if chance(rng, 0.75):
        thick = between(rng, 0.3, 1.6)
        sides.append((depth - thick / 2, thick, style.cover.finish, style.cover.glass))
    for y, thick, finish, glass in sides:
        strip = Shape(length / 2, y, length, thick, 0)
        sheet.paint(strip, Finish((0.004, 0.004, 0.004), 0.02, 0.6), inset_mm=-0.12)
        sheet.paint(strip, finish)
        if glass:
            window, cover = sheet.cover(strip)
            sheet.glass[window] |= cover > 0.5
    if chance(rng, 0.3):
        bright = Finish(scaled(style.frame.colour, 1.5, 0.1), 0.5, 0.08)
        for y in (front + 0.3, depth - between(rng, 0.8, 1.8)):
            sheet.paint(Shape(length / 2, y, length, 0.3, 0), bright)


def _paint_bands(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> None:
    length, depth = sheet.size_mm
    tone = between(rng, -0.6, 0.6)
    band = Finish(scaled(style.frame.colour, 1 + tone, 0.02), 0.04, 0.35)
    place = between(rng, 7, 14)
    for x in (place, length - place) if chance(rng, 0.8) else (place,):
        sheet.paint(Shape(x, depth / 2, between(rng, 0.8, 1.5), depth, 0), band)


def _button(style: DeviceStyle, sheet: Sheet, x: float, long: float, rng: np.random.Generator) -> None:
    """A raised key in its dark gap."""
    depth = sheet.size_mm[1]
    tall = min(1.2 + style.button_mm * 0.09, depth * 0.42)
    shape = Shape(x, depth / 2, long, tall, 0.5 if style.frame_profile == "flat" else tall / 2)
    sheet.paint(shape, _HOLE, inset_mm=-0.15)
    colour = scaled(style.frame.colour, between(rng, 0.8, 1.1))
    sheet.paint(shape, Finish(colour, style.frame.gloss, style.frame.roughness))
    sheet.lift(shape, between(rng, 0.3, 0.6), 0.35)


def _hole(sheet: Sheet, shape: Shape, rim: Finish) -> None:
    sheet.paint(shape, rim, inset_mm=-0.2)
    sheet.paint(shape, _HOLE)
    sheet.lift(shape, -0.6, 0.2)


def _sim_tray(style: DeviceStyle, sheet: Sheet, x: float, rng: np.random.Generator) -> None:
    depth = sheet.size_mm[1]
    tall = min(between(rng, 2.2, 3.2), depth * 0.5)
    slit = Shape(x, depth / 2, between(rng, 13, 24), tall, tall / 2)
    sheet.paint(slit, _HOLE, inset_mm=-0.1)
    sheet.paint(slit, style.frame)
    sheet.paint(circle(x + slit.width * 0.4, depth / 2, 0.5), _HOLE)


def _paint_flank(style: DeviceStyle, sheet: Sheet, surface: Surface, rng: np.random.Generator) -> None:
    """Left or right: x runs from the device's top to its bottom."""
    length = sheet.size_mm[0]
    long = style.button_mm
    if surface is Surface.RIGHT:
        _button(style, sheet, length * between(rng, 0.4, 0.5), long, rng)
    if surface is Surface.LEFT or chance(rng, 0.4):
        start = length * between(rng, 0.14, 0.2)
        if chance(rng, 0.5):
            _button(style, sheet, start, long, rng)
            _button(style, sheet, start + long + 2.5, long, rng)
        else:
            _button(style, sheet, start, long * 1.7, rng)
    if chance(rng, 0.35):
        _sim_tray(style, sheet, length * between(rng, 0.62, 0.75), rng)


def _paint_holes(style: DeviceStyle, sheet: Sheet, x: float, pitch: float, rng: np.random.Generator) -> None:
    depth = sheet.size_mm[1]
    radius = between(rng, 0.45, 0.85)
    if chance(rng, 0.25):
        long = Shape(x + pitch * style.speaker_holes / 2, depth / 2, pitch * style.speaker_holes, 1.3, 0.65)
        _hole(sheet, long, style.frame)
        return
    for hole in range(style.speaker_holes):
        _hole(sheet, circle(x + hole * pitch, depth / 2, radius), style.frame)


def _paint_bottom(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> None:
    length, depth = sheet.size_mm
    wide, tall = {"usb_c": (9.0, 3.2), "micro_usb": (7.6, 2.4), "slim": (8.0, 2.2)}[style.port]
    port = Shape(length / 2, depth / 2, wide, min(tall, depth * 0.6), 1.5 if style.port != "micro_usb" else 0.6)
    rim = _STEEL if chance(rng, 0.5) else style.frame
    _hole(sheet, port, rim)
    sheet.paint(Shape(port.x, port.y, wide * 0.75, 0.7, 0.2), Finish((0.05, 0.05, 0.05), 0.1, 0.3))
    pitch = between(rng, 2.1, 3)
    _paint_holes(style, sheet, length / 2 + wide / 2 + 5, pitch, rng)
    if chance(rng, 0.5):
        _paint_holes(style, sheet, length / 2 - wide / 2 - 5 - pitch * (style.speaker_holes - 1), pitch, rng)
    elif style.headphone_jack:
        _hole(sheet, circle(between(rng, 12, 18), depth / 2, min(1.75, depth * 0.3)), _STEEL)
    if chance(rng, 0.4):
        for side in (-1, 1):
            sheet.paint(circle(length / 2 + side * (wide / 2 + 2.6), depth / 2, 0.75), _STEEL)
            sheet.paint(circle(length / 2 + side * (wide / 2 + 2.6), depth / 2, 0.4), _HOLE)


def _paint_top(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> None:
    length, depth = sheet.size_mm
    for _ in range(int(rng.integers(0, 3))):
        _hole(sheet, circle(length * between(rng, 0.3, 0.8), depth / 2, between(rng, 0.3, 0.6)), style.frame)
    if style.headphone_jack and chance(rng, 0.4):
        _hole(sheet, circle(length * 0.2, depth / 2, min(1.75, depth * 0.3)), _STEEL)
    if chance(rng, 0.2):
        _sim_tray(style, sheet, length * 0.3, rng)
    if chance(rng, 0.15):
        _button(style, sheet, length * 0.78, style.button_mm, rng)


def draw_edge(style: DeviceStyle, surface: Surface, sheet: Sheet, rng: np.random.Generator) -> None:
    """Paint the edge `surface` of `style`; row 0 lies at the front glass, the last row at the back."""
    _paint_frame(style, sheet, rng)
    if style.antenna_bands:
        _paint_bands(style, sheet, rng)
    _paint_layers(style, sheet, rng)
    match surface:
        case Surface.TOP:
            _paint_top(style, sheet, rng)
        case Surface.BOTTOM:
            _paint_bottom(style, sheet, rng)
        case _:
            _paint_flank(style, sheet, surface, rng)
