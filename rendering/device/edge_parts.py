"""Keys, trays, sockets, speakers and screws in a phone's narrow sides."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from phonegrade.core.vocabulary import Surface
from phonegrade.rendering.device.device_style import DeviceStyle
from phonegrade.rendering.device.materials import GOLD, HOLE, LENS_BLACK, metal, plastic, steel
from phonegrade.rendering.device.optics import paint_mesh
from phonegrade.rendering.device.sheet import Finish, Shape, Sheet, circle
from phonegrade.rendering.texture import between, chance, scaled


@dataclass(frozen=True)
class Opening:
    """What a case leaves open or, for keys, covers with a bump; lengths in mm."""

    kind: Literal["key", "hole"]
    x: float
    wide: float
    tall: float


def _key(style: DeviceStyle, sheet: Sheet, x: float, long: float, rng: np.random.Generator) -> Opening:
    """A raised key in its dark gap, now and then ridged, coloured or a fingerprint pad."""
    depth = sheet.size_mm[1]
    tall = min(1.2 + style.button_mm * 0.09, depth * 0.36)
    shape = Shape(x, depth / 2, long, tall, 0.5 if style.frame_profile == "flat" else tall / 2)
    finish = Finish(scaled(style.frame.colour, between(rng, 0.85, 1.05)), style.frame.gloss, style.frame.roughness)
    if chance(rng, 0.03):
        finish = plastic((0.3, between(rng, 0.02, 0.12), 0.015), 0.25)
    pad = chance(rng, 0.08)
    sheet.paint(shape, HOLE, inset_mm=-between(rng, 0.1, 0.2))
    sheet.level(shape)
    sheet.paint(shape, LENS_BLACK if pad else finish)
    if pad:
        sheet.lift(shape, -0.2, 0.3)
    else:
        sheet.lift(shape, between(rng, 0.3, 0.5), min(0.8, tall * 0.4))
        if chance(rng, 0.04):
            window, distance = sheet.distance(shape)
            columns = np.arange(window[1].start, window[1].stop, dtype=np.float32) / sheet.px_per_mm
            ridges = np.float32(0.06) * np.cos(columns * np.float32(2 * np.pi / 0.8))
            sheet.height[window] += ridges[None] * (distance < -0.3)
    return Opening("key", x, long, tall)


def _hole(sheet: Sheet, shape: Shape, rim: Finish) -> None:
    """A countersunk hole: its rim leans inwards and catches light on one side."""
    sheet.paint(shape, rim, inset_mm=-0.18)
    window, distance = sheet.distance(shape, margin_mm=0.6)
    sheet.height[window] -= np.float32(0.1) * np.clip(1 - np.maximum(distance, 0) / 0.26, 0, 1)
    sheet.paint(shape, HOLE)


def _tray(style: DeviceStyle, sheet: Sheet, x: float, rng: np.random.Generator) -> None:
    """The card tray: a hair-fine gap round a flush lid with a pin hole."""
    depth = sheet.size_mm[1]
    tall, long = min(between(rng, 1.9, 3), depth * 0.42), between(rng, 12, 24)
    slit = Shape(x, depth / 2, long, tall, tall / 2)
    window, distance = sheet.distance(slit)
    gap = np.clip(0.5 + (0.05 - np.abs(distance)) * sheet.px_per_mm, 0, 1)
    sheet.blend(window, gap.astype(np.float32) * np.float32(0.9), HOLE)
    _hole(sheet, circle(x + (long / 2 - tall / 2) * (1 if chance(rng, 0.5) else -1), depth / 2, 0.45), style.frame)


def paint_side(style: DeviceStyle, sheet: Sheet, surface: Surface, rng: np.random.Generator) -> list[Opening]:
    """Left or right: x runs from the device's top to its bottom."""
    length, long, keys = sheet.size_mm[0], style.button_mm, []
    if surface is Surface.RIGHT:
        keys.append(_key(style, sheet, length * between(rng, 0.38, 0.45), long, rng))
    if surface is Surface.LEFT or chance(rng, 0.5):
        start = length * between(rng, 0.12, 0.15)
        if chance(rng, 0.5):
            keys.append(_key(style, sheet, start + long * 0.4, long * 0.8, rng))
            keys.append(_key(style, sheet, start + long * 1.2 + between(rng, 1.6, 3), long * 0.8, rng))
        else:
            keys.append(_key(style, sheet, start + long * 0.8, long * 1.6, rng))
    if surface is Surface.LEFT and chance(rng, 0.12):
        keys.append(_slider(style, sheet, length * 0.085))
    if chance(rng, 0.35):
        _tray(style, sheet, length * between(rng, 0.62, 0.75), rng)
    if chance(rng, 0.1):
        screw = circle(length * between(rng, 0.9, 0.95), sheet.size_mm[1] / 2, 0.8)
        _hole(sheet, screw, style.frame)
    return keys


