"""Colour and relief of a back cover: what shimmers under glass, what is woven, grained, brushed or ribbed."""

import numpy as np

from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.device.case_surface import paint_twill
from phonegrade.rendering.device.device_style import DeviceStyle
from phonegrade.rendering.device.fields import dots, field, ripple
from phonegrade.rendering.device.sheet import Sheet
from phonegrade.rendering.texture import Colour, between, chance


def _ramp(sheet: Sheet, angle: float) -> FloatMap:
    """0..1 across the sheet (H, W), from its top at angle 0."""
    height, width = sheet.gloss.shape
    ys = np.linspace(-0.5, 0.5, height, dtype=np.float32)[:, None] * np.float32(np.cos(angle))
    xs = np.linspace(-0.5, 0.5, width, dtype=np.float32)[None] * np.float32(np.sin(angle))
    reach = np.float32(max(abs(np.cos(angle)) + abs(np.sin(angle)), 1e-3))
    return np.asarray((ys + xs) / reach + 0.5, np.float32)


def _tint(sheet: Sheet, weight: FloatMap, colour: Colour) -> None:
    for channel, value in enumerate(colour):
        plane = sheet.diffuse[..., channel]
        plane += (np.float32(value) - plane) * weight


def paint_pattern(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> None:
    """Lay the cover's pattern over its plain finish."""
    match style.cover.pattern:
        case "gradient":
            _tint(sheet, _ramp(sheet, between(rng, -0.9, 0.9)) * np.float32(between(rng, 0.3, 1)), style.cover.second)
        case "two_tone":
            _two_tone(style, sheet, rng)
        case "shimmer" | "rays":
            _shimmer(style, sheet, rng)
        case "dots":
            _dots(sheet, rng)
        case "brushed":
            streaks = field(sheet, 0.12, rng, between(rng, 10, 60), 2)
            sheet.diffuse *= (1 + np.float32(between(rng, 0.02, 0.07)) * streaks)[..., None]
            sheet.roughness += np.float32(0.03) * streaks
        case "leather":
            _leather(sheet, rng)
        case "cloth":
            _cloth(sheet, rng)
        case "carbon":
            paint_twill(sheet, between(rng, 0.5, 1.2), np.ones(sheet.gloss.shape, np.float32))
        case "wood":
            _wood(style, sheet, rng)
        case "ribs":
            pitch = between(rng, 0.8, 3)
            sheet.height += np.float32(0.03 * pitch) * ripple(sheet, pitch)[1]
        case "plain":
            pass
    if style.cover.finish.roughness > 0.25 and chance(rng, 0.7):
        grit = field(sheet, 0.15, rng)
        sheet.diffuse *= (1 + np.float32(between(rng, 0.01, 0.06)) * grit)[..., None]


def _two_tone(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> None:
    """A band of another gloss and shade, as over antennas and cameras."""
    height = sheet.gloss.shape[0]
    share, both = between(rng, 0.06, 0.3), chance(rng, 0.4)
    shade, rough, close = between(rng, 0.5, 1.1), between(rng, 0.03, 0.35), chance(rng, 0.7)
    split = int(height * share)
    for part in (slice(0, split), slice(height - split, height)) if both else (slice(0, split),):
        sheet.diffuse[part] = np.array(style.cover.finish.colour if close else style.cover.second) * shade
        sheet.roughness[part] = rough
        sheet.gloss[part] = 0.04
    seam = max(1, round(0.12 * sheet.px_per_mm))
    sheet.diffuse[split : split + seam] *= 0.3


def _shimmer(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> None:
    """Light that a structured film under the glass throws about: soft bent streaks, or rays from one point."""
    height, width = sheet.size_mm
    rows = (np.arange(sheet.gloss.shape[0], dtype=np.float32) / sheet.px_per_mm)[:, None] / np.float32(width)
    columns = (np.arange(sheet.gloss.shape[1], dtype=np.float32) / sheet.px_per_mm)[None] / np.float32(height)
    strength, phase = np.float32(between(rng, 0.15, 0.6)), between(rng, 0, 6.3)
    if style.cover.pattern == "rays":
        x, y = np.float32(between(rng, -0.3, 1.3)), np.float32(between(rng, -0.2, 1.2))
        angle, away = np.arctan2(rows - y, columns - x), np.hypot(rows - y, columns - x)
        wave = 0.5 + 0.5 * np.sin(angle * int(rng.integers(2, 9)) + np.float32(phase)) * np.clip(away * 1.5, 0, 1)
    else:
        bend = np.sin(rows * np.float32(between(rng, 2, 5)) + np.float32(phase)) * np.float32(between(rng, 0.3, 1.2))
        lean = np.float32(between(rng, -2, 2))
        wave = 0.5 + 0.5 * np.sin(columns * np.float32(between(rng, 3, 7)) + rows * lean + bend)
    light = (wave**2).astype(np.float32) * strength
    _tint(sheet, light, style.cover.second)
    _tint(sheet, light * np.float32(0.35) * np.float32(max(style.cover.finish.colour)), (1.0, 1.0, 1.0))


def _dots(sheet: Sheet, rng: np.random.Generator) -> None:
    pitch, depth, tone = between(rng, 0.8, 2.5), between(rng, 0, 0.05), between(rng, 0.1, 0.5)
    spots = dots(sheet, pitch, 0.3)
    sheet.diffuse *= (1 - np.float32(tone) * spots)[..., None]
    sheet.height -= spots * np.float32(depth)


def _leather(sheet: Sheet, rng: np.random.Generator) -> None:
    """Pebbles between creases."""
    grain = np.abs(field(sheet, between(rng, 0.9, 2), rng, octaves=3))
    sheet.height += np.minimum(grain, 0.4) * np.float32(0.045)
    sheet.diffuse *= (0.9 + np.float32(0.2) * np.minimum(grain, 0.8))[..., None]


def _cloth(sheet: Sheet, rng: np.random.Generator) -> None:
    """Threads that run over and under each other, each a little different."""
    pitch, depth = between(rng, 0.45, 1.1), between(rng, 0.15, 0.4)
    down, across = ripple(sheet, pitch)
    weave = np.float32(0.5) + np.float32(0.25) * (down + across)
    over = down * across
    uneven = field(sheet, pitch, rng, pitch * 9)
    sheet.diffuse *= (1 - np.float32(depth) + np.float32(depth) * (weave + 0.3 * over + 0.4 * uneven))[..., None]
    sheet.height += weave * np.float32(0.05)


def _wood(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> None:
    """Rings cut along the trunk: wavy bands and short dark pores."""
    columns = (np.arange(sheet.gloss.shape[1], dtype=np.float32) / sheet.px_per_mm)[None]
    bend = field(sheet, between(rng, 14, 30), rng, between(rng, 60, 160), 2) * np.float32(between(rng, 2, 6))
    rings = 0.5 + 0.5 * np.sin((columns + bend) * np.float32(2 * np.pi / between(rng, 2, 7)))
    pores = np.clip(field(sheet, 0.3, rng, 6) - np.float32(0.35), 0, 1)
    warm = between(rng, 0.05, 0.35)
    _tint(sheet, np.ones_like(rings), (warm, warm * between(rng, 0.5, 0.7), warm * between(rng, 0.2, 0.4)))
    sheet.diffuse *= (np.float32(0.75) + np.float32(0.3) * rings - np.float32(0.5) * pores)[..., None]
