"""Grounds of a regrading station: moulded trays and conveyor belts; sRGB 0..1 pictures of given mm per pixel."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.texture import between, chance, hsv_colour, soft_noise, white_noise


def _plastic(rng: np.random.Generator) -> NDArray[np.float32]:
    """Black, grey, blue or white, as returnable boxes are."""
    hue, saturation, value = (
        (0.6, between(rng, 0, 0.08), between(rng, 0.07, 0.2)),
        (0.6, between(rng, 0, 0.1), between(rng, 0.35, 0.65)),
        (between(rng, 0.56, 0.64), between(rng, 0.35, 0.75), between(rng, 0.25, 0.6)),
        (between(rng, 0.1, 0.6), between(rng, 0, 0.06), between(rng, 0.8, 0.95)),
    )[int(rng.choice(4, p=[0.4, 0.25, 0.2, 0.15]))]
    return np.array(hsv_colour(hue, saturation, value), np.float32)


def _relief(height_px: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Light and shade of a height field in pixels, around 1."""
    angle, strength = between(rng, 0, 6.3), between(rng, 0.15, 0.5)
    across, down = (
        cv2.Sobel(height_px, cv2.CV_32F, 1, 0, scale=0.125),
        cv2.Sobel(height_px, cv2.CV_32F, 0, 1, scale=0.125),
    )
    return np.asarray(np.clip(1 + strength * (across * np.cos(angle) + down * np.sin(angle)), 0.25, 1.8), np.float32)


def tray(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> FloatMap:
    """A moulded tray: a recess with a rounded rim, often ribs, fine grain, streaks where phones slid over it."""
    ys = (np.arange(height, dtype=np.float32)[:, None] - height / 2) * mm_per_px
    xs = (np.arange(width, dtype=np.float32)[None] - width / 2) * mm_per_px
    half = np.array([between(rng, 60, 120), between(rng, 100, 160)])
    half = half if height >= width else half[::-1]
    corner, slope_mm, deep_mm = between(rng, 4, 25), between(rng, 2, 8), between(rng, 3, 12)
    away_x = np.abs(xs - between(rng, -15, 15)) - half[0] + corner
    away_y = np.abs(ys - between(rng, -15, 15)) - half[1] + corner
    outside = (
        np.hypot(np.maximum(away_x, 0), np.maximum(away_y, 0)) + np.minimum(np.maximum(away_x, away_y), 0) - corner
    )
    climb = np.clip(outside / slope_mm, 0, 1)
    relief = deep_mm * climb * climb * (3 - 2 * climb)
    if chance(rng, 0.5):
        pitch, wide = between(rng, 12, 45), between(rng, 1.5, 4)
        along = (xs if chance(rng, 0.5) else ys) + between(rng, 0, 40)
        rib = np.clip(1 - np.abs((along % pitch) - pitch / 2) / wide * 2, 0, 1)
        relief = relief + between(rng, 0.4, 1.5) * rib * rib * (3 - 2 * rib) * (outside < 0)
    shade = _relief(np.asarray(relief / mm_per_px, np.float32), rng)
    shade = np.asarray(cv2.GaussianBlur(shade, (0, 0), max(0.6 / mm_per_px, 0.5)), np.float32)
    grain = soft_noise(height, width, max(1.0, between(rng, 0.3, 1.0) / mm_per_px), rng)
    rubbed = soft_noise(height, width, between(rng, 0.4, 1.2) / mm_per_px, rng, between(rng, 25, 80) / mm_per_px)
    tone = shade * (1 + between(rng, 0.02, 0.09) * grain) + between(rng, 0, 0.08) * np.clip(rubbed - 0.5, 0, 1)
    gloom = 1 - between(rng, 0.0, 0.35) * np.exp(-np.clip(-outside, 0, None) / between(rng, 6, 20)) * (outside < 0)
    return np.asarray(_plastic(rng) * (tone * gloom)[..., None], np.float32)


def belt(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> FloatMap:
    """A conveyor: embossed rubber worn along its way, at times with a seam and the steel rails beside it."""
    if chance(rng, 0.5):
        return np.ascontiguousarray(np.swapaxes(_belt(width, height, mm_per_px, rng), 0, 1))
    return _belt(height, width, mm_per_px, rng)


def _belt(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> FloatMap:
    """The belt runs from the picture's top to its bottom."""
    ys = np.arange(height, dtype=np.float32)[:, None] * mm_per_px
    xs = (np.arange(width, dtype=np.float32)[None] - width / 2) * mm_per_px
    pitch = max(between(rng, 1.5, 5), 2.5 * mm_per_px)
    slant = between(rng, 0.6, 1.6) if chance(rng, 0.5) else 0.0
    bumps = np.sin((xs + slant * ys) * 2 * np.pi / pitch) * np.sin((ys - slant * xs) * 2 * np.pi / pitch)
    value = between(rng, 0.06, 0.22) if chance(rng, 0.75) else between(rng, 0.3, 0.6)
    base = np.array(hsv_colour(between(rng, 0.25, 0.65), between(rng, 0, 0.4), value), np.float32)
    lanes = soft_noise(height, width, between(rng, 6, 30) / mm_per_px, rng, between(rng, 150, 600) / mm_per_px)
    tone = 1 + between(rng, 0.03, 0.18) * bumps + between(rng, 0.02, 0.12) * lanes
    tone = tone * (1 + 0.04 * white_noise(height, width, rng))
    if chance(rng, 0.25):
        seam = np.abs(ys - between(rng, 0, 1) * height * mm_per_px + between(rng, -0.3, 0.3) * xs)
        tone = tone * (1 - between(rng, 0.3, 0.7) * np.exp(-((seam / between(rng, 0.6, 2)) ** 2)))
    picture = np.asarray(base * tone[..., None], np.float32)
    if chance(rng, 0.5):
        _rails(picture, xs, between(rng, 80, 170), mm_per_px, rng)
    return picture


def _rails(
    picture: FloatMap, xs: NDArray[np.float32], half_mm: float, mm_per_px: float, rng: np.random.Generator
) -> None:
    """Brushed steel on both sides from `half_mm` off the middle, over a shadow on the belt."""
    height, width = picture.shape[:2]
    beyond = np.abs(xs) - half_mm
    picture *= (1 - 0.6 * np.exp(-np.clip(-beyond, 0, None) / between(rng, 2, 8)))[..., None]
    brushed = soft_noise(height, width, max(1.0, 0.3 / mm_per_px), rng, 40 / mm_per_px)
    steel = between(rng, 0.45, 0.8) * (1 + 0.12 * brushed) * (1 - 0.3 * np.exp(-np.abs(beyond - 12) / 3))
    cover = np.clip(beyond / mm_per_px + 0.5, 0, 1)[..., None]
    picture += (steel[..., None] * np.array([0.97, 1.0, 1.02], np.float32) - picture) * cover
