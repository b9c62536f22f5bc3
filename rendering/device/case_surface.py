"""A case on the phone: its lip round the front and what it shows and hides on the back."""

import cv2
import numpy as np

from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.device.case_style import CaseStyle
from phonegrade.rendering.device.device_style import DeviceStyle
from phonegrade.rendering.device.fields import branch, dots, field, ripple
from phonegrade.rendering.device.materials import HOLE, metal, plastic
from phonegrade.rendering.device.outline import body_shape
from phonegrade.rendering.device.sheet import Finish, Shape, Sheet, circle
from phonegrade.rendering.lettering import text_mask
from phonegrade.rendering.texture import between, chance, scaled

_LINT = Finish((0.25, 0.24, 0.23), 0.02, 0.7)


def paint_front_lip(style: DeviceStyle, sheet: Sheet, case: CaseStyle, rng: np.random.Generator) -> None:
    """The lip that laps over the front's edge, the dark gap inside it and the lint that gathers there."""
    body, reach = body_shape(style, sheet), style.frame_visible_mm + case.overlap_mm
    opacity, lint = max(case.opacity, 0.35), between(rng, 0, 0.5) * case.age
    fluff = field(sheet, 0.3, rng) + field(sheet, 9, rng) if lint > 0.02 else None
    for window, distance in sheet.border(body, reach + 1):
        gap = np.clip(1 - np.abs(distance + reach + 0.15) / 0.3, 0, 1)
        sheet.blend(window, gap * np.float32(0.75), HOLE)
        if fluff is not None:
            specks = np.clip(fluff[window] * 4 - 3, 0, 1) * gap
            sheet.blend(window, specks * np.float32(1.4 * lint), _LINT)
        lip = np.clip(0.5 + (distance + reach) * sheet.px_per_mm, 0, 1) * np.float32(opacity)
        sheet.blend(window, lip, case.finish)
        inner = np.clip((distance + reach) / 0.7, 0, 1)
        sheet.height[window] += np.float32(0.2) * inner * (2 - inner)
        sheet.glass[window] &= distance < -reach
        sheet.emission[window] *= (1 - lip)[..., None]


def paint_case_back(style: DeviceStyle, sheet: Sheet, case: CaseStyle, module: Shape, rng: np.random.Generator) -> None:
    """The case over the finished back, with its hole round the camera's `module`."""
    parts = [branch(rng) for _ in range(4)]
    gap = case.camera_gap_mm
    hole = Shape(module.x, module.y, module.width + 2 * gap, module.height + 2 * gap, module.radius + gap, 2.2)
    through = np.ones(sheet.gloss.shape, np.float32)
    window, distance = sheet.distance(hole, margin_mm=3)
    through[window] = np.clip(0.5 + distance * sheet.px_per_mm, 0, 1)
    match case.kind:
        case "clear":
            _paint_clear(style, sheet, case, through, parts[0])
        case "bumper":
            _paint_bumper(style, sheet, case)
            return
        case "solid" | "wallet":
            _paint_solid(sheet, case, through, parts[1])
            sheet.glass &= through < 0.5
            if case.kind == "wallet":
                _paint_stitches(style, sheet, case)
            elif case.name:
                _paint_name(sheet, case, parts[2])
    fall = np.clip(1 - distance / 0.8, 0, 1)
    sheet.height[window] -= np.float32(0.5) * fall**2
    rim = np.clip(1 - np.abs(distance - 0.25) / 0.35, 0, 1)
    pale = Finish(scaled(case.colour, 1.3, 0.02), case.finish.gloss, max(0.08, case.finish.roughness * 0.6))
    sheet.blend(window, rim * np.float32(0.25 + 0.3 * case.opacity), pale)
    shade = np.clip(1 + distance / 0.8, 0, 1) * (distance < 0)
    sheet.blend(window, shade.astype(np.float32) * np.float32(0.45), HOLE)


