"""Hard grounds: wood, concrete, gravel, marble, tiles, carbon; sRGB 0..1 pictures of given mm per pixel."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.datasets.scene.texture import between, chance, fractal_noise, hsv_colour, soft_noise, white_noise

_Picture = NDArray[np.float32]


def _mix(first: NDArray[np.float32], second: NDArray[np.float32], weight: NDArray[np.float32]) -> _Picture:
    return np.asarray(first + (second - first) * np.clip(weight, 0, 1)[..., None], np.float32)


def _colour(hue: float, saturation: float, value: float) -> NDArray[np.float32]:
    return np.array(hsv_colour(hue, saturation, value), np.float32)


def _wood_colours(rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    value = between(rng, 0.16, 0.92)
    hue = between(rng, 0.03, 0.11)
    saturation = between(rng, 0.02, 0.15) if chance(rng, 0.35) else between(rng, 0.3, 0.7)
    return _colour(hue, saturation, value), _colour(
        hue - 0.01, min(1, saturation * 1.2), value * between(rng, 0.35, 0.75)
    )


def wood(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> _Picture:
    """Boards with growth rings, pores, knots and dark gaps, or one veneered desk."""
    upright = chance(rng, 0.5)
    tall, wide = (width, height) if upright else (height, width)
    light, dark = _wood_colours(rng)
    desk = chance(rng, 0.4)
    board_px = tall * 2.0 if desk else between(rng, 45, 160) / mm_per_px
    ys = np.arange(tall, dtype=np.float32)
    board = np.floor(ys / board_px + between(rng, 0, 1)).astype(int)
    phase = rng.uniform(-40, 40, board[-1] + 2).astype(np.float32)
    tone = rng.normal(0, 0.08 if not desk else 0, board[-1] + 2).astype(np.float32)
    bend = soft_noise(tall, wide, between(rng, 120, 400) / mm_per_px, rng, cell_y_px=between(rng, 14, 40) / mm_per_px)
    ring_px = between(rng, 2.5, 12) / mm_per_px
    wave = ys[:, None] / ring_px + bend * between(rng, 0.8, 4) + phase[board][:, None]
    for _ in range(int(rng.integers(0, 4))):
        wave += _knot(tall, wide, mm_per_px, rng)
    rings = (wave - np.floor(wave)) ** np.float32(between(rng, 1, 3))
    pores = soft_noise(tall, wide, between(rng, 4, 18) / mm_per_px, rng, cell_y_px=max(1.0, 0.25 / mm_per_px))
    strength = between(rng, 0.1, 0.8)
    picture = _mix(light, dark, rings * strength + np.clip(pores - 0.25, 0, 1) * between(rng, 0.1, 0.9))
    picture *= (1 + tone[board])[:, None, None]
    edge = np.abs((ys / board_px + phase[0]) % 1 - 0.5)
    if not desk:
        gap = np.flatnonzero(np.diff(board)) + 1
        half = max(1, round(between(rng, 0.3, 2) / mm_per_px))
        for row in gap.tolist():
            picture[max(0, row - half) : row + half] *= np.float32(between(rng, 0.1, 0.5))
    elif chance(rng, 0.3):
        picture *= (1 - 0.1 * edge)[:, None, None]
    if chance(rng, 0.2):
        paint = _colour(between(rng, 0, 1), between(rng, 0, 0.4), between(rng, 0.4, 0.9))
        worn = fractal_noise(tall, wide, 60 / mm_per_px, 4, rng) * 4 + between(rng, -1, 1)
        picture = _mix(picture, paint * (0.85 + 0.15 * pores[..., None]), worn * 0.8)
    return np.ascontiguousarray(picture.transpose(1, 0, 2)) if upright else picture


def _knot(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """The bulge in the growth rings around one knot."""
    size = between(rng, 5, 16) / mm_per_px
    ys = (np.arange(height, dtype=np.float32) - between(rng, 0, height))[:, None] / size
    xs = (np.arange(width, dtype=np.float32) - between(rng, 0, width))[None] / (size * between(rng, 1.2, 2.5))
    return np.asarray(between(rng, 2, 5) * np.exp(-np.sqrt(ys**2 + xs**2)), np.float32)


def _crack_lines(height: int, width: int, thick: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Wandering, forking dark lines (height, width) 0..1, as in old concrete."""
    mask = np.zeros((height, width), np.uint8)
    starts = [(between(rng, 0, width), between(rng, 0, height), between(rng, 0, 6.3), 1.0)]
    while starts:
        x, y, turn, share = starts.pop()
        points = []
        for _ in range(int(60 * share)):
            points.append((x, y))
            turn += rng.normal(0, 0.35)
            step = max(height, width) * 0.02
            x, y = x + np.cos(turn) * step, y + np.sin(turn) * step + rng.normal(0, step * 0.3)
            if chance(rng, 0.03) and share > 0.3:
                starts.append((x, y, turn + between(rng, -1.2, 1.2), share * 0.5))
        cv2.polylines(mask, [np.array(points, np.int32)], False, 255, max(1, round(thick * share)), cv2.LINE_AA)
    return mask.astype(np.float32) / np.float32(255)


