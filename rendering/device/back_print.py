"""What is printed or stuck on the back: logo, emblem, regulatory lines, sensor, bands and stock labels."""

import cv2
import numpy as np

from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.device.device_style import DeviceStyle
from phonegrade.rendering.device.fields import field
from phonegrade.rendering.device.materials import HOLE, ink_on, metal, plastic
from phonegrade.rendering.device.sheet import Finish, Shape, Sheet, circle
from phonegrade.rendering.lettering import made_up_word, text_mask
from phonegrade.rendering.texture import between, chance, scaled

_PAPER_INK = Finish((0.01, 0.01, 0.01), 0.03, 0.5)


def paint_sensor(style: DeviceStyle, sheet: Sheet, module: Shape, rng: np.random.Generator) -> None:
    """A sunk fingerprint pad below or beside the camera's `module`, round or square, with a metal ring or without."""
    width, height = sheet.size_mm
    radius = between(rng, 4.8, 6.5)
    y = height * between(rng, 0.24, 0.3)
    if abs(module.x - width / 2) < module.width / 2 + radius + 2:
        y = max(y, module.y + module.height / 2 + radius + 3)
    pad = Shape(width / 2, y, 2 * radius, 2 * radius, radius if chance(rng, 0.75) else 2.5)
    sheet.paint(pad, HOLE, inset_mm=-0.15, opacity=0.8)
    sheet.paint(pad, style.frame)
    dark = plastic((0.006, 0.006, 0.006), 0.12)
    sheet.paint(pad, style.cover.finish if chance(rng, 0.6) else dark, inset_mm=between(rng, 0.15, 0.7))
    sheet.lift(pad, -between(rng, 0.2, 0.5), between(rng, 0.6, 2.5))


