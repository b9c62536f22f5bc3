"""The camera module on the back: its island or loose lenses, with flash, microphone and sensors."""

import numpy as np
from numpy.typing import NDArray

from phonegrade.rendering.device.device_style import DeviceStyle
from phonegrade.rendering.device.materials import HOLE, LENS_BLACK, glass
from phonegrade.rendering.device.optics import paint_flash, paint_lens
from phonegrade.rendering.device.sheet import Finish, Shape, Sheet, circle
from phonegrade.rendering.lettering import text_mask
from phonegrade.rendering.texture import between, chance


def _places(style: DeviceStyle) -> tuple[NDArray[np.float32], Shape, bool]:
    """Lens centres and flash (last row) around 0, 0; the module's outline; whether it stands proud."""
    radius, count = style.cover.lens_mm, style.cover.lens_count
    pitch = radius * 2.3
    match style.cover.camera_layout:
        case "single":
            return np.array([[0, 0], [0, pitch]], np.float32), Shape(0, pitch / 2, radius * 2, pitch * 2, radius), False
        case "row":
            xs = (np.arange(count + 1) - count / 2) * pitch
            places = np.stack([xs, np.zeros_like(xs)], 1)
            return places.astype(np.float32), Shape(0, 0, pitch * (count + 1), pitch, radius), True
        case "column" | "centre_pill" | "loose_column":
            ys = (np.arange(count + 1) - count / 2) * pitch
            places = np.stack([np.zeros_like(ys), ys], 1)
            rounding = pitch * (0.52 if style.cover.camera_layout == "centre_pill" else 0.3)
            tall = Shape(0, 0, pitch * 1.12, pitch * (count + 1), rounding)
            return places.astype(np.float32), tall, style.cover.camera_layout != "loose_column"
        case "square" | "round_island":
            return _cluster(style.cover.camera_layout == "round_island", count, pitch)
        case "bar":
            xs = (np.arange(count + 1) - count / 2) * pitch * 1.2
            places = np.stack([xs, np.zeros_like(xs)], 1)
            return places.astype(np.float32), Shape(0, 0, style.width_mm, pitch * 1.25, 0.4), True


def _cluster(is_round: bool, count: int, pitch: float) -> tuple[NDArray[np.float32], Shape, bool]:
    corners = {
        1: [[0, 0], [0.75, -0.75]],
        2: [[-0.9, -0.9], [0.9, 0.9], [0.9, -0.9]],
        3: [[-1, -1], [-1, 1], [0.95, 0], [0.95, -1.1]],
        4: [[-1, -1], [-1, 1], [1, -1], [1, 1], [0, 0]],
    }[count]
    places = np.array(corners, np.float32) * pitch * 0.53
    side = pitch * 2.3
    if is_round:
        return places * np.float32(0.92), Shape(0, 0, side * 1.18, side * 1.18, side * 0.59), True
    return places, Shape(0, 0, side, side * 1.04, side * 0.25), True


def place_module(style: DeviceStyle, sheet: Sheet) -> tuple[NDArray[np.float32], Shape, bool]:
    """Lens centres and flash (last row) in mm, the outline of the whole module, and whether it stands proud."""
    places, outline, proud = _places(style)
    width = sheet.size_mm[0]
    margin_x, margin_y = outline.width / 2 + 2.6, outline.height / 2 + 2.6
    across = width * style.cover.camera_x if style.cover.camera_layout != "bar" else width / 2
    x = float(np.clip(across, min(margin_x, width / 2), max(width - margin_x, width / 2)))
    y = max(style.cover.camera_y_mm, margin_y)
    at = np.array([x, y], np.float32)
    module = Shape(x + outline.x, y + outline.y, outline.width, outline.height, outline.radius, 2.3)
    return places + at, module, proud