def concrete(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> _Picture:
    """Cast or trowelled concrete with stains, pits and, at times, cracks of its own."""
    base = _colour(between(rng, 0.05, 0.65), between(rng, 0, 0.12), between(rng, 0.3, 0.85))
    clouds = fractal_noise(height, width, between(rng, 60, 200) / mm_per_px, 6, rng)
    grit = white_noise(height, width, rng)
    tone = 1 + between(rng, 0.08, 0.3) * clouds + between(rng, 0.01, 0.1) * grit
    picture = base * tone[..., None]
    pits = soft_noise(height, width, between(rng, 1, 5) / mm_per_px, rng)
    picture *= (1 - between(rng, 0, 0.7) * np.clip(pits * 6 - 5, 0, 1))[..., None]
    if chance(rng, 0.55):
        thick = max(1, round(between(rng, 0.4, 5) / mm_per_px))
        lines = _crack_lines(height, width, thick, rng)
        rough = np.clip(lines * (1 + 0.8 * grit), 0, 1)
        picture *= (1 - between(rng, 0.4, 0.9) * rough)[..., None]
    return np.asarray(picture, np.float32)


def gravel(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> _Picture:
    """Asphalt or loose stones, lit from one side."""
    cell = max(2.0, between(rng, 1.5, 9) / mm_per_px)
    relief = np.abs(soft_noise(height, width, cell, rng)) + 0.6 * np.abs(soft_noise(height, width, cell * 0.45, rng))
    slope = cv2.Sobel(relief, cv2.CV_32F, 1, 0, ksize=3) + cv2.Sobel(relief, cv2.CV_32F, 0, 1, ksize=3)
    stones = soft_noise(height, width, cell * 0.8, rng)
    base = _colour(between(rng, 0.03, 0.65), between(rng, 0, 0.15), between(rng, 0.25, 0.65))
    lit = 0.55 + 0.5 * relief + 0.12 * cell**0.5 * slope + 0.2 * stones + 0.08 * white_noise(height, width, rng)
    return np.asarray(base * np.clip(lit, 0.05, 2)[..., None], np.float32)


def marble(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> _Picture:
    """Polished stone with veins, white or black, or speckled granite."""
    dark = chance(rng, 0.3)
    base = _colour(
        between(rng, 0.05, 0.6), between(rng, 0, 0.1), between(rng, 0.06, 0.2) if dark else between(rng, 0.75, 0.97)
    )
    vein = _colour(between(rng, 0.05, 0.6), between(rng, 0, 0.4), 0.75 if dark else between(rng, 0.3, 0.65))
    if chance(rng, 0.35):
        speck = soft_noise(height, width, max(1.0, between(rng, 0.6, 3) / mm_per_px), rng)
        return _mix(_mix(base, vein, speck * 3 - 0.8), vein * 0.3, -speck * 4 - 1.8)
    low = 3
    rows, columns = height // low + 1, width // low + 1
    warp = fractal_noise(rows, columns, between(rng, 80, 250) / mm_per_px / low, 5, rng)
    warp += 0.2 * fractal_noise(rows, columns, 30 / mm_per_px / low, 4, rng)
    thin = 1 - np.abs(np.sin(warp * between(rng, 4, 14)))
    weight = cv2.resize(np.clip(thin, 0, 1) ** np.float32(between(rng, 3, 14)), (width, height))
    cloud = cv2.resize(warp, (width, height))
    return _mix(base * (1 + 0.06 * cloud[..., None]), vein, weight * between(rng, 0.3, 0.9))


def tiles(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> _Picture:
    """Square or brick-laid tiles with joints, each a shade of its own."""
    side_x = between(rng, 18, 200) / mm_per_px
    side_y = side_x if chance(rng, 0.6) else side_x * between(rng, 0.25, 0.6)
    ys = np.arange(height, dtype=np.float32)[:, None] / side_y + between(rng, 0, 1)
    shift = np.floor(ys) * (0.5 if chance(rng, 0.4) else 0)
    xs = np.arange(width, dtype=np.float32)[None] / side_x + between(rng, 0, 1) + shift
    shade = rng.normal(1, between(rng, 0, 0.08), (int(ys.max()) + 1, int(xs.max()) + 1)).astype(np.float32)
    tone = shade[np.floor(ys).astype(int), np.floor(xs).astype(int)]
    joint = np.minimum(np.minimum(xs % 1, 1 - xs % 1) * side_x, np.minimum(ys % 1, 1 - ys % 1) * side_y)
    half = between(rng, 0.5, 2.5) / mm_per_px
    base = _colour(between(rng, 0, 1), between(rng, 0, 0.4), between(rng, 0.3, 0.95))
    clouds = fractal_noise(height, width, 60 / mm_per_px, 4, rng) * between(rng, 0, 0.15)
    filler = _colour(0.1, 0.05, between(rng, 0.2, 0.85))
    return _mix(base * (tone * (1 + clouds))[..., None], filler, half - joint + 0.5)


def carbon(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> _Picture:
    """Dark twill, dimpled or ribbed technical plate."""
    pitch = max(4.0, between(rng, 2, 7) / mm_per_px)
    ys = np.arange(height, dtype=np.float32)[:, None] * (2 * np.pi / pitch)
    xs = np.arange(width, dtype=np.float32)[None] * (2 * np.pi / pitch)
    match int(rng.integers(3)):
        case 0:
            wave = np.sin(xs + ys) * np.sign(np.sin(ys * 0.5) * np.sin(xs * 0.5))
        case 1:
            wave = np.cos(xs) * np.cos(ys)
        case _:
            wave = np.broadcast_to(np.sin(ys), (height, width))
    base = _colour(between(rng, 0, 1), between(rng, 0, 0.2), between(rng, 0.08, 0.4))
    tone = 1 + between(rng, 0.15, 0.6) * wave + 0.06 * white_noise(height, width, rng)
    return np.asarray(base * tone[..., None], np.float32)
