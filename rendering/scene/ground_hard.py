"""Hard grounds: wood, laminate, concrete, asphalt, stone, tiles, technical plates; sRGB 0..1 of given mm per pixel."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.pictures import blurred
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


def _colour(hue: float, saturation: float, value: float) -> NDArray[np.float32]:
    return np.array(hsv_colour(hue, saturation, value), np.float32)


def _grey(saturation: float, value: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """The grey of stone: warm or cool, never green."""
    hue = between(rng, 0.06, 0.12) if chance(rng, 0.6) else between(rng, 0.56, 0.62)
    return _colour(hue, between(rng, 0, saturation), value)


def _wood_colours(rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    value = between(rng, 0.16, 0.92)
    hue = between(rng, 0.04, 0.105)
    saturation = between(rng, 0.02, 0.15) if chance(rng, 0.4) else between(rng, 0.2, 0.62 - 0.2 * value)
    dark = _colour(hue - 0.01, min(1, saturation * 1.2), value * between(rng, 0.45, 0.8))
    return _colour(hue, saturation, value), dark


def wood(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> FloatMap:
    """Boards with growth rings, pores, knots and dark gaps, or one veneered desk."""
    upright = chance(rng, 0.5)
    tall, wide = (width, height) if upright else (height, width)
    light, dark = _wood_colours(rng)
    desk = chance(rng, 0.5)
    board_px = tall * 2.0 if desk else between(rng, 45, 160) / mm_per_px
    ys = np.arange(tall, dtype=np.float32)
    board = np.floor(ys / board_px + between(rng, 0, 1)).astype(int)
    phase = rng.uniform(-40, 40, board[-1] + 2).astype(np.float32)
    tone = rng.normal(0, 0.08 if not desk else 0, board[-1] + 2).astype(np.float32)
    bend = soft_noise(tall, wide, between(rng, 120, 400) / mm_per_px, rng, cell_y_px=between(rng, 14, 40) / mm_per_px)
    ring_px = between(rng, 2.5, 12) / mm_per_px
    wave = ys[:, None] / ring_px + bend * between(rng, 0.8, 4) + phase[board][:, None]
    for _ in range(int(rng.integers(0, 3))):
        wave += _knot(tall, wide, mm_per_px, rng)
    rings = wave - np.floor(wave)
    pores = soft_noise(tall, wide, between(rng, 4, 18) / mm_per_px, rng, cell_y_px=max(1.0, 0.25 / mm_per_px))
    strength, porous = between(rng, 0.05, 0.55), between(rng, 0.1, 0.7)
    share = rings * rings * np.float32(strength) + np.clip(pores - 0.25, 0, 1) * np.float32(porous)
    picture = mixed(light, dark, share)
    if not desk:
        picture *= (1 + tone[board])[:, None, None]
        half = max(1, round(between(rng, 0.3, 2) / mm_per_px))
        deep = np.float32(between(rng, 0.1, 0.5))
        for row in (np.flatnonzero(np.diff(board)) + 1).tolist():
            picture[max(0, row - half) : row + half] *= deep
    if chance(rng, 0.05):
        worn = fractal_noise(tall, wide, 60 / mm_per_px, 4, rng) * 4 + between(rng, -1, 1)
        picture = mixed(picture, muted(rng), worn * 0.8)
    return np.ascontiguousarray(picture.transpose(1, 0, 2)) if upright else picture


def _knot(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """The bulge in the growth rings around one knot."""
    size = between(rng, 5, 16) / mm_per_px
    ys = (np.arange(height, dtype=np.float32) - between(rng, 0, height)) / size
    xs = (np.arange(width, dtype=np.float32) - between(rng, 0, width)) / (size * between(rng, 1.2, 2.5))
    # the product of two falls is as good as a round one, and far faster
    down, across = np.exp(-np.sqrt(1 + ys**2) + 1), np.exp(-np.sqrt(1 + xs**2) + 1)
    return np.asarray(between(rng, 2, 5) * down[:, None] * across, np.float32)


def laminate(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> FloatMap:
    """A desk's even top: white, grey, black or pale wood print, faintly streaked or grained, with a dull gleam."""
    if chance(rng, 0.45):
        base, streaked = _colour(between(rng, 0.06, 0.1), between(rng, 0.15, 0.45), between(rng, 0.5, 0.9)), True
    else:
        value = between(rng, 0.75, 0.97) if chance(rng, 0.6) else between(rng, 0.06, 0.6)
        base, streaked = _grey(0.06, value, rng), chance(rng, 0.2)
    tone = np.ones((height, width), np.float32)
    if streaked:
        long, thin = between(rng, 40, 200) / mm_per_px, between(rng, 0.5, 2) / mm_per_px
        upright = chance(rng, 0.5)
        shape = (width, height) if upright else (height, width)
        streaks = soft_noise(*shape, long, rng, cell_y_px=thin) + soft_noise(*shape, long * 2, rng, cell_y_px=thin * 6)
        tone += np.float32(between(rng, 0.02, 0.12)) * (streaks.T if upright else streaks)
    tone += np.float32(between(rng, 0.002, 0.02)) * white_noise(height, width, rng)
    picture = tinted(tone, base)
    if chance(rng, 0.5):
        gleam(picture, between(rng, 0.03, 0.25), rng)
    return picture


