"""What interrupts the front: notch, drop or punch hole in the picture, ear slot, front camera and sensors."""

import numpy as np

from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.device.device_style import DeviceStyle
from phonegrade.rendering.device.materials import HOLE, LENS_BLACK, MESH, glass
from phonegrade.rendering.device.optics import paint_lens, paint_mesh
from phonegrade.rendering.device.sheet import Finish, Shape, Sheet, Window, circle
from phonegrade.rendering.texture import between, chance, scaled


def _open(sheet: Sheet, window: Window, distance: FloatMap, finish: Finish) -> None:
    """A hole in the picture: it neither shines nor counts as display."""
    cover = np.clip(0.5 - distance * sheet.px_per_mm, 0, 1).astype(np.float32)
    sheet.blend(window, cover, finish)
    sheet.darken(window, cover)
    sheet.display[window] &= cover < 0.5


def _bay(sheet: Sheet, shape: Shape, top_mm: float, fillet_mm: float) -> tuple[Window, FloatMap]:
    """Distance to `shape` grown together with the bezel above `top_mm` over fillets, as notches and drops are."""
    window, distance = sheet.distance(shape, margin_mm=fillet_mm * 2.5)
    rows = (np.arange(window[0].start, window[0].stop, dtype=np.float32) + 0.5) / sheet.px_per_mm
    above = np.broadcast_to((rows - top_mm)[:, None], distance.shape)
    blend = np.clip(0.5 + 0.5 * (above - distance) / fillet_mm, 0, 1)
    return window, above + (distance - above) * blend - fillet_mm * blend * (1 - blend)


def paint_cutout(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> None:
    """The camera's place in the picture."""
    width, top, bezel = sheet.size_mm[0], style.face.top_bezel_mm, style.face.bezel
    hole = between(rng, 1.5, 2.5)
    match style.face.cutout:
        case "notch":
            wide, deep = width * between(rng, 0.28, 0.5), between(rng, 3.5, 5.5)
            shape = Shape(width / 2, top + deep / 2 - 2, wide, deep + 4, deep * 0.6)
            _open(sheet, *_bay(sheet, shape, top, between(rng, 0.8, 2)), bezel)
            place, y = wide * between(rng, 0.2, 0.36), top + deep * 0.4
            side = 1 if chance(rng, 0.5) else -1
            paint_lens(sheet, width / 2 + side * place, y, hole * 0.75, rng)
            sheet.paint(circle(width / 2 - side * place, y, between(rng, 0.8, 1.6)), glass((0.006, 0.002, 0.003)))
        case "drop":
            wide, deep = between(rng, 4.5, 8), between(rng, 4.5, 7)
            shape = Shape(width / 2, top + deep / 2 - 3, wide, deep + 6, wide / 2)
            _open(sheet, *_bay(sheet, shape, top, between(rng, 1, 3)), bezel)
            paint_lens(sheet, width / 2, top + deep - wide * 0.48, min(hole * 0.75, wide * 0.36), rng)
        case "punch_left" | "punch_centre" | "punch_right":
            side_share = {"punch_left": 0.13, "punch_centre": 0.5, "punch_right": 0.87}[style.face.cutout]
            place, count = width * side_share, 2 if chance(rng, 0.1) else 1
            shape = Shape(place, top + hole + 1.6, hole * 2 * count, hole * 2, hole)
            _open(sheet, *sheet.distance(shape), LENS_BLACK)
            for lens in range(count):
                paint_lens(sheet, place + hole * (2 * lens - count + 1), top + hole + 1.6, hole * 0.82, rng)
        case "pill":
            shape = Shape(width / 2, top + 4, width * 0.28, 5.2, 2.6)
            _open(sheet, *sheet.distance(shape), LENS_BLACK)
            paint_lens(sheet, width / 2 + width * 0.095, top + 4, 1.7, rng)
            sheet.paint(circle(width / 2 - width * 0.06, top + 4, 1.5), glass((0.005, 0.002, 0.003)))
        case "none":
            pass


def paint_top(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> None:
    """Ear slot and the dots of camera and sensors."""
    width, face = sheet.size_mm[0], style.face
    if face.cutout != "none" or face.top_bezel_mm < 4:
        # a slit between glass and frame, or a short slot in the notch
        y = style.frame_visible_mm + between(rng, 0.35, 0.8)
        if face.cutout == "notch" and chance(rng, 0.7):
            y = face.top_bezel_mm + between(rng, 0.3, 1.5)
        paint_mesh(sheet, width / 2, y, face.ear_slot_mm, between(rng, 0.45, 1), rng)
        return
    middle = max(style.frame_visible_mm + style.rim_mm + 0.5, face.top_bezel_mm * between(rng, 0.4, 0.6))
    tall = between(rng, 0.8, 1.7)
    slot = Shape(width / 2, middle, face.ear_slot_mm, tall, tall / 2)
    sheet.paint(slot, Finish(scaled(face.bezel.colour, 0.6), 0.04, 0.2), inset_mm=-between(rng, 0.1, 0.3))
    paint_mesh(sheet, slot.x, slot.y, slot.width, slot.height, rng)
    side = -1 if chance(rng, 0.5) else 1
    for dot in range(face.dots):
        radius = between(rng, 1.1, 2.0) if dot == 0 else between(rng, 0.5, 1.2)
        place = width / 2 + side * (face.ear_slot_mm * 0.5 + 4 + dot * 4.5)
        if dot == 0:
            sheet.paint(circle(place, middle, radius), MESH if chance(rng, 0.3) else HOLE, inset_mm=-0.15)
            paint_lens(sheet, place, middle, radius, rng)
        else:
            sheet.paint(circle(place, middle, radius), glass((0.004, 0.003, 0.004)), 0, between(rng, 0.3, 1))
        side = -side if chance(rng, 0.4) else side
