"""The back of a phone: cover with its pattern, camera module, sensor, logo and printed text."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.datasets.device.device_style import DeviceStyle
from phonegrade.datasets.device.front_surface import paint_outline
from phonegrade.datasets.device.lettering import made_up_word, text_mask
from phonegrade.datasets.device.sheet import Finish, Shape, Sheet, circle
from phonegrade.datasets.scene.texture import between, chance, fractal_noise, scaled, soft_noise, white_noise

_GLASS_HOLE = Finish((0.004, 0.004, 0.006), 0.05, 0.02)


def _paint_pattern(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> None:
    """Colour and relief of the cover."""
    height, width = sheet.gloss.shape
    scale = sheet.px_per_mm
    second = np.array(style.cover.second, np.float32)
    match style.cover.pattern:
        case "gradient":
            angle = between(rng, -0.9, 0.9)
            ys = np.linspace(0, 1, height, dtype=np.float32)[:, None]
            xs = np.linspace(0, 1, width, dtype=np.float32)[None]
            ramp = np.clip(ys * np.cos(angle) + xs * np.sin(angle), 0, 1)[..., None]
            sheet.diffuse += (second - sheet.diffuse) * ramp * np.float32(between(rng, 0.4, 1))
        case "two_tone":
            split = int(height * between(rng, 0.12, 0.35))
            parts = (slice(0, split),) if chance(rng, 0.5) else (slice(0, split), slice(height - split, height))
            for part in parts:
                sheet.diffuse[part] = second
                sheet.roughness[part] = between(rng, 0.03, 0.3)
        case "leather":
            grain = fractal_noise(height, width, between(rng, 0.8, 2) * scale, 3, rng)
            sheet.height += np.abs(grain) * np.float32(0.08)
            sheet.diffuse *= (0.7 + 0.45 * np.abs(grain))[..., None]
            sheet.roughness[:] = between(rng, 0.4, 0.6)
        case "dots":
            pitch = max(3.0, between(rng, 0.8, 2.5) * scale)
            ys, xs = np.arange(height, dtype=np.float32), np.arange(width, dtype=np.float32)
            wave = np.cos(ys * 2 * np.pi / pitch)[:, None] * np.cos(xs * 2 * np.pi / pitch)[None]
            spots = np.clip(wave * 4 - 1.5, 0, 1)
            sheet.diffuse *= (1 - between(rng, 0.2, 0.6) * spots)[..., None]
            sheet.height -= spots * np.float32(0.06)
        case "brushed":
            streaks = soft_noise(height, width, 1.5, rng, cell_y_px=between(rng, 10, 60) * scale)
            sheet.diffuse *= (1 + between(rng, 0.03, 0.15) * streaks)[..., None]
            sheet.roughness += np.float32(0.05) * streaks
        case "weave":
            cell = max(2, round(between(rng, 0.6, 1.6) * scale))
            grid = np.indices((height // cell + 1, width // cell + 1)).sum(0) % 2
            tone = cv2.resize(grid.astype(np.float32), None, fx=cell, fy=cell, interpolation=cv2.INTER_NEAREST)
            sheet.diffuse *= (0.7 + 0.3 * tone[:height, :width])[..., None]
        case "stripes":
            bend = soft_noise(height, width, width / 2, rng) * between(rng, 0, 6)
            xs = np.arange(width, dtype=np.float32)[None] * (2 * np.pi / between(rng, 4, 30) / scale)
            band = 0.5 + 0.5 * np.sin(xs + bend)
            sheet.diffuse += (second - sheet.diffuse) * (band * np.float32(between(rng, 0.1, 0.8)))[..., None]
        case "plain":
            pass
    if style.cover.finish.roughness > 0.25:
        grit = white_noise(height, width, rng)
        sheet.diffuse *= (1 + between(rng, 0, 0.06) * grit)[..., None]


def _lens(
    style: DeviceStyle, sheet: Sheet, place: tuple[float, float], radius: float, rng: np.random.Generator
) -> None:
    """Metal ring, black glass, barrel rings, coated pupil and its two small reflections."""
    x, y = place
    rim = style.frame if chance(rng, 0.5) else Finish((0.02, 0.02, 0.02), 0.2, 0.2)
    shape = circle(x, y, radius)
    sheet.paint(shape, rim)
    sheet.lift(shape, between(rng, 0.1, 0.8), 0.3)
    window, cover = sheet.cover(shape)
    sheet.camera[window] |= cover > 0.5
    sheet.paint(circle(x, y, radius * 0.86), _GLASS_HOLE)
    for ring in (0.7, 0.56):
        sheet.paint(circle(x, y, radius * ring), Finish((0.03, 0.03, 0.035), 0.06, 0.1), 0, between(rng, 0.2, 0.9))
        sheet.paint(circle(x, y, radius * (ring - 0.06)), _GLASS_HOLE)
    tint = (between(rng, 0, 0.02), between(rng, 0, 0.03), between(rng, 0.01, 0.08))
    sheet.paint(circle(x, y, radius * between(rng, 0.25, 0.42)), Finish(tint, 0.09, 0.02))
    turn = between(rng, 0, 6.3)
    for side, size in ((1, 0.13), (-1, 0.08)):
        spot = circle(x + side * np.cos(turn) * radius * 0.18, y + side * np.sin(turn) * radius * 0.18, radius * size)
        sheet.paint(spot, Finish((0.15, 0.13, 0.25), 0.1, 0.02), 0, 0.6)


def _flash(sheet: Sheet, x: float, y: float, radius: float) -> None:
    sheet.paint(circle(x, y, radius), Finish((0.25, 0.24, 0.22), 0.1, 0.2))
    sheet.paint(circle(x, y, radius * 0.8), Finish((0.7, 0.66, 0.5), 0.08, 0.3))
    sheet.paint(circle(x, y, radius * 0.4), Finish((0.75, 0.6, 0.2), 0.08, 0.3))


def _lens_places(style: DeviceStyle) -> tuple[NDArray[np.float32], Shape, bool]:
    """Lens centres and flash (last row) around 0, 0; the module's outline; whether it stands proud."""
    radius, count = style.cover.lens_mm, style.cover.lens_count
    pitch = radius * 2.25
    match style.cover.camera_layout:
        case "single":
            return np.array([[0, 0], [0, pitch]], np.float32), Shape(0, 0, radius * 2.1, radius * 2.1, radius), False
        case "row":
            xs = (np.arange(count + 1) - count / 2) * pitch
            places = np.stack([xs, np.zeros_like(xs)], 1)
            return places.astype(np.float32), Shape(0, 0, pitch * (count + 1), pitch, radius), True
        case "column" | "centre_pill" | "loose_column":
            ys = (np.arange(count + 1) - count / 2) * pitch
            places = np.stack([np.zeros_like(ys), ys], 1)
            tall = Shape(0, 0, pitch * 1.05, pitch * (count + 1), pitch * 0.52)
            return places.astype(np.float32), tall, style.cover.camera_layout != "loose_column"
        case "square" | "round_island":
            corners = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]], np.float32) * pitch * 0.55
            if count == 2:
                corners = np.array([[-1, -1], [1, 1], [1, -1]], np.float32) * pitch * 0.55
            if count == 3:
                corners = np.array([[-1, -1], [-1, 1], [1, 0], [1, -1.15]], np.float32) * pitch * 0.55
            if count == 4:
                corners = np.concatenate([corners, np.zeros((1, 2), np.float32)])
            side = pitch * 2.35
            rounding = side / 2 if style.cover.camera_layout == "round_island" else side * 0.24
            return corners, Shape(0, 0, side * (1.15 if rounding > side * 0.3 else 1), side, rounding), True
        case "bar":
            xs = (np.arange(count + 1) - count / 2) * pitch * 1.2
            places = np.stack([xs, np.zeros_like(xs)], 1)
            return places.astype(np.float32), Shape(0, 0, style.width_mm * 0.94, pitch * 1.2, pitch * 0.5), True