def _paint_solid(sheet: Sheet, case: CaseStyle, through: FloatMap, rng: np.random.Generator) -> None:
    sheet.blend((slice(0, sheet.gloss.shape[0]), slice(0, sheet.gloss.shape[1])), through, case.finish)
    match case.grip:
        case "leather":
            grain = np.abs(field(sheet, between(rng, 0.9, 2), rng, octaves=3))
            sheet.height += np.minimum(grain, 0.5) * np.float32(0.035) * through
            sheet.diffuse *= (1 - through * np.float32(0.12) * (1 - np.minimum(grain, 0.9)))[..., None]
        case "carbon":
            paint_twill(sheet, between(rng, 0.5, 1.2), through)
        case "ribs":
            pitch = between(rng, 1.2, 4)
            sheet.height += np.float32(0.03 * pitch) * ripple(sheet, pitch)[0] * through
        case "dots" | "plain":
            soft = field(sheet, between(rng, 6, 20), rng, octaves=2)
            sheet.diffuse *= (1 + np.float32(0.05) * soft * through)[..., None]


def paint_twill(sheet: Sheet, cell_mm: float, through: FloatMap) -> None:
    """Woven carbon: cells of fibres that run across or along, each a little bent."""
    height, width = sheet.gloss.shape
    rows = (np.arange(height, dtype=np.float32) + 0.5)[:, None] / (sheet.px_per_mm * cell_mm)
    columns = (np.arange(width, dtype=np.float32) + 0.5)[None] / (sheet.px_per_mm * cell_mm)
    along = (np.floor(rows) + np.floor(columns)) % 4 < 2
    bend = np.where(along, rows % 1 - 0.5, columns % 1 - 0.5).astype(np.float32)
    sheet.height -= np.float32(0.25 * cell_mm) * bend**2 * through
    sheet.diffuse *= (1 - np.float32(0.2) * along * through)[..., None]


def _paint_clear(
    style: DeviceStyle, sheet: Sheet, case: CaseStyle, through: FloatMap, rng: np.random.Generator
) -> None:
    """Milky walls, wet patches where it clings, dust below it, yellow with age."""
    whole = (slice(0, sheet.gloss.shape[0]), slice(0, sheet.gloss.shape[1]))
    haze = np.float32(0.02 + 0.2 * case.age * between(rng, 0.3, 1))
    cling = field(sheet, between(rng, 6, 16), rng, octaves=4)
    edge = np.clip(1 - np.abs(cling - 0.25) * 25, 0, 1)
    wet = np.clip((cling - 0.25) * 30, 0, 1) * np.float32(between(rng, 0, 0.6))
    cover = (haze * (1 - wet) + edge * np.float32(between(rng, 0, 0.08))) * through
    if case.grip == "dots":
        cover += dots(sheet, between(rng, 0.9, 1.6), 0.12) * np.float32(between(rng, 0.04, 0.14)) * through
    grey = Finish(case.colour, 0.045, max(case.finish.roughness, 0.05))
    sheet.blend(whole, np.clip(cover, 0, 1), grey)
    sheet.roughness[:] = np.maximum(sheet.roughness, case.finish.roughness * through)
    body, wall = body_shape(style, sheet), between(rng, 1.2, 2.4)
    for window, distance in sheet.border(body, wall + 1):
        milk = np.clip((distance + wall) / wall, 0, 1) * np.float32(case.opacity + 0.2)
        line = np.clip(1 - np.abs(distance + wall) * 3, 0, 1) * np.float32(0.35)
        sheet.blend(window, np.clip(milk + line, 0, 1), case.finish)
        sheet.height[window] -= np.float32(0.5) * np.clip((distance + wall) / wall, 0, 1) ** 2
    _paint_lint(sheet, int(case.age * between(rng, 0, 260)), branch(rng))


