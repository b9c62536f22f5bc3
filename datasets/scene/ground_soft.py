"""Soft grounds: cloth, carpet, foam, leather; sRGB 0..1 pictures of given mm per pixel."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.datasets.scene.texture import between, chance, fractal_noise, hsv_colour, soft_noise, white_noise

_Picture = NDArray[np.float32]


def _cloth_colour(rng: np.random.Generator) -> NDArray[np.float32]:
    saturation = between(rng, 0, 0.15) if chance(rng, 0.55) else between(rng, 0.15, 0.7)
    return np.array(hsv_colour(between(rng, 0, 1), saturation, between(rng, 0.12, 0.95)), np.float32)


def _folds(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Light and shade of broad wrinkles, around 1."""
    low = 6
    rows, columns = height // low + 1, width // low + 1
    relief = soft_noise(
        rows, columns, between(rng, 40, 160) / mm_per_px / low, rng, between(rng, 20, 90) / mm_per_px / low
    )
    slope = cv2.GaussianBlur(cv2.Sobel(relief, cv2.CV_32F, 1, 1, ksize=5), (0, 0), 2)
    spread = float(np.abs(slope).max()) + 1e-6
    field = 1 + between(rng, 0, 0.35) * slope / spread
    return np.asarray(cv2.resize(field.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def cloth(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> _Picture:
    """Linen, canvas, denim, or a striped or checked cloth: two thread systems with uneven yarn."""
    pitch = max(2.2, between(rng, 0.5, 2.2) / mm_per_px)
    base = _cloth_colour(rng)
    other = base * between(rng, 0.5, 1) if chance(rng, 0.7) else _cloth_colour(rng)
    ys = np.arange(height, dtype=np.float32)[:, None]
    xs = np.arange(width, dtype=np.float32)[None]
    wander = soft_noise(height, width, pitch * 12, rng) * 1.2
    twill = between(rng, 0.4, 1) if chance(rng, 0.4) else 0.0
    warp = np.cos((xs + twill * ys) * (np.pi / pitch) + wander)
    weft = np.cos((ys - twill * xs) * (np.pi / pitch) - wander)
    yarn_x = soft_noise(height, width, pitch, rng, cell_y_px=pitch * 14)
    yarn_y = soft_noise(height, width, pitch * 14, rng, cell_y_px=pitch)
    over = np.clip(0.5 + 0.5 * warp * weft * 2, 0, 1)[..., None]
    picture = base * over + other * (1 - over)
    deep = between(rng, 0.1, 0.35)
    tone = 1 - deep * (0.5 - 0.25 * (np.abs(warp) + np.abs(weft))) + 0.14 * (yarn_x + yarn_y)
    picture = picture * (tone * _folds(height, width, mm_per_px, rng))[..., None]
    if chance(rng, 0.25):
        band = between(rng, 6, 50) / mm_per_px
        mask = (xs % (2 * band) < band).astype(np.float32) * 0.5
        if chance(rng, 0.5):
            mask = mask + (ys % (2 * band) < band).astype(np.float32) * 0.5
        mask = np.broadcast_to(mask, (height, width))
        picture = picture * (1 - mask[..., None] * 0.6) + _cloth_colour(rng) * mask[..., None] * 0.6
    return np.asarray(picture * (1 + 0.05 * white_noise(height, width, rng))[..., None], np.float32)


def carpet(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> _Picture:
    """Tufts or felt."""
    tuft = max(1.5, between(rng, 0.8, 4) / mm_per_px)
    fine = soft_noise(height, width, tuft, rng) + 0.6 * soft_noise(height, width, max(1.0, tuft / 3), rng)
    clouds = fractal_noise(height, width, 80 / mm_per_px, 3, rng)
    tone = 0.8 + between(rng, 0.15, 0.4) * fine + 0.12 * clouds
    picture = _cloth_colour(rng) * np.clip(tone, 0.05, 2)[..., None]
    if chance(rng, 0.4):
        weight = np.clip(soft_noise(height, width, tuft, rng) * 4 - 1, 0, 1)[..., None] * 0.7
        picture = picture + (_cloth_colour(rng) - picture) * weight
    return np.asarray(picture, np.float32)


def foam(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> _Picture:
    """A grading tray's foam or rubber mat: near flat, fine pores, dark more often than not."""
    value = between(rng, 0.08, 0.3) if chance(rng, 0.7) else between(rng, 0.4, 0.9)
    base = np.array(hsv_colour(between(rng, 0, 1), between(rng, 0, 0.3), value), np.float32)
    pores = soft_noise(height, width, max(1.0, between(rng, 0.4, 1.5) / mm_per_px), rng)
    tone = 1 + between(rng, 0.03, 0.25) * pores + 0.05 * white_noise(height, width, rng)
    picture = np.asarray(base * tone[..., None], np.float32)
    if chance(rng, 0.4):
        place = int(between(rng, 0.05, 0.3) * width)
        picture[:, :place] *= np.float32(between(rng, 0.4, 1.4))
        picture[:, place : place + max(1, round(2 / mm_per_px))] *= np.float32(0.4)
    return picture


def leather(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> _Picture:
    """Pebbled hide with creases between its cells, at times a row of stitches."""
    cell = max(2.0, between(rng, 1, 4) / mm_per_px)
    first, second = soft_noise(height, width, cell, rng), soft_noise(height, width, cell, rng)
    creases = 1 - np.clip(np.minimum(np.abs(first), np.abs(second)) * 5, 0, 1)
    slope = cv2.Sobel(first, cv2.CV_32F, 0, 1, ksize=3)
    base = np.array(hsv_colour(between(rng, 0, 0.12), between(rng, 0, 0.7), between(rng, 0.1, 0.6)), np.float32)
    tone = 1 - between(rng, 0.15, 0.5) * creases + 0.1 * cell**0.5 * slope
    picture = np.asarray(base * (tone * _folds(height, width, mm_per_px, rng))[..., None], np.float32)
    if chance(rng, 0.4):
        row = int(between(rng, 0.05, 0.95) * height)
        stitch, thick = max(3, round(4 / mm_per_px)), max(1, round(0.8 / mm_per_px))
        for column in range(0, width, stitch * 3 // 2):
            picture[row : row + thick, column : column + stitch] = base * 0.4 + 0.5
    return picture
