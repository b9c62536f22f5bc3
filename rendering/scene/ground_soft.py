"""Soft grounds: cloth, bed sheets, carpet, foam, leather, grass; sRGB 0..1 pictures of given mm per pixel."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.pictures import FRACTION_BITS, blurred, fixed, times
from phonegrade.rendering.texture import (
    between,
    cells,
    chance,
    fractal_noise,
    hsv_colour,
    mixed,
    muted,
    relief_light,
    soft_noise,
    tinted,
    white_noise,
)


def _folds(height: int, width: int, mm_per_px: float, strength: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Light and shade of wrinkles: long soft ridges, sharper on one side, around 1."""
    low = 4
    rows, columns = height // low + 1, width // low + 1
    size = between(rng, 50, 160) / mm_per_px / low
    long = between(rng, 3, 6)
    stretched = soft_noise(rows, columns, size * long, rng, cell_y_px=size)
    bent = soft_noise(rows, columns, size * 0.8, rng)
    ridges = 1 - np.abs(np.sin(stretched * between(rng, 1.5, 3.5) + bent * between(rng, 0.1, 0.5)))
    relief = (ridges**3 * size * 0.15 + stretched * size * 0.15).astype(np.float32)
    lit = relief_light(blurred(relief, max(1.5 / mm_per_px / low, 0.8)), strength, rng)
    if chance(rng, 0.5):
        lit = np.ascontiguousarray(cv2.resize(lit.T, (columns, rows)))
    return np.asarray(cv2.resize(lit, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def _weave(
    pitch_px: float, colours: tuple[NDArray[np.float32], NDArray[np.float32]], rng: np.random.Generator
) -> FloatMap:
    """A tile (N, N, 3) of 24 x 24 threads, plain, basket or twill, that wraps round."""
    count, fine = 24, 10
    at = np.arange(count)
    match int(rng.integers(4)):
        case 0:
            warp_up = (at[:, None] + at) % 2
        case 1:
            warp_up = (at[:, None] // 2 + at // 2) % 2
        case _ as step:
            warp_up = ((at[:, None] + at) % (step + 1) < 1).astype(int)
    up = np.kron(np.asarray(warp_up, np.float32), np.ones((fine, fine), np.float32))
    across = np.cos((np.arange(count * fine) % fine + 0.5) / fine * np.pi - np.pi / 2).astype(np.float32)
    bend = np.float32(0.25) * (across[:, None] * (1 - up) + across * up)
    yarn = 1 + np.float32(between(rng, 0.03, 0.15)) * rng.standard_normal((2, count), dtype=np.float32)
    tone_x, tone_y = np.repeat(yarn[0], fine), np.repeat(yarn[1], fine)[:, None]
    strands = 1 + np.float32(0.06) * rng.standard_normal((count * fine, count * fine), dtype=np.float32)
    deep = np.float32(between(rng, 0.35, 0.75))
    shade = (deep + (1 - deep) * (up * across + (1 - up) * across[:, None]) + bend * 0.3) * strands
    tile = (
        mixed(colours[0], colours[1], np.asarray(1 - up, np.float32))
        * (shade * (up * tone_x + (1 - up) * tone_y))[..., None]
    )
    size = max(round(count * pitch_px), count)
    return np.asarray(cv2.resize(tile.astype(np.float32), (size, size), interpolation=cv2.INTER_AREA), np.float32)


def cloth(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> FloatMap:
    """Linen, canvas, denim, or a striped or checked cloth: two thread systems with uneven yarn."""
    pitch = max(1.0, between(rng, 0.35, 1.4) / mm_per_px)
    base = muted(rng)
    draw = rng.random()
    other = base * between(rng, 0.6, 1) if draw < 0.7 else (base + 0.9) / 2 if draw < 0.85 else muted(rng)
    tile = _weave(pitch, (base, other.astype(np.float32)), rng)
    low = 8
    rows, columns = height // low + 2, width // low + 2
    sway = np.float32(pitch * between(rng, 0.3, 1.5))
    grid_y, grid_x = np.mgrid[:rows, :columns].astype(np.float32) * low
    cell = max(pitch * 12 / low, 2.0)
    grid_x += sway * soft_noise(rows, columns, cell, rng)
    grid_y += sway * soft_noise(rows, columns, cell, rng)
    size = (columns * low, rows * low)
    map_x, map_y = (cv2.resize(grid, size)[:height, :width] for grid in (grid_x, grid_y))
    n = tile.shape[0]
    wrapped = np.tile(tile, (height // n + 3, width // n + 3, 1))
    shifted = (map_x + np.float32(n), map_y + np.float32(n))
    picture = np.asarray(cv2.remap(wrapped, *shifted, cv2.INTER_LINEAR), np.float32)
    if chance(rng, 0.2):
        picture = _banded(picture, between(rng, 6, 50) / mm_per_px, rng)
    slubs = soft_noise(height, width, pitch, rng, cell_y_px=pitch * 30)
    tone = _folds(height, width, mm_per_px, between(rng, 0, 0.5), rng) * (1 + np.float32(0.05) * slubs)
    return times(picture, tone)


def _banded(picture: FloatMap, band_px: float, rng: np.random.Generator) -> FloatMap:
    """Stripes or checks of another colour."""
    height, width = picture.shape[:2]
    share = (np.arange(width) % (2 * band_px) < band_px)[None] * np.ones((height, 1)) * 0.5
    if chance(rng, 0.5):
        share = share + (np.arange(height) % (2 * band_px) < band_px)[:, None] * 0.5
    dye = muted(rng) / np.maximum(picture.mean(axis=(0, 1)), 0.05)
    return mixed(picture, picture * dye.astype(np.float32), (share * 0.8).astype(np.float32))


def sheet(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> FloatMap:
    """A bed sheet, a towel, clothes: fine cloth in broad folds."""
    light = chance(rng, 0.6)
    base = np.array(hsv_colour(between(rng, 0, 1), between(rng, 0, 0.12), between(rng, 0.8, 0.97)), np.float32)
    tone = _folds(height, width, mm_per_px, between(rng, 0.2, 0.6), rng)
    tone *= _folds(height, width, mm_per_px * 2.5, between(rng, 0.1, 0.4), rng)
    tone = np.maximum(tone, 0.35 + 0.3 * tone)
    thread = soft_noise(height, width, max(0.4 / mm_per_px, 1.0), rng, cell_y_px=max(0.8 / mm_per_px, 1.0))
    tone += np.float32(between(rng, 0.01, 0.06)) * thread
    return tinted(0.92 * tone, base if light else muted(rng))


def carpet(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> FloatMap:
    """Tufts or felt."""
    tuft = max(1.5, between(rng, 0.8, 4) / mm_per_px)
    fine = soft_noise(height, width, tuft, rng) + 0.6 * soft_noise(height, width, max(1.0, tuft / 3), rng)
    clouds = soft_noise(height, width, 40 / mm_per_px, rng)
    tone = np.clip(0.8 + np.float32(between(rng, 0.15, 0.35)) * fine + 0.08 * clouds, 0.05, 2)
    picture = tinted(np.asarray(tone, np.float32), muted(rng))
    if chance(rng, 0.4):
        picture = mixed(picture, muted(rng), np.clip(fine * 3 - 1, 0, 1) * 0.6)
    return picture


def foam(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> FloatMap:
    """A grading tray's foam or rubber mat: plain with fine cells, diced, or with a cut-out's step; mostly dark."""
    value = between(rng, 0.08, 0.3) if chance(rng, 0.75) else between(rng, 0.4, 0.9)
    base = np.array(hsv_colour(between(rng, 0.5, 0.7), between(rng, 0, 0.12), value), np.float32)
    cell = max(1.0, between(rng, 0.3, 1.2) / mm_per_px)
    pores = soft_noise(height, width, cell, rng)
    tone = 1 + np.float32(between(rng, 0.03, 0.2)) * pores + 0.05 * white_noise(height, width, rng)
    tone *= 1 - np.float32(between(rng, 0, 0.5)) * np.clip(pores * 5 - 3, 0, 1)
    if chance(rng, 0.25):
        pitch, half = between(rng, 12, 22) / mm_per_px, between(rng, 0.4, 1.0) / mm_per_px
        at = [np.abs((np.arange(side, dtype=np.float32) % pitch) - pitch / 2) for side in (height, width)]
        near = np.minimum(at[0][:, None], at[1])
        tone *= 1 - np.float32(between(rng, 0.3, 0.7)) * np.exp(-np.square(near / np.float32(half)))
    elif chance(rng, 0.4):
        place, lip = int(between(rng, 0.05, 0.3) * width), max(1, round(2 / mm_per_px))
        tone[:, :place] *= np.float32(between(rng, 0.4, 1.4))
        tone[:, place : place + lip] *= np.linspace(0.35, 0.9, lip, dtype=np.float32)[: width - place]
    return tinted(np.asarray(tone, np.float32), base)


def leather(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> FloatMap:
    """Pebbled hide with creases between its cells, at times a row of stitches."""
    pitch = max(2.5, between(rng, 0.8, 2.2) / mm_per_px)
    distance, label = cells(height, width, pitch, 1.0, rng)
    size = rng.uniform(0.7, 1.3, int(label.max()) + 1).astype(np.float32)
    pebbles = blurred(np.clip(1 - (distance * size[label]) ** 2, 0, 1), max(pitch * 0.12, 0.6))
    lit = relief_light(pebbles * np.float32(pitch * 0.5), between(rng, 0.25, 0.7), rng)
    tone = lit * (0.72 + 0.28 * pebbles) * _folds(height, width, mm_per_px, between(rng, 0, 0.4), rng)
    dark = chance(rng, 0.5)
    value = between(rng, 0.06, 0.2) if dark else between(rng, 0.2, 0.75)
    base = np.array(hsv_colour(between(rng, 0.02, 0.1), between(rng, 0, 0.6 - 0.3 * dark), value), np.float32)
    picture = tinted(np.asarray(tone, np.float32), base)
    if chance(rng, 0.4):
        row = int(between(rng, 0.05, 0.95) * height)
        stitch, thick = max(3, round(4 / mm_per_px)), max(1, round(0.8 / mm_per_px))
        for column in range(0, width, stitch * 3 // 2):
            picture[row : row + thick, column : column + stitch] = base * 0.4 + 0.4
    return picture


def grass(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> FloatMap:
    """A lawn from above: blades of many greens over dark soil."""
    low = 3 if mm_per_px < 0.2 else 2
    rows, columns = height // low + 1, width // low + 1
    brown = np.array([0.5, 0.45, 0.3], np.float32)
    soil = tinted(0.25 + 0.1 * soft_noise(rows, columns, 6 / mm_per_px / low, rng), brown)
    picture = np.clip(soil * 255, 0, 255).astype(np.uint8)
    long, thick = between(rng, 18, 45) / mm_per_px / low, between(rng, 0.9, 2.2) / mm_per_px / low
    count = int(np.clip(6.0 * rows * columns / (long * thick), 50, 3500))
    starts = rng.uniform(-0.1, 1.1, (count, 2)) * (columns, rows)
    turn, bend = rng.normal(between(rng, 0, 6.3), 0.9, count), rng.normal(0, 0.5, count)
    light = np.sort(np.clip(rng.normal(0.5, 0.2, count), 0.1, 1.0))
    hue = rng.normal(between(rng, 0.2, 0.3), 0.025, count)
    for k in range(count):
        tip = [np.cos(turn[k]), np.sin(turn[k])], [np.cos(turn[k] + bend[k]), np.sin(turn[k] + bend[k])]
        points = np.stack([starts[k], starts[k] + np.array(tip[0]) * long / 2, starts[k] + np.array(tip[1]) * long])
        colour = [255 * part for part in hsv_colour(float(hue[k]), 0.45, float(light[k]) * 0.8)]
        cv2.polylines(picture, [fixed(points)], False, colour, max(round(thick), 1), cv2.LINE_AA, FRACTION_BITS)
    full = cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(full.astype(np.float32) / 255 * (1 + 0.1 * fractal_noise(height, width, 80, 2, rng))[..., None])