def paint_bands(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> None:
    """Plastic strips across a metal back, straight or bent round the ends."""
    width, height = sheet.size_mm
    tone, inset, wide = plastic(style.band, 0.35), between(rng, 4, 9), between(rng, 0.8, 1.6)
    if chance(rng, 0.5):
        for y in (inset, height - inset):
            sheet.paint(Shape(width / 2, y, width, wide, 0), tone)
        return
    for y in (0.0, height):
        bend = Shape(width / 2, y, width - 2 * inset, 2 * inset, inset * 0.9)
        window, distance = sheet.distance(bend)
        line = np.clip(0.5 + (wide / 2 - np.abs(distance)) * sheet.px_per_mm, 0, 1)
        sheet.blend(window, line.astype(np.float32), tone)


def _emblem(style: DeviceStyle, sheet: Sheet, size_mm: float, rng: np.random.Generator) -> FloatMap:
    """Coverage (H, W) of a simple sign about `size_mm` across."""
    side = 96
    mask = np.zeros((side, side), np.uint8)
    match style.cover.emblem:
        case "ring":
            cv2.circle(mask, (48, 48), 40, 255, int(rng.integers(4, 18)), cv2.LINE_AA)
        case "bars":
            for bar in range(int(rng.integers(2, 5))):
                cv2.line(mask, (20 + bar * 18, 80), (34 + bar * 18, 16), 255, 8, cv2.LINE_AA)
        case "leaf":
            for lean in (-30, 30):
                at = (48 + lean // 2, 50)
                cv2.ellipse(mask, at, (13, 38), lean, 0, 360, 255, -1, cv2.LINE_AA)
        case "letter":
            letter = np.uint8(255) * text_mask(style.logo[0].upper(), 60, 0.16, rng)
            mask = np.asarray(letter, np.uint8)
        case "arch" | "none":
            for arc in range(int(rng.integers(1, 4))):
                cv2.ellipse(mask, (48, 66), (40 - arc * 12,) * 2, 0, 180, 360, 255, 7, cv2.LINE_AA)
    scale = size_mm * sheet.px_per_mm / mask.shape[0]
    size = (max(1, round(mask.shape[1] * scale)), max(1, round(mask.shape[0] * scale)))
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.float32) / np.float32(255)


def paint_print(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> None:
    """Logo, emblem and small print, as far as they have not worn off."""
    width, height = sheet.size_mm
    cover, ink = style.cover, ink_on(style.cover.finish.colour)
    shiny = metal(scaled(cover.finish.colour, 0.7, 0.12), 0.08) if cover.logo_metal else ink
    wear = _wear_of(style, sheet, rng)
    y, size = height * cover.logo_y, between(rng, 2.2, 4.5)
    if cover.emblem != "none" and not cover.logo_upright:
        annotation = _emblem(style, sheet, between(rng, 6, 13), rng)
        _stamp(sheet, annotation, (width / 2, y - size - 6), shiny, style.logo_opacity, wear)
    if cover.logo:
        mask = text_mask(style.logo.upper(), size * sheet.px_per_mm, between(rng, 0.09, 0.16), rng)
        if cover.logo_upright:
            mask = np.ascontiguousarray(np.rot90(mask, 3))
        _stamp(sheet, mask, (width / 2, y), shiny, style.logo_opacity, wear)
    faint = style.logo_opacity * between(rng, 0.25, 0.7)
    for line in range(cover.print_lines):
        words = " ".join(made_up_word(rng) for _ in range(int(rng.integers(2, 6))))
        mask = text_mask(words, 1.0 * sheet.px_per_mm, 0.09, rng)
        _stamp(sheet, mask, (width / 2, height * 0.9 + 1.9 * line - 4), ink, faint, wear)
    if cover.print_lines > 1 and chance(rng, 0.6):
        for sign in range(int(rng.integers(2, 5))):
            box = Shape(width / 2 - 6 + 4 * sign, height * 0.9 - 7.5, 2.2, 2.2, between(rng, 0, 1.1))
            sheet.paint(box, ink, 0, faint * 0.8)
            sheet.paint(box, cover.finish, inset_mm=0.3)


def _wear_of(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> FloatMap | None:
    if style.cover.worn_print == 0:
        return None
    rubbed = field(sheet, 5, rng, octaves=4)
    return np.asarray(np.clip((rubbed + 1.2 - 2 * style.cover.worn_print) * 3, 0, 1), np.float32)


def _stamp(
    sheet: Sheet, mask: FloatMap, at: tuple[float, float], finish: Finish, opacity: float, wear: FloatMap | None
) -> None:
    """Print `mask` centred on `at` (mm), thinned by the kept share `wear` (H, W) of the sheet."""
    if wear is not None:
        top, left = round(at[1] * sheet.px_per_mm - mask.shape[0] / 2), round(at[0] * sheet.px_per_mm)
        left -= mask.shape[1] // 2
        kept = wear[max(top, 0) : top + mask.shape[0], max(left, 0) : left + mask.shape[1]]
        if kept.shape == mask.shape:
            mask = mask * kept
    sheet.stamp(mask, at[0], at[1], finish, opacity)


def paint_sticker(sheet: Sheet, rng: np.random.Generator) -> None:
    """A stock label: pale paper with a bar code and a line of digits, or a round coloured dot."""
    width, height = sheet.size_mm
    x, y = width * between(rng, 0.3, 0.7), height * between(rng, 0.35, 0.85)
    tone = between(rng, 0.5, 0.8)
    if chance(rng, 0.25):
        dot = circle(x, y, between(rng, 4, 10))
        sheet.paint(dot, plastic((tone, tone * between(rng, 0.1, 1), tone * between(rng, 0.05, 0.9)), 0.4))
        return
    label = Shape(x, y, between(rng, 18, 40), between(rng, 9, 25), 1)
    sheet.paint(label, HOLE, inset_mm=-0.1, opacity=0.35)
    sheet.paint(label, Finish((tone, tone, tone * between(rng, 0.75, 1)), 0.03, 0.4))
    sheet.lift(label, 0.08, 0.15)
    left, stop = x - label.width * 0.42, x + label.width * 0.42
    while left < stop:
        bar = between(rng, 0.25, 1.0)
        sheet.paint(Shape(left + bar / 2, y - label.height * 0.12, bar, label.height * 0.5, 0), _PAPER_INK)
        left += bar + between(rng, 0.3, 1.2)
    mask = text_mask(str(rng.integers(10**7, 10**9)), label.height * 0.15 * sheet.px_per_mm, 0.1, rng)
    sheet.stamp(mask, x, y + label.height * 0.32, _PAPER_INK, 0.9)
