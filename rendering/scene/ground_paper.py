"""Grounds with print on them: pages and forms, cardboard, a keyboard; sRGB 0..1 pictures of given mm per pixel."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.lettering import made_up_word, text_mask
from phonegrade.rendering.texture import between, chance, fractal_noise, hsv_colour, soft_noise, white_noise


def _turned(picture: FloatMap, height: int, width: int, rng: np.random.Generator) -> FloatMap:
    """A picture drawn with room to spare, turned by a few degrees and cut to size."""
    angle = rng.normal(0, 12)
    centre = (picture.shape[1] / 2, picture.shape[0] / 2)
    matrix = cv2.getRotationMatrix2D(centre, angle, 1)
    matrix[:, 2] += (width / 2 - centre[0], height / 2 - centre[1])
    turned = cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return turned.astype(np.float32, copy=False)


def _ink(picture: FloatMap, mask: NDArray[np.float32], top: int, left: int, tone: float) -> None:
    rows = slice(max(0, top), min(picture.shape[0], top + mask.shape[0]))
    columns = slice(max(0, left), min(picture.shape[1], left + mask.shape[1]))
    if rows.start < rows.stop and columns.start < columns.stop:
        piece = mask[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left, None]
        picture[rows, columns] *= 1 - piece * np.float32(tone)


def _text_block(picture: FloatMap, box: tuple[int, int, int, int], line_px: float, rng: np.random.Generator) -> None:
    """Lines of words in box = top, left, bottom, right; a few strips are set once and reused."""
    top, left, bottom, right = box
    strips = [text_mask(" ".join(made_up_word(rng) for _ in range(9)), line_px * 0.45, 0.1, rng) for _ in range(3)]
    tone = between(rng, 0.6, 0.95)
    for y in np.arange(top, bottom - line_px, line_px):
        strip = strips[rng.integers(3)]
        start, x = int(rng.integers(max(1, strip.shape[1] // 2))), left
        while x < right:
            piece = strip[:, start : start + right - x]
            _ink(picture, piece, int(y), x, tone)
            x, start = x + piece.shape[1] + round(line_px * 0.3), 0
            if chance(rng, 0.2):
                break


def _table(picture: FloatMap, box: tuple[int, int, int, int], line_px: float, rng: np.random.Generator) -> None:
    top, left, bottom, right = box
    thick = max(1, round(line_px * 0.06))
    shade = float(1 - between(rng, 0.4, 0.9))
    for y in np.arange(top, bottom, line_px * between(rng, 1.3, 2.5)):
        cv2.line(picture, (left, int(y)), (right, int(y)), (shade,) * 3, thick)
    for x in np.linspace(left, right, int(rng.integers(3, 8))):
        cv2.line(picture, (int(x), top), (int(x), bottom), (shade,) * 3, thick)


def printed_page(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> FloatMap:
    """A printed page, form or table on paper."""
    side = int(np.hypot(height, width)) + 2
    tint = np.array(hsv_colour(between(rng, 0.05, 0.65), between(rng, 0, 0.12), between(rng, 0.82, 1)), np.float32)
    picture = np.full((side, side, 3), tint, np.float32)
    line_px = max(6.0, between(rng, 3.5, 8) / mm_per_px)
    y = int(line_px)
    while y < side - line_px * 3:
        deep = int(line_px * rng.integers(3, 12))
        box = (y, int(side * 0.06), min(side, y + deep), int(side * between(rng, 0.6, 0.95)))
        if chance(rng, 0.25):
            _table(picture, box, line_px, rng)
        if chance(rng, 0.75):
            _text_block(picture, box, line_px, rng)
        if chance(rng, 0.2):
            heading = text_mask(made_up_word(rng), line_px * 1.1, 0.16, rng)
            _ink(picture, heading, y - int(line_px * 0.5), int(side * 0.06), 0.9)
        y += deep + int(line_px * between(rng, 0.5, 3))
    page = _turned(picture, height, width, rng)
    return page * (1 + 0.02 * white_noise(height, width, rng))[..., None]


def cardboard(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> FloatMap:
    """Corrugated brown board with fibres, a fold and a printed mark."""
    base = np.array(hsv_colour(between(rng, 0.06, 0.1), between(rng, 0.25, 0.5), between(rng, 0.5, 0.8)), np.float32)
    if chance(rng, 0.25):
        base = np.array(hsv_colour(0.1, 0.05, between(rng, 0.8, 0.97)), np.float32)
    xs = np.arange(width, dtype=np.float32)[None] * mm_per_px
    flutes = np.sin(xs * (2 * np.pi / between(rng, 4, 8)))
    fibres = soft_noise(height, width, max(1.0, 3 / mm_per_px), rng, cell_y_px=max(1.0, 0.4 / mm_per_px))
    tone = (
        1 + between(rng, 0, 0.04) * flutes + 0.05 * fibres + 0.06 * fractal_noise(height, width, 90 / mm_per_px, 3, rng)
    )
    picture = np.asarray(base * tone[..., None], np.float32)
    if chance(rng, 0.6):
        row = int(between(rng, 0, 1) * height)
        half = max(1, round(1 / mm_per_px))
        picture[max(0, row - half) : row] *= np.float32(0.75)
        picture[row : row + half] *= np.float32(1.12)
        picture[row + half :] *= np.float32(between(rng, 0.7, 1.05))
    if chance(rng, 0.5):
        mark = text_mask(made_up_word(rng).upper(), between(rng, 8, 25) / mm_per_px, 0.15, rng)
        _ink(picture, mark, int(between(rng, 0, 0.9) * height), int(between(rng, -0.1, 0.8) * width), 0.75)
    return picture


def keyboard(height: int, width: int, mm_per_px: float, rng: np.random.Generator) -> FloatMap:
    """Rows of shifted keys with letters."""
    side = int(np.hypot(height, width)) + 2
    dark = chance(rng, 0.6)
    ground = between(rng, 25, 150) if dark else between(rng, 125, 200)
    key = between(rng, 15, 50) if dark else between(rng, 200, 242)
    letters = 215 if dark else 50
    picture = np.full((side, side), ground, np.uint8)
    pitch = 19 / mm_per_px
    pad = pitch * between(rng, 0.04, 0.1)
    lip = round(pad * 0.8)
    for row in range(int(side / pitch) + 1):
        for column in range(-1, int(side / pitch) + 1):
            x, y = (column + (row % 3) * 0.28) * pitch, row * pitch
            corner, far = (int(x + pad), int(y + pad)), (int(x + pitch - pad), int(y + pitch - pad))
            cv2.rectangle(picture, corner, far, key * 0.75, -1)
            cv2.rectangle(picture, (corner[0] + lip, corner[1] + lip), (far[0] - lip, far[1] - lip), key, -1)
            place = (int(x + pitch * 0.25), int(y + pitch * 0.45))
            letter, thick = chr(65 + int(rng.integers(26))), max(1, int(pitch / 50))
            cv2.putText(picture, letter, place, cv2.FONT_HERSHEY_SIMPLEX, pitch / 90, letters, thick, cv2.LINE_AA)
    grey = cv2.GaussianBlur(picture, (0, 0), 0.8).astype(np.float32) / 255
    return _turned(np.repeat(grey[..., None], 3, 2), height, width, rng)