def paint_camera(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> None:
    """Paint the module and mark it in the camera mask."""
    places, module, proud = place_module(style, sheet)
    if proud:
        _paint_island(style, sheet, module, rng)
    reduction = between(rng, 0.86, 1)
    for x, y in places[:-1].tolist():
        _paint_objective(style, sheet, x, y, style.cover.lens_mm * reduction, rng)
    x, y = places[-1].tolist()
    radius = min(style.cover.lens_mm * between(rng, 0.4, 0.62), 3.2)
    if not proud:
        window, cover = sheet.cover(circle(x, y, radius + 0.3))
        sheet.camera[window] |= cover > 0.5
    paint_flash(sheet, x, y, radius, rng)
    if proud:
        _paint_small_parts(style, sheet, module, places, rng)


def _paint_island(style: DeviceStyle, sheet: Sheet, module: Shape, rng: np.random.Generator) -> None:
    """A raised plate with a shaded foot, a rounded or bevelled shoulder and, on some, a metal rim."""
    shoulder = between(rng, 0.5, 1.8)
    window, distance = sheet.distance(module, margin_mm=1.6)
    foot = np.clip(1 - distance / 1.2, 0, 1) ** 2 * np.float32(0.55)
    sheet.blend(window, foot.astype(np.float32), HOLE)
    if chance(rng, 0.5):
        sheet.paint(module, style.frame)
        sheet.paint(module, HOLE, inset_mm=0.55, opacity=0.7)
        sheet.paint(module, style.cover.bump, inset_mm=0.65)
    else:
        sheet.paint(module, style.cover.bump)
    sheet.level(module)
    sheet.lift(module, style.cover.bump_mm, shoulder)
    window, cover = sheet.cover(module)
    sheet.camera[window] |= cover > 0.5


def _paint_objective(
    style: DeviceStyle, sheet: Sheet, x: float, y: float, radius: float, rng: np.random.Generator
) -> None:
    """A turned ring with a bevel, the flat cover glass in it, and the lens below."""
    shape = circle(x, y, radius)
    window, distance = sheet.distance(shape, margin_mm=0.8)
    foot = np.clip(1 - distance / 0.6, 0, 1) * np.float32(0.5)
    sheet.blend(window, foot.astype(np.float32), HOLE)
    wall = between(rng, 0.06, 0.16) * radius
    sheet.paint(shape, style.cover.lens_ring)
    sheet.level(shape)
    sheet.lift(shape, between(rng, 0.2, 0.9), between(rng, 0.2, 0.5))
    sheet.camera[window] |= distance < 0
    bevel = Finish(style.cover.lens_ring.colour, min(1.0, style.cover.lens_ring.gloss * 1.15), 0.05)
    sheet.paint(circle(x, y, radius - wall * 0.55), bevel)
    sheet.paint(circle(x, y, radius - wall), LENS_BLACK)
    sheet.lift(circle(x, y, radius - wall * 0.55), -0.2, wall * 0.6)
    paint_lens(sheet, x, y, (radius - wall) * between(rng, 0.72, 0.97), rng)


def _paint_small_parts(
    style: DeviceStyle, sheet: Sheet, module: Shape, places: NDArray[np.float32], rng: np.random.Generator
) -> None:
    """Microphone hole, range sensor and a line of print where the module has room for them."""
    for _ in range(int(rng.integers(0, 3))):
        x = module.x + between(rng, -0.42, 0.42) * (module.width - 3)
        y = module.y + between(rng, -0.42, 0.42) * (module.height - 3)
        near = float(np.hypot(*(places - (x, y)).T).min())
        room = near - style.cover.lens_mm
        if room > 1.2:
            sensor = chance(rng, 0.4) and room > 2
            sheet.paint(circle(x, y, 1.5 if sensor else 0.35), glass((0.003, 0.002, 0.003)) if sensor else HOLE)
    if chance(rng, 0.25) and module.height > 16:
        words = f"{rng.integers(8, 200)}MP {rng.integers(13, 30)}mm 1:1.{rng.integers(4, 9)}"
        mask = text_mask(words, 0.9 * sheet.px_per_mm, 0.1, rng)
        upright = np.ascontiguousarray(np.rot90(mask))
        tone = Finish((0.25, 0.25, 0.25), 0.04, 0.2)
        sheet.stamp(upright, module.x + module.width / 2 - 1.4, module.y, tone, 0.7)