def _paint_lint(sheet: Sheet, count: int, rng: np.random.Generator) -> None:
    """Specks between case and cover."""
    if count == 0:
        return
    mask = np.zeros(sheet.gloss.shape, np.uint8)
    places, size = rng.uniform(0, 1, (count, 2)) * sheet.size_mm, rng.uniform(0.03, 0.12, count)
    for (x, y), radius in zip(places * sheet.px_per_mm * 16, size * sheet.px_per_mm, strict=True):
        level = 210 * min(1.0, 2 * float(radius))
        cv2.circle(mask, (round(x), round(y)), max(8, round(radius * 16)), level, -1, cv2.LINE_AA, 4)
    whole = (slice(0, mask.shape[0]), slice(0, mask.shape[1]))
    sheet.blend(whole, mask.astype(np.float32) * np.float32(0.7 / 255), _LINT)


def _paint_bumper(style: DeviceStyle, sheet: Sheet, case: CaseStyle) -> None:
    reach = case.overlap_mm + 0.8
    for window, distance in sheet.border(body_shape(style, sheet), reach + 1):
        gap = np.clip(1 - np.abs(distance + reach + 0.1) / 0.25, 0, 1)
        sheet.blend(window, gap * np.float32(0.7), HOLE)
        sheet.blend(window, np.clip(0.5 + (distance + reach) * sheet.px_per_mm, 0, 1), case.finish)
        inner = np.clip((distance + reach) / 0.8, 0, 1)
        sheet.height[window] += np.float32(0.5) * inner * (2 - inner)
        sheet.glass[window] &= distance < -reach


def _paint_stitches(style: DeviceStyle, sheet: Sheet, case: CaseStyle) -> None:
    """A seam of thread along the edge of a wallet."""
    width, height = sheet.size_mm
    thread = plastic(scaled(case.colour, 2.2, 0.06), 0.6)
    for y in np.arange(style.corner_mm, height - style.corner_mm, 2.6):
        for x in (2.6, width - 2.6):
            sheet.paint(Shape(x, float(y), 0.4, 1.7, 0.2), thread)
    for x in np.arange(style.corner_mm, width - style.corner_mm, 2.6):
        for y in (2.6, height - 2.6):
            sheet.paint(Shape(float(x), float(y), 1.7, 0.4, 0.2), thread)


def _paint_name(sheet: Sheet, case: CaseStyle, rng: np.random.Generator) -> None:
    width, height = sheet.size_mm
    mask = text_mask(case.name, between(rng, 2.5, 5) * sheet.px_per_mm, 0.13, rng)
    shade = Finish(scaled(case.colour, 0.6), case.finish.gloss, case.finish.roughness * 0.6)
    sheet.stamp(mask, width / 2, height * between(rng, 0.5, 0.9), shade, 0.7)


def paint_ring_holder(sheet: Sheet, rng: np.random.Generator) -> None:
    """A folding finger ring on its plate, or a round pop-out grip."""
    width, height = sheet.size_mm
    x, y = width * between(rng, 0.42, 0.58), height * between(rng, 0.5, 0.7)
    if chance(rng, 0.5):
        tone = between(rng, 0.02, 0.6)
        grip = circle(x, y, between(rng, 18, 20))
        sheet.paint(grip, HOLE, inset_mm=-0.5, opacity=0.5)
        sheet.paint(grip, plastic((tone, tone * between(rng, 0.6, 1), tone * between(rng, 0.6, 1)), 0.2))
        sheet.lift(grip, 2, 1.6)
        sheet.paint(circle(x, y, grip.radius * 0.93), HOLE, opacity=0.3)
        sheet.paint(circle(x, y, grip.radius * 0.91), plastic((tone, tone, tone), 0.25))
        return
    steel = metal((between(rng, 0.05, 0.6),) * 3, between(rng, 0.08, 0.25))
    plate = Shape(x, y, 34, between(rng, 34, 40), between(rng, 4, 17))
    sheet.paint(plate, HOLE, inset_mm=-0.4, opacity=0.5)
    sheet.paint(plate, steel)
    sheet.lift(plate, 1.5, 0.8)
    for radius, finish in ((11.6, HOLE), (11.3, steel), (8.5, HOLE), (8.3, steel)):
        sheet.paint(circle(x, y, radius), finish)
    sheet.lift(circle(x, y, 11.3), 1.2, 1.0)
    sheet.lift(circle(x, y, 8.6), -1.2, 1.0)
