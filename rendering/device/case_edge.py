"""A case seen from the side: its wall with raised keys, its openings, its two lips."""

import numpy as np

from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.device.case_style import CaseStyle
from phonegrade.rendering.device.device_style import DeviceStyle
from phonegrade.rendering.device.edge_parts import Opening
from phonegrade.rendering.device.fields import field
from phonegrade.rendering.device.materials import HOLE
from phonegrade.rendering.device.sheet import Finish, Shape, Sheet
from phonegrade.rendering.texture import between, scaled


def paint_case_edge(
    style: DeviceStyle, sheet: Sheet, case: CaseStyle, openings: list[Opening], rng: np.random.Generator
) -> None:
    """Lay the wall of `case` over the finished edge; it is taller than the device, so that it fills the canvas."""
    depth = sheet.size_mm[1]
    soft, swing = field(sheet, 9, rng, 3), np.float32(between(rng, 0, 0.08))
    wall = np.ones(sheet.gloss.shape, np.float32)
    shapes = []
    for opening in (opening for opening in openings if opening.kind == "hole"):
        tall = min(max(opening.tall + 2.4, 3.2), depth + 4)
        shape = Shape(opening.x, depth / 2, opening.wide + 3, tall, tall / 2)
        window, distance = sheet.distance(shape, margin_mm=1)
        wall[window] = np.minimum(wall[window], np.clip(0.5 + distance * sheet.px_per_mm, 0, 1))
        shapes.append((window, distance))
    whole = (slice(0, wall.shape[0]), slice(0, wall.shape[1]))
    solid = 1.0 if case.opacity == 1 else 0.8 * case.opacity
    sheet.height *= 1 - wall * np.float32(solid)
    sheet.height -= _profile(style, sheet) * wall
    sheet.blend(whole, wall * np.float32(solid), case.finish)
    sheet.diffuse *= (1 + swing * soft * wall)[..., None]
    sheet.body[:] = np.where(wall > 0.5, 1, sheet.body)
    if case.opacity == 1:
        sheet.glass &= wall < 0.5
    for window, distance in shapes:
        sheet.height[window] -= np.float32(0.4) * np.clip(1 - distance / 0.6, 0, 1)
        shade = np.clip(1 + distance / 0.7, 0, 1) * (distance < 0)
        sheet.blend(window, shade.astype(np.float32) * np.float32(0.5), HOLE)
    _paint_lips(sheet, case)
    for opening in (opening for opening in openings if opening.kind == "key"):
        _paint_bump(sheet, case, opening)


def _profile(style: DeviceStyle, sheet: Sheet) -> FloatMap:
    """How far the wall falls away towards its lips and round the corners (H, W), in mm."""
    length, depth = sheet.size_mm
    rows = (np.arange(sheet.gloss.shape[0], dtype=np.float32) + 0.5) / sheet.px_per_mm
    columns = (np.arange(sheet.gloss.shape[1], dtype=np.float32) + 0.5) / sheet.px_per_mm
    across = np.abs(rows - depth / 2) / (depth / 2)
    turn = np.clip(1 - np.minimum(columns, length - columns) / style.corner_mm, 0, 1)
    fall = np.float32(0.12 * depth) * across[:, None] ** 3 + np.float32(0.32 * style.corner_mm) * turn[None] ** 2
    return np.asarray(fall, np.float32)


def _paint_lips(sheet: Sheet, case: CaseStyle) -> None:
    """A fine line where the wall ends at the front."""
    length = sheet.size_mm[0]
    pale = Finish(scaled(case.colour, 1.25, 0.01), case.finish.gloss, max(0.06, case.finish.roughness * 0.7))
    sheet.paint(Shape(length / 2, 0.1, 2 * length, 0.35, 0), pale, 0, 0.6)
    sheet.paint(Shape(length / 2, 0.5, 2 * length, 0.12, 0), HOLE, 0, 0.25)


def _paint_bump(sheet: Sheet, case: CaseStyle, key: Opening) -> None:
    """The raised cover of a key."""
    shape = Shape(key.x, sheet.size_mm[1] / 2, key.wide + 1.5, key.tall + 1.4, (key.tall + 1.4) / 2)
    window, distance = sheet.distance(shape, margin_mm=0.8)
    groove = np.clip(1 - np.abs(distance) / 0.35, 0, 1)
    sheet.blend(window, np.asarray(groove * 0.3 * case.opacity, np.float32), HOLE)
    sheet.lift(shape, 0.7, 0.9)