def gleam(picture: FloatMap, strength: float, rng: np.random.Generator) -> None:
    """A lamp's broad reflection on a smooth ground, in place."""
    height, width = picture.shape[:2]
    small = np.zeros((32, 32), np.float32)
    centre = (int(between(rng, -4, 36)), int(between(rng, -4, 36)))
    half = (int(between(rng, 2, 9)), int(between(rng, 2, 9)))
    cv2.ellipse(small, centre, half, between(rng, 0, 180), 0, 360, strength, -1)
    grown = cv2.resize(blurred(small, between(rng, 1.5, 4)), (width, height), interpolation=cv2.INTER_CUBIC)
    cv2.add(picture, cv2.merge((grown, grown, grown)), dst=picture)


def _crack_lines(height: int, width: int, thick: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Wandering, forking dark lines (height, width) 0..1, as in old concrete."""
    mask = np.zeros((height, width), np.uint8)
    starts = [(between(rng, 0, width), between(rng, 0, height), between(rng, 0, 6.3), 1.0)]
    while starts:
        x, y, turn, share = starts.pop()
        points = []
        step = max(height, width) * 0.006
        for _ in range(int(200 * share)):
            points.append((x, y))
            turn += rng.normal(0, 0.22)
            x, y = x + np.cos(turn) * step, y + np.sin(turn) * step + rng.normal(0, step * 0.3)
            if chance(rng, 0.01) and share > 0.3:
                starts.append((x, y, turn + between(rng, -1.2, 1.2), share * 0.5))
        cv2.polylines(mask, [np.array(points, np.int32)], False, 255, max(1, round(thick * share)), cv2.LINE_AA)
    return mask.astype(np.float32) / np.float32(255)


def concrete(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> FloatMap:
    """Cast or trowelled concrete or plaster with stains, small pits and, at times, cracks of its own."""
    base = _grey(0.1, between(rng, 0.35, 0.85), rng)
    low = 3
    rows, columns = height // low + 1, width // low + 1
    clouds = fractal_noise(rows, columns, between(rng, 60, 200) / mm_per_px / low, 5, rng)
    tone = 1 + np.float32(between(rng, 0.05, 0.2)) * cv2.resize(clouds, (width, height))
    grit = white_noise(height, width, rng)
    tone += np.float32(between(rng, 0.01, 0.06)) * grit
    for _ in range(2):
        pits = soft_noise(height, width, max(between(rng, 0.4, 2.2) / mm_per_px, 1.0), rng)
        tone *= 1 - np.float32(between(rng, 0, 0.5)) * np.clip(pits * 9 - 7.4, 0, 1)
    if chance(rng, 0.3):
        lines = _crack_lines(height, width, max(1, round(between(rng, 0.2, 1.2) / mm_per_px)), rng)
        tone *= 1 - np.float32(between(rng, 0.4, 0.85)) * np.clip(lines * (1 + 0.8 * grit), 0, 1)
    return tinted(tone, base)


def gravel(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> FloatMap:
    """Asphalt or loose stones, each a shade of its own, lit from one side."""
    pitch = max(3.0, between(rng, 2.5, 9) / mm_per_px)
    distance, label = cells(height, width, pitch, 1.0, rng)
    shade = rng.normal(0, between(rng, 0.1, 0.3), int(label.max()) + 1).astype(np.float32)
    dome = np.clip(1 - 1.7 * distance * distance, 0, 1)
    rough = soft_noise(height, width, max(pitch * 0.25, 1.0), rng)
    lit = relief_light(dome * np.float32(pitch * 0.35) + rough * np.float32(pitch * 0.1), 0.5, rng)
    tone = (0.35 + 0.65 * np.sqrt(dome)) * np.clip(1 + shade[label], 0.2, 2.2) * lit + 0.05 * rough
    base = _grey(0.14, between(rng, 0.25, 0.6), rng)
    return tinted(np.asarray(tone, np.float32), base)


def marble(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> FloatMap:
    """Polished stone with veins, white or black; granite; or terrazzo with chips."""
    dark = chance(rng, 0.3)
    value = between(rng, 0.06, 0.2) if dark else between(rng, 0.75, 0.96)
    base = _grey(0.07, value, rng)
    vein = _grey(0.25, 0.75 if dark else between(rng, 0.35, 0.7), rng)
    if chance(rng, 0.4):
        picture = _speckled(height, width, mm_per_px, base, vein, rng)
    else:
        low = 3
        rows, columns = height // low + 1, width // low + 1
        picture = np.broadcast_to(base, (rows, columns, 3)).astype(np.float32)
        for fine in (1.0, 0.45, 0.2):
            noise = fractal_noise(rows, columns, between(rng, 90, 260) * fine / mm_per_px / low, 5, rng)
            broken = soft_noise(rows, columns, 120 * fine / mm_per_px / low, rng)
            line = np.clip(1 - np.abs(noise) * between(rng, 8, 40) / fine, 0, 1) * np.clip(broken + 0.3, 0, 1)
            picture = mixed(picture, vein, line * between(rng, 0.15, 0.75) + 0.04 * noise)
        picture = np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    if chance(rng, 0.4):
        gleam(picture, between(rng, 0.05, 0.3), rng)
    return picture


def _speckled(
    height: int,
    width: int,
    mm_per_px: float,
    base: NDArray[np.float32],
    other: NDArray[np.float32],
    rng: np.random.Generator,
) -> FloatMap:
    """Granite's grains, or terrazzo's chips in their cement."""
    terrazzo = chance(rng, 0.4)
    pitch = (between(rng, 5, 14) if terrazzo else between(rng, 0.7, 2.5)) / mm_per_px
    distance, label = cells(height, width, pitch, 1.0, rng)
    count = int(label.max()) + 1
    palette = np.stack([base, other, base * 0.45, (base + other) / 2, muted(rng)])
    colour = palette[rng.choice(len(palette), count, p=[0.4, 0.2, 0.15, 0.2, 0.05])]
    colour = colour * (1 + rng.normal(0, 0.06, (count, 1))).astype(np.float32)
    picture = np.take(colour.astype(np.float32), label, axis=0)
    if terrazzo:
        size = rng.uniform(0.15, 0.55, count).astype(np.float32)
        picture = mixed(base * np.float32(0.92), picture, (size[label] - distance) * np.float32(pitch * 0.8) + 0.5)
    return picture


def tiles(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> FloatMap:
    """Square or brick-laid tiles with sunken joints, each a shade of its own."""
    side_x = between(rng, 40, 330) / mm_per_px
    side_y = side_x if chance(rng, 0.6) else side_x * between(rng, 0.25, 0.6)
    ys = np.arange(height, dtype=np.float32) / side_y + between(rng, 0, 1)
    staggered, at_x = chance(rng, 0.4), between(rng, 0, 1)
    half = between(rng, 0.7, 2.5) / mm_per_px
    columns = int(width / side_x) + 4
    shade = rng.normal(1, between(rng, 0, 0.05), (int(ys[-1]) + 1, columns)).astype(np.float32)
    tone, joint = np.empty((height, width), np.float32), np.empty((height, width), np.float32)
    down = np.minimum(ys % 1, 1 - ys % 1) * side_y
    for row in range(int(ys[-1]) + 1):
        inside = np.floor(ys) == row
        xs = np.arange(width, dtype=np.float32) / side_x + np.float32(at_x + 0.5 * (row % 2) * staggered)
        tone[inside] = shade[row, np.floor(xs).astype(int)]
        across = np.minimum(xs % 1, 1 - xs % 1) * np.float32(side_x)
        joint[inside] = np.minimum(across, down[inside][:, None])
    low = 3
    clouds = fractal_noise(height // low + 1, width // low + 1, 60 / mm_per_px / low, 3, rng)
    tone *= 1 + np.float32(between(rng, 0, 0.1)) * cv2.resize(clouds, (width, height))
    tone *= 1 - 0.15 * np.exp(-np.square((joint - np.float32(half)) / np.float32(half + 1)))
    filler = _colour(0.1, 0.05, between(rng, 0.2, 0.85))
    picture = mixed(tinted(tone, muted(rng)), filler, half - joint + 0.5)
    if chance(rng, 0.4):
        gleam(picture, between(rng, 0.05, 0.3), rng)
    return picture


def carbon(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> FloatMap:
    """Dark twill, dimpled or ribbed technical plate."""
    pitch = max(4.0, between(rng, 1.5, 5) / mm_per_px)
    ys = np.arange(height, dtype=np.float32)[:, None] * np.float32(2 * np.pi / pitch)
    xs = np.arange(width, dtype=np.float32)[None] * np.float32(2 * np.pi / pitch)
    match int(rng.integers(3)):
        case 0:
            diagonal = np.sin(xs) * np.cos(ys) + np.cos(xs) * np.sin(ys)
            wave = diagonal * np.sign(np.sin(ys * np.float32(0.5)) * np.sin(xs * np.float32(0.5)))
        case 1:
            wave = np.cos(xs) * np.cos(ys)
        case _:
            wave = np.repeat(np.sin(ys), width, axis=1)
    base = _colour(between(rng, 0, 1), between(rng, 0, 0.15), between(rng, 0.08, 0.35))
    tone = 1 + np.float32(between(rng, 0.1, 0.45)) * wave + 0.05 * white_noise(height, width, rng)
    return tinted(np.asarray(tone, np.float32), base)