def _slider(style: DeviceStyle, sheet: Sheet, x: float) -> Opening:
    """A small switch in its slot, with a line of bright paint."""
    slot = Shape(x, sheet.size_mm[1] / 2, 5.5, 2.2, 1)
    sheet.paint(slot, HOLE, inset_mm=-0.1)
    knob = Shape(x + 0.8, slot.y, 3.6, 2.0, 0.9)
    sheet.paint(knob, style.frame)
    sheet.lift(knob, 0.4, 0.5)
    sheet.paint(Shape(x - 1.7, slot.y, 0.8, 1.6, 0.2), plastic((0.6, 0.12, 0.02), 0.3))
    return Opening("key", x, 5.5, 2.2)


def _speaker(style: DeviceStyle, sheet: Sheet, x: float, pitch: float, rng: np.random.Generator) -> Opening:
    """A row of holes or slots, or one long slit with mesh behind it; `x` is its first hole."""
    depth, count = sheet.size_mm[1], style.speaker_holes
    radius = between(rng, 0.5, 0.8)
    long = pitch * (count - 1) + 2 * radius
    middle = x + pitch * (count - 1) / 2
    match style.speaker:
        case "slit":
            slit = Shape(middle, depth / 2, long, 1.3, 0.65)
            _hole(sheet, slit, style.frame)
            paint_mesh(sheet, slit.x, slit.y, slit.width, slit.height, rng)
        case "slots":
            for hole in range(count):
                _hole(sheet, Shape(x + hole * pitch, depth / 2, radius * 2.4, 1.1, 0.55), style.frame)
        case "round":
            for hole in range(count):
                _hole(sheet, circle(x + hole * pitch, depth / 2, radius), style.frame)
    return Opening("hole", middle, long, 2 * radius)