def _paint_camera(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> None:
    places, outline, proud = _lens_places(style)
    width = sheet.size_mm[0]
    margin_x, margin_y = outline.width / 2 + 2.5, outline.height / 2 + 2.5
    across = width * style.cover.camera_x if style.cover.camera_layout != "bar" else width / 2
    x = float(np.clip(across, min(margin_x, width / 2), max(width - margin_x, width / 2)))
    y = max(style.cover.camera_y_mm, margin_y + 1.5)
    module = Shape(x, y, outline.width, outline.height, outline.radius, 2.3)
    if proud:
        edge = style.frame if chance(rng, 0.5) else Finish((0.02, 0.02, 0.02), 0.1, 0.3)
        sheet.paint(module, Finish((0.01, 0.01, 0.01), 0.02, 0.6), inset_mm=-0.25, opacity=0.5)
        sheet.paint(module, edge)
        sheet.paint(module, style.cover.bump, inset_mm=between(rng, 0.2, 0.7))
        sheet.lift(module, style.cover.bump_mm, between(rng, 0.4, 1.6))
        window, cover = sheet.cover(module)
        sheet.camera[window] = cover > 0.5
    room = 0.9 if style.cover.camera_layout in ("square", "round_island") and style.cover.lens_count > 2 else 1.0
    for place_x, place_y in places[:-1].tolist():
        _lens(style, sheet, (x + place_x, y + place_y), style.cover.lens_mm * room * between(rng, 0.85, 1), rng)
    flash_x, flash_y = places[-1].tolist()
    _flash(sheet, x + flash_x, y + flash_y, min(style.cover.lens_mm * 0.45, 2.4))


def _paint_marks(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> None:
    """Fingerprint sensor, logo, regulatory print, antenna bands."""
    width, height = sheet.size_mm
    ink_tone = 0.75 if sum(style.cover.finish.colour) < 0.9 else 0.12
    ink = Finish((ink_tone, ink_tone, ink_tone), 0.2 if chance(rng, 0.5) else 0.04, 0.15)
    if style.cover.fingerprint:
        sensor = circle(width / 2, height * 0.26, between(rng, 4.5, 6.5))
        if style.cover.camera_x == 0.5:
            sensor = circle(width / 2, min(height * 0.45, style.cover.camera_y_mm + 34), sensor.radius)
        sheet.paint(sensor, style.frame)
        sheet.paint(
            sensor, style.cover.finish if chance(rng, 0.6) else Finish((0.01, 0.01, 0.01), 0.04, 0.2), inset_mm=0.5
        )
        sheet.lift(sensor, -0.4, 1.0)
    if style.antenna_bands and not style.cover.glass:
        tone = Finish(scaled(style.cover.finish.colour, 0.6, 0.05), 0.04, 0.4)
        for y in (between(rng, 4, 9), height - between(rng, 4, 9)):
            sheet.paint(Shape(width / 2, y, width, 1.2, 0), tone)
    size = between(rng, 2.2, 5.5)
    if chance(rng, 0.85):
        mask = text_mask(style.logo if chance(rng, 0.3) else style.logo.upper(), size * sheet.px_per_mm, 0.13, rng)
        if chance(rng, 0.25):
            mask = np.ascontiguousarray(np.rot90(mask, 3))
        sheet.stamp(mask, width / 2, height * style.cover.logo_y, ink, style.logo_opacity)
    if chance(rng, 0.3):
        radius = between(rng, 4, 8)
        emblem = circle(width / 2, height * style.cover.logo_y - radius - size * 1.3, radius)
        sheet.paint(emblem, ink, 0, style.logo_opacity)
        sheet.paint(emblem, style.cover.finish, emblem.radius * between(rng, 0.2, 0.7), style.logo_opacity)
    for line in range(style.cover.print_lines):
        words = " ".join(made_up_word(rng) for _ in range(int(rng.integers(2, 6))))
        mask = text_mask(words, 1.1 * sheet.px_per_mm, 0.08, rng)
        sheet.stamp(mask, width / 2, height * 0.9 + 2.1 * line - 4, ink, style.logo_opacity * 0.6)


def _paint_case(sheet: Sheet, corner_mm: float, rng: np.random.Generator) -> None:
    """A clear cover: milky edge, bright rim line and a faint grid of anti-stick dots."""
    width, height = sheet.size_mm
    milky = Finish((0.5, 0.5, 0.45), 0.05, 0.15)
    body = Shape(width / 2, height / 2, width, height, corner_mm)
    window, distance = sheet.distance(body, margin_mm=1)
    lip = between(rng, 1, 2.2)
    sheet.blend(window, np.clip((distance + lip) / lip, 0, 1) * np.float32(between(rng, 0.3, 0.8)), milky)
    sheet.blend(window, np.clip(1 - np.abs(distance + lip) * 4, 0, 1) * np.float32(0.4), milky)
    pitch = max(4.0, between(rng, 1, 2) * sheet.px_per_mm)
    ys = np.cos(np.arange(sheet.gloss.shape[0], dtype=np.float32) * (2 * np.pi / pitch))
    xs = np.cos(np.arange(sheet.gloss.shape[1], dtype=np.float32) * (2 * np.pi / pitch))
    dots = np.clip(ys[:, None] * xs[None] * 5 - 3.8, 0, 1)
    sheet.diffuse += (dots * np.float32(between(rng, 0, 0.05)))[..., None]
    sheet.roughness[:] = np.maximum(sheet.roughness, 0.06)


def _paint_sticker(sheet: Sheet, rng: np.random.Generator) -> None:
    """A stock label: pale paper with a bar code and a line of text."""
    width, height = sheet.size_mm
    label = Shape(
        width * between(rng, 0.3, 0.7), height * between(rng, 0.35, 0.85), between(rng, 18, 40), between(rng, 9, 25), 1
    )
    tone = between(rng, 0.6, 0.9)
    sheet.paint(label, Finish((tone, tone, tone * between(rng, 0.7, 1)), 0.02, 0.5))
    ink = Finish((0.01, 0.01, 0.01), 0.02, 0.5)
    x, stop = label.x - label.width * 0.42, label.x + label.width * 0.42
    while x < stop:
        bar = between(rng, 0.25, 1.0)
        sheet.paint(Shape(x + bar / 2, label.y - label.height * 0.12, bar, label.height * 0.5, 0), ink)
        x += bar + between(rng, 0.3, 1.2)
    mask = text_mask(str(rng.integers(10**7, 10**9)), label.height * 0.15 * sheet.px_per_mm, 0.1, rng)
    sheet.stamp(mask, label.x, label.y + label.height * 0.32, ink, 0.9)


def draw_back(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> None:
    """Paint the back of `style` on `sheet`."""
    width, height = sheet.size_mm
    body = Shape(width / 2, height / 2, width, height, style.corner_mm, style.corner_exponent)
    sheet.fill(style.cover.finish)
    _paint_pattern(style, sheet, rng)
    paint_outline(style, sheet)
    if style.cover.glass:
        window, distance = sheet.distance(body, margin_mm=1)
        sheet.glass[window] = distance < -(style.frame_visible_mm + 0.08)
    _paint_marks(style, sheet, rng)
    _paint_camera(style, sheet, rng)
    if style.cover.sticker:
        _paint_sticker(sheet, rng)
    if style.cover.clear_case:
        _paint_case(sheet, style.corner_mm, rng)
