"""A protector stuck on the front: its ground edge, its bay at the ear slot, bubbles, and dust below its rim."""

import cv2
import numpy as np

from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.device.device_style import DeviceStyle
from phonegrade.rendering.device.face_style import ProtectorStyle
from phonegrade.rendering.device.fields import branch
from phonegrade.rendering.device.sheet import Finish, Shape, Sheet, Window, circle
from phonegrade.rendering.texture import between

_DUST = Finish((0.35, 0.34, 0.32), 0.02, 0.6)
_BUBBLE = Finish((0.06, 0.06, 0.06), 0.05, 0.08)


def _distance(sheet: Sheet, window: Window, shape: Shape) -> FloatMap:
    """Distance to `shape` over all of `window`, far where the shape's own window ends."""
    whole = np.full(sheet.gloss.shape, 9, np.float32)
    own, distance = sheet.distance(shape, margin_mm=4)
    whole[own] = distance
    return whole[window]


def paint_protector(style: DeviceStyle, sheet: Sheet, protector: ProtectorStyle, rng: np.random.Generator) -> None:
    """Lay `protector` on the front."""
    width, height = sheet.size_mm
    inset = protector.inset_mm + style.frame_visible_mm
    shape = Shape(width / 2, height / 2, width - 2 * inset, height - 2 * inset, protector.corner_mm)
    bites = []
    if protector.cutout_mm > 0:
        wide = style.face.ear_slot_mm + between(rng, 3, 12)
        bites.append(Shape(width / 2, inset, wide, protector.cutout_mm, 2.5, 2.4))
    if style.face.home == "round":
        bites.append(circle(width / 2, height - style.face.bottom_bezel_mm * 0.5, between(rng, 6, 7.5)))
    if protector.chipped:
        side, end = (float(rng.choice([inset, length - inset])) for length in (width, height))
        bites.append(Shape(side, end, between(rng, 3, 12), between(rng, 3, 12), between(rng, 1, 4), 1.4))
    tone, bright = between(rng, 0.05, 0.3), between(rng, 0.1, 0.45)
    ground_mm = 0.12 if protector.film else between(rng, 0.25, 0.5)
    reach = inset + 2 + max((bite.height / 2 for bite in bites), default=0)
    for window, distance in sheet.border(shape, reach):
        for bite in bites:
            distance = np.maximum(distance, -_distance(sheet, window, bite))
        # the ground edge falls to the phone's glass: it mirrors another lamp than the face does
        edge = np.clip(1 - np.abs(distance + ground_mm / 2) / (ground_mm / 2 + 0.5 / sheet.px_per_mm), 0, 1)
        sheet.blend(window, edge * np.float32(bright), Finish((tone, tone, tone), 0.042, 0.12))
        sheet.height[window] -= np.float32(protector.thick_mm) * np.clip(1 + distance / ground_mm, 0, 1)
    _paint_dust(sheet, shape, protector.dust, branch(rng))
    for _ in range(protector.bubbles):
        _paint_bubble(sheet, shape, branch(rng))
    if protector.film:
        sheet.roughness[sheet.glass] += np.float32(between(rng, 0.005, 0.04))


def _paint_dust(sheet: Sheet, shape: Shape, count: int, rng: np.random.Generator) -> None:
    """Specks and short fibres that stuck to the glue, nearly all near the edge."""
    if count == 0:
        return
    mask = np.zeros(sheet.gloss.shape, np.uint8)
    along = rng.uniform(0, 2 * (shape.width + shape.height), count)
    deep, size = rng.exponential(0.6, count) + 0.2, rng.uniform(0.02, 0.13, count)
    tone = rng.integers(30, 256, count)
    fibre, turn = rng.random(count) < 0.15, rng.uniform(0, np.pi, count)
    left, top = shape.x - shape.width / 2, shape.y - shape.height / 2
    for i in range(count):
        place = along[i] % (shape.width + shape.height)
        x, y = (place, deep[i]) if place < shape.width else (deep[i], place - shape.width)
        if along[i] > shape.width + shape.height:
            x, y = shape.width - x, shape.height - y
        spot = np.array([left + x, top + y]) * sheet.px_per_mm
        reach = np.array([np.cos(turn[i]), np.sin(turn[i])]) * (size[i] * (6 if fibre[i] else 1) * sheet.px_per_mm)
        ends = np.round(np.array([spot - reach, spot + reach]) * 16).astype(int)
        thick = 1 if fibre[i] else max(1, round(size[i] * 2 * sheet.px_per_mm))
        # what is smaller than a texel is fainter instead
        level = float(tone[i]) * min(1.0, size[i] * 2 * sheet.px_per_mm)
        cv2.line(mask, ends[0].tolist(), ends[1].tolist(), level, thick, cv2.LINE_AA, 4)
    for window, _ in sheet.border(shape, 6):
        sheet.blend(window, mask[window].astype(np.float32) * np.float32(0.8 / 255), _DUST)


def _paint_bubble(sheet: Sheet, shape: Shape, rng: np.random.Generator) -> None:
    """Air below the sheet: a slightly paler flat spot with a fine bright rim."""
    x = shape.x + between(rng, -0.48, 0.48) * shape.width
    y = shape.y + between(rng, -0.49, 0.49) * shape.height
    wide = between(rng, 0.4, 2) if rng.random() < 0.8 else between(rng, 2, 7)
    tall = wide * between(rng, 0.5, 1.2)
    bubble = Shape(x, y, wide, tall, min(wide, tall) / 2, between(rng, 1.7, 2.5))
    window, distance = sheet.distance(bubble)
    inside = np.clip(0.5 - distance * sheet.px_per_mm, 0, 1)
    rim = np.clip(1 - np.abs(distance) / (0.06 + 0.5 / sheet.px_per_mm), 0, 1)
    cover = inside * np.float32(between(rng, 0.02, 0.1)) + rim * np.float32(between(rng, 0.1, 0.5))
    sheet.blend(window, np.clip(cover, 0, 1).astype(np.float32), _BUBBLE)
    sheet.height[window] += np.clip(-distance / 0.4, 0, 1) * np.float32(0.02)