def _socket(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> Opening:
    """The charging socket with its shell, tongue and contacts."""
    length, depth = sheet.size_mm
    wide, tall, radius = {"usb_c": (8.9, 3.2, 1.6), "micro_usb": (7.4, 2.4, 0.7), "slim": (8.2, 2.5, 1.25)}[style.port]
    tall = min(tall, depth * 0.55)
    port = Shape(length / 2, depth / 2 + between(rng, -0.3, 0.3), wide, tall, radius)
    _hole(sheet, port, style.frame)
    match style.port:
        case "usb_c":
            sheet.paint(port, steel(0.3), inset_mm=0.05, opacity=0.35)
            sheet.paint(port, HOLE, inset_mm=0.35)
            tongue = Shape(port.x, port.y, 6.7, 0.75, 0.25)
            sheet.paint(tongue, plastic((0.035, 0.035, 0.036), 0.3))
            for contact in np.linspace(-2.75, 2.75, 12):
                sheet.paint(Shape(port.x + float(contact), port.y + 0.3, 0.25, 0.12, 0), GOLD, 0, 0.5)
        case "micro_usb":
            sheet.paint(port, steel(0.25), inset_mm=0.02, opacity=0.7)
            sheet.paint(port, HOLE, inset_mm=0.25)
            sheet.paint(Shape(port.x, port.y - tall * 0.16, 4.9, 0.6, 0), plastic((0.03, 0.03, 0.03), 0.3))
        case "slim":
            sheet.paint(port, steel(0.2), inset_mm=0.02, opacity=0.4)
            sheet.paint(port, HOLE, inset_mm=0.2)
            for contact in np.linspace(-2.6, 2.6, 8):
                sheet.paint(Shape(port.x + float(contact), port.y + tall * 0.3, 0.3, 0.2, 0), GOLD, 0, 0.4)
    return Opening("hole", port.x, wide, tall)


def _jack(style: DeviceStyle, sheet: Sheet, x: float, rng: np.random.Generator) -> Opening:
    depth = sheet.size_mm[1]
    radius = min(1.75, depth * 0.28)
    _hole(sheet, circle(x, depth / 2, radius + 0.25), style.frame)
    ring = steel(0.2) if chance(rng, 0.5) else plastic((0.02, 0.02, 0.02), 0.3)
    sheet.paint(circle(x, depth / 2, radius + 0.2), ring)
    sheet.paint(circle(x, depth / 2, radius), HOLE)
    sheet.paint(Shape(x + radius * 0.6, depth / 2 + radius * 0.3, 0.5, 0.6, 0.1), GOLD, 0, 0.25)
    return Opening("hole", x, 2 * radius, 2 * radius)


def _screw(style: DeviceStyle, sheet: Sheet, x: float) -> None:
    y = sheet.size_mm[1] / 2
    sheet.paint(circle(x, y, 0.85), HOLE)
    sheet.paint(circle(x, y, 0.75), metal(scaled(style.frame.colour, 0.8, 0.05), 0.2))
    sheet.lift(circle(x, y, 0.75), -0.15, 0.3)
    for turn in np.linspace(0, 2 * np.pi, 5, endpoint=False):
        sheet.paint(circle(x + 0.25 * float(np.cos(turn)), y + 0.25 * float(np.sin(turn)), 0.16), HOLE)


def paint_bottom(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> list[Opening]:
    """Socket, speaker and microphone, jack, screws."""
    length, depth = sheet.size_mm
    openings = [_socket(style, sheet, rng)]
    half, pitch = openings[0].wide / 2 + between(rng, 4, 7), between(rng, 1.9, 2.8)
    if style.speaker == "slots":
        pitch *= 1.25
    openings.append(_speaker(style, sheet, length / 2 + half, pitch, rng))
    if chance(rng, 0.4):
        openings.append(_speaker(style, sheet, length / 2 - half - pitch * (style.speaker_holes - 1), pitch, rng))
    elif style.headphone_jack:
        openings.append(_jack(style, sheet, between(rng, 12, 18), rng))
    else:
        _hole(sheet, circle(length / 2 - half, depth / 2, between(rng, 0.3, 0.6)), style.frame)
        if chance(rng, 0.4):
            _tray(style, sheet, length * 0.24, rng)
    if style.port == "slim" or chance(rng, 0.2):
        for side in (-1, 1):
            _screw(style, sheet, length / 2 + side * (openings[0].wide / 2 + 2.6))
    return openings


def paint_top(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> list[Opening]:
    """Microphone, perhaps a jack, an infrared eye, a card tray or a key."""
    length, depth = sheet.size_mm
    openings = []
    for _ in range(int(rng.integers(0, 3))):
        x, radius = length * between(rng, 0.3, 0.7), between(rng, 0.3, 0.55)
        _hole(sheet, circle(x, depth / 2, radius), style.frame)
        openings.append(Opening("hole", x, 2 * radius, 2 * radius))
    if style.headphone_jack and chance(rng, 0.4):
        openings.append(_jack(style, sheet, length * 0.2, rng))
    elif chance(rng, 0.2):
        _tray(style, sheet, length * 0.3, rng)
    if chance(rng, 0.12):
        eye = circle(length * 0.62, depth / 2, 1.3)
        sheet.paint(eye, LENS_BLACK)
        openings.append(Opening("hole", eye.x, 2.6, 2.6))
    if style.year < 2015 and chance(rng, 0.4):
        openings.append(_key(style, sheet, length * 0.78, style.button_mm, rng))
    return openings
