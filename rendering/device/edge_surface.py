"""The four narrow sides of a phone, laid horizontally: frame between two lips of glass, its openings, a case."""

import numpy as np

from phonegrade.core.vocabulary import Surface
from phonegrade.rendering.device.case_edge import paint_case_edge
from phonegrade.rendering.device.device_style import DeviceStyle
from phonegrade.rendering.device.edge_parts import Opening, paint_bottom, paint_side, paint_top
from phonegrade.rendering.device.fields import branch, field
from phonegrade.rendering.device.materials import SEAM, plastic
from phonegrade.rendering.device.sheet import Finish, Shape, Sheet
from phonegrade.rendering.texture import between, chance


def _across(sheet: Sheet) -> tuple[np.ndarray, float]:
    """Millimetres from the front of each row (H, 1), and the depth."""
    rows = (np.arange(sheet.gloss.shape[0], dtype=np.float32) + 0.5) / sheet.px_per_mm
    return rows[:, None], sheet.size_mm[1]


def _paint_frame(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> None:
    """Metal or plastic; the ends turn away round the corners of the device."""
    length, depth = sheet.size_mm
    arris = {"flat": 0.5, "curved": depth * 0.3, "round": depth * 0.5}[style.frame_profile]
    body = Shape(length / 2, depth / 2, length, depth, min(depth * 0.45, 0.3 + arris * 0.8))
    window, distance = sheet.distance(body)
    sheet.body[window] = np.clip(0.5 - distance * sheet.px_per_mm, 0, 1)
    sheet.fill(style.frame)
    if style.frame_brushed:
        streaks = field(sheet, between(rng, 4, 20), rng, 0.15, 2)
        sheet.diffuse *= (1 + np.float32(between(rng, 0.02, 0.06)) * streaks)[..., None]
        sheet.roughness += np.float32(0.03) * streaks
    elif style.frame.roughness > 0.15:
        sheet.diffuse *= (1 + np.float32(between(rng, 0, 0.05)) * field(sheet, 0.12, rng))[..., None]
    along = (np.arange(sheet.gloss.shape[1], dtype=np.float32) + 0.5) / sheet.px_per_mm
    turn = np.clip(1 - np.minimum(along, length - along) / style.corner_mm, 0, 1)
    sheet.height -= (np.float32(0.32 * style.corner_mm) * turn**2)[None]


def _bend(style: DeviceStyle, sheet: Sheet, lip_mm: float) -> None:
    """The cross profile: a flat band with narrow bevels, a shallow arc, or nearly a half circle.

    Parabolas, whose slope grows evenly, give the long even gradient of a rounded side wall.
    """
    rows, depth = _across(sheet)
    from_rim = np.minimum(rows, depth - rows)
    match style.frame_profile:
        case "flat":
            bevel = np.clip(1 - (from_rim - lip_mm) / 0.35, 0, 1)
            drop = 0.35 * 0.35 * bevel**2 + 0.3 * np.clip(1 - from_rim / max(lip_mm, 0.2), 0, 1) ** 2
        case "curved":
            drop = 0.09 * depth * (np.abs(rows - depth / 2) / (depth / 2)) ** 3
        case "round":
            drop = 0.17 * depth * (np.abs(rows - depth / 2) / (depth / 2)) ** 2
    sheet.height -= drop.astype(np.float32)


def _lip(sheet: Sheet, y: float, thick: float, finish: Finish, is_glass: bool) -> None:
    """The edge of a panel as a rounded strip behind a seam; `y` is its middle."""
    strip = Shape(sheet.size_mm[0] / 2, y, sheet.size_mm[0] + 4, thick, 0)
    sheet.paint(strip, SEAM, inset_mm=-0.09)
    sheet.paint(strip, finish)
    window, distance = sheet.distance(strip)
    sheet.height[window] += np.float32(0.12) * np.clip(-distance / 0.25, 0, 1)
    if is_glass:
        sheet.glass[window] |= distance < 0


def _paint_layers(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> float:
    """Front glass, gasket, back; returns how far they reach over the frame on the front's side."""
    depth = sheet.size_mm[1]
    front = between(rng, 0.3, 0.7) if style.frame_profile != "round" else between(rng, 0.3, 1.1)
    if style.curve_mm > 0:
        front = between(rng, 1.2, 2)
    if chance(rng, 0.35):
        gasket = plastic((0.01, 0.01, 0.01), 0.3)
        sheet.paint(Shape(sheet.size_mm[0] / 2, front + 0.2, sheet.size_mm[0] + 4, 0.4, 0), gasket)
    _lip(sheet, front / 2, front, style.face.bezel, is_glass=True)
    if style.cover.unibody:
        if chance(rng, 0.5):
            wrap = between(rng, 0.4, 0.7) * depth
            sheet.paint(
                Shape(sheet.size_mm[0] / 2, depth - wrap / 2, 2 * sheet.size_mm[0], wrap, 0), style.cover.finish
            )
            sheet.paint(Shape(sheet.size_mm[0] / 2, depth - wrap, 2 * sheet.size_mm[0], 0.08, 0), SEAM)
    elif chance(rng, 0.85):
        back = between(rng, 0.3, 1.2)
        _lip(sheet, depth - back / 2, back, style.cover.finish, style.cover.glass)
    if style.chamfer_mm > 0:
        facet = Finish(style.frame.colour, min(1.0, style.frame.gloss * 1.15), 0.04)
        for y, lean in ((front + 0.1 + style.chamfer_mm / 2, 1), (depth - 0.9, -1)):
            facet_shape = Shape(sheet.size_mm[0] / 2, y, 2 * sheet.size_mm[0], style.chamfer_mm, 0)
            sheet.paint(facet_shape, facet)
            window, distance = sheet.distance(facet_shape, margin_mm=0)
            rows, _ = _across(sheet)
            slope = np.clip((rows[window[0]] - y) / style.chamfer_mm + 0.5, 0, 1) * np.float32(0.5 * style.chamfer_mm)
            sheet.height[window] += lean * slope * (distance < 0)
    return front


def _paint_bands(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> None:
    """Antenna gaps filled with plastic, flush but for a hair-fine groove."""
    length, depth = sheet.size_mm
    band, wide, place = plastic(style.band, 0.35), between(rng, 0.8, 1.4), between(rng, 7, 16)
    for x in (place, length - place) if chance(rng, 0.8) else (place,):
        strip = Shape(x, depth / 2, wide, depth + 2, 0)
        sheet.paint(strip, SEAM, inset_mm=-0.04, opacity=0.5)
        sheet.paint(strip, band)


def draw_edge(style: DeviceStyle, surface: Surface, sheet: Sheet, rng: np.random.Generator) -> None:
    """Paint the edge `surface` of `style`; row 0 lies at the front glass, the last row at the back."""
    parts = [branch(rng) for _ in range(5)]
    _paint_frame(style, sheet, parts[0])
    if style.antenna_bands:
        _paint_bands(style, sheet, parts[1])
    lip = _paint_layers(style, sheet, parts[2])
    _bend(style, sheet, lip)
    openings: list[Opening]
    match surface:
        case Surface.TOP:
            openings = paint_top(style, sheet, parts[3])
        case Surface.BOTTOM:
            openings = paint_bottom(style, sheet, parts[3])
        case _:
            openings = paint_side(style, sheet, surface, parts[3])
    if style.case is not None:
        paint_case_edge(style, sheet, style.case, openings, parts[4])
