"""Flat things that lie about: other devices at the picture's border, cartons, cards, papers, chargers, mugs."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import RGB, FloatMap
from phonegrade.rendering.lettering import made_up_word, text_mask
from phonegrade.rendering.texture import between, chance, hsv_colour, muted, soft_noise

Place = tuple[float, float]
_FINEST_MM = 0.3
"""Plain things are drawn no finer than this."""


def stamp(canvas: RGB, picture: FloatMap, at: Place, px_per_px: float, turn_deg: float) -> None:
    """Lay a straight-alpha `picture` (h, w, 4) 0..1 over `canvas`, its middle at `at`, enlarged and turned."""
    h, w = picture.shape[:2]
    matrix = np.array(cv2.getRotationMatrix2D((w / 2, h / 2), turn_deg, px_per_px), np.float64)
    matrix[:, 2] += np.array(at) - np.array([w, h]) / 2
    corners = np.array([[0, 0, 1], [w, 0, 1], [w, h, 1], [0, h, 1]]) @ matrix.T
    left, top = np.clip(np.floor(corners.min(axis=0)) - 1, 0, canvas.shape[1::-1]).astype(int).tolist()
    right, bottom = np.clip(np.ceil(corners.max(axis=0)) + 2, 0, canvas.shape[1::-1]).astype(int).tolist()
    if right <= left or bottom <= top:
        return
    matrix[:, 2] -= (left, top)
    solid = picture.copy()
    solid[..., :3] *= solid[..., 3:]
    warped = cv2.warpAffine(solid, matrix, (right - left, bottom - top), flags=cv2.INTER_LINEAR)
    window = canvas[top:bottom, left:right]
    alpha, below = warped[..., 3:], window[..., 3:].astype(np.float32) / 255
    total = alpha + below * (1 - alpha)
    colour = warped[..., :3] + window[..., :3] * (below * (1 - alpha) / 255)
    window[..., :3] = np.clip(colour / np.maximum(total, 1e-3) * 255, 0, 255)
    window[..., 3:] = np.clip(total * 255 + 0.5, 0, 255)


def slab(width_mm: float, height_mm: float, corner_mm: float, mm: float, colour: NDArray[np.float32]) -> FloatMap:
    """A rounded rectangle (h, w, 4) of one colour with an anti-aliased rim and a soft edge light."""
    w, h = max(round(width_mm / mm), 4), max(round(height_mm / mm), 4)
    half, corner = np.array([w, h]) / 2, min(corner_mm / mm, min(w, h) / 2)
    x = np.abs(np.arange(w, dtype=np.float32) + 0.5 - half[0]) - (half[0] - corner)
    y = (np.abs(np.arange(h, dtype=np.float32) + 0.5 - half[1]) - (half[1] - corner))[:, None]
    outside = np.sqrt(np.maximum(x, 0) ** 2 + np.maximum(y, 0) ** 2) + np.minimum(np.maximum(x, y), 0) - corner
    edge = np.exp(-np.square((outside + 1.0 / mm) / (0.7 / mm)))
    tone = 1 + 0.35 * edge
    picture = np.empty((h, w, 4), np.float32)
    picture[..., :3] = np.clip(colour * tone[..., None] + 0.05 * edge[..., None], 0, 1)
    picture[..., 3] = np.clip(0.5 - outside, 0, 1)
    return picture


def _inlay(picture: FloatMap, part: FloatMap, left_mm: float, top_mm: float, mm: float) -> None:
    """Lay `part` into `picture` from a corner on."""
    top, left = round(top_mm / mm), round(left_mm / mm)
    window = picture[top : top + part.shape[0], left : left + part.shape[1]]
    piece = part[: window.shape[0], : window.shape[1]]
    window[..., :3] += (piece[..., :3] - window[..., :3]) * piece[..., 3:]


def _glass(height: int, width: int, rng: np.random.Generator) -> FloatMap:
    """A dark display with something mirrored in it, or a lit one (h, w, 4)."""
    picture = np.ones((height, width, 4), np.float32)
    if chance(rng, 0.3):
        picture[..., :3] = muted(rng) + 0.3 * soft_noise(height, width, width / 2, rng)[..., None]
        for _ in range(int(rng.integers(2, 8))):
            x, y = int(between(rng, 0, width)), int(between(rng, 0, height))
            far = (x + int(between(rng, 0.1, 0.5) * width), y + int(between(rng, 0.02, 0.2) * height))
            red, green, blue = (float(value) for value in muted(rng))
            cv2.rectangle(picture, (x, y), far, (red, green, blue, 1.0), -1)
    else:
        slope = np.linspace(0, 1, height, dtype=np.float32)[:, None] + np.linspace(0, 1, width, dtype=np.float32)
        cut = np.clip((slope - between(rng, 0.3, 1.8)) * between(rng, 2, 40), 0, 1)
        picture[..., :3] = (between(rng, 0.01, 0.1) + between(rng, 0, 0.35) * cut)[..., None]
    return np.clip(picture, 0, 1)


def other_phone(canvas: RGB, at: Place, mm_px: float, rng: np.random.Generator) -> None:
    """Another phone, front or back up."""
    mm = max(_FINEST_MM, 1 / mm_px)
    size = (between(rng, 66, 77), between(rng, 136, 164))
    body = slab(*size, between(rng, 5, 12), mm, muted(rng) * between(rng, 0.3, 1))
    if chance(rng, 0.6):
        side, end = between(rng, 1.5, 4), between(rng, 2, 16)
        face = _glass(round((size[1] - 2 * end) / mm), round((size[0] - 2 * side) / mm), rng)
        _inlay(body, face, side, end, mm)
    else:
        bump = slab(between(rng, 12, 30), between(rng, 12, 36), 6, mm, np.full(3, 0.12, np.float32))
        _inlay(body, bump, 4, 5, mm)
    stamp(canvas, body, at, mm * mm_px, between(rng, 0, 360))


def tablet(canvas: RGB, at: Place, mm_px: float, rng: np.random.Generator) -> None:
    """A tablet or a monitor's foot, larger than the picture likes."""
    mm = max(3 * _FINEST_MM, 1 / mm_px)
    size = (between(rng, 130, 180), between(rng, 200, 280))
    body = slab(*size, between(rng, 4, 14), mm, muted(rng))
    border = between(rng, 6, 14)
    face = _glass(round((size[1] - 2 * border) / mm), round((size[0] - 2 * border) / mm), rng)
    _inlay(body, face, border, border, mm)
    stamp(canvas, body, at, mm * mm_px, between(rng, 0, 360))


def laptop(canvas: RGB, at: Place, mm_px: float, rng: np.random.Generator) -> None:
    """The keyboard half of a laptop."""
    mm = max(2 * _FINEST_MM, 1 / mm_px)
    deck = slab(310, 215, 8, mm, muted(rng))
    tone = between(rng, 0.04, 0.2) if chance(rng, 0.8) else between(rng, 0.75, 0.95)
    key = slab(15.6, 15.6, 2, mm, np.full(3, tone, np.float32))
    for row in range(5):
        for column in range(15):
            _inlay(deck, key, 13 + 19 * column + 2.5 * (row % 3), 14 + 19 * row, mm)
    pad = slab(between(rng, 90, 130), 76, 3, mm, deck[4, deck.shape[1] // 2, :3] * 0.93)
    _inlay(deck, pad, 95, 122, mm)
    stamp(canvas, deck, at, mm * mm_px, between(rng, 0, 360))


def carton(canvas: RGB, at: Place, mm_px: float, rng: np.random.Generator) -> None:
    """A phone's box, printed."""
    mm = max(_FINEST_MM, 1 / mm_px)
    draw = rng.random()
    value = between(rng, 0.88, 0.98) if draw < 0.55 else between(rng, 0.04, 0.12)
    colour = muted(rng) if draw > 0.85 else np.full(3, value, np.float32)
    size = (between(rng, 85, 110), between(rng, 160, 190))
    box = slab(*size, 1, mm, colour)
    ink = np.full(3, 0.12 if value > 0.5 else 0.85, np.float32)
    if chance(rng, 0.6):
        left, top = between(rng, 8, 30), between(rng, 10, 40)
        phone = slab(size[0] * 0.55, size[1] * 0.62, 7, mm, muted(rng) * 0.4)
        face = _glass(round(size[1] * 0.6 / mm), round(size[0] * 0.5 / mm), rng)
        _inlay(phone, face, size[0] * 0.025, size[1] * 0.01, mm)
        _inlay(box, phone, left, top, mm)
    mask = text_mask(made_up_word(rng).upper(), between(rng, 5, 14) / mm, 0.15, rng)[:, : box.shape[1] // 2]
    word = np.dstack([np.broadcast_to(ink, (*mask.shape, 3)), mask]).astype(np.float32)
    _inlay(box, word, between(rng, 5, 30), size[1] - between(rng, 18, 40), mm)
    stamp(canvas, box, at, mm * mm_px, between(rng, 0, 360))


def paper(canvas: RGB, at: Place, mm_px: float, rng: np.random.Generator) -> None:
    """A sheet or a receipt with lines of print."""
    mm = max(1.2 * _FINEST_MM, 1 / mm_px)
    size = (210.0, 297.0) if chance(rng, 0.4) else (between(rng, 58, 110), between(rng, 90, 200))
    tint = np.array(hsv_colour(between(rng, 0.08, 0.65), between(rng, 0, 0.06), between(rng, 0.86, 1)), np.float32)
    page = slab(*size, 0.3, mm, tint)
    line = between(rng, 4, 7)
    strip = text_mask(" ".join(made_up_word(rng) for _ in range(12)), line * 0.45 / mm, 0.1, rng)
    for k in range(int(size[1] / line) - 4):
        if chance(rng, 0.2):
            continue
        start = int(rng.integers(max(strip.shape[1] // 2, 1)))
        mask = strip[:, start : start + round(size[0] * between(rng, 0.3, 0.8) / mm)]
        words = np.dstack([np.full((*mask.shape, 3), 0.15, np.float32), mask]).astype(np.float32)
        _inlay(page, words, 0.09 * size[0], line * (k + 2), mm)
    stamp(canvas, page, at, mm * mm_px, between(rng, 0, 360))


def card(canvas: RGB, at: Place, mm_px: float, rng: np.random.Generator) -> None:
    """A pale business card, a coloured bank card, or a sticky note."""
    mm = max(0.5 * _FINEST_MM, 1 / mm_px)
    note = chance(rng, 0.3)
    size = (76.0, 76.0) if note else (85.6, 54.0)
    yellow = np.array(hsv_colour(between(rng, 0.11, 0.17), between(rng, 0.3, 0.55), between(rng, 0.85, 1)), np.float32)
    white = np.full(3, between(rng, 0.8, 1), np.float32)
    colour = yellow if note else (white if chance(rng, 0.5) else muted(rng))
    piece = slab(*size, 0.3 if note else 3.2, mm, colour)
    piece[..., :3] *= np.linspace(0.92, 1, piece.shape[1], dtype=np.float32)[:, None]
    ink = 0.15 if colour.max() > 0.6 else 0.9
    for row in range(int(rng.integers(1, 6))):
        mask = text_mask(made_up_word(rng), between(rng, 2, 5) / mm, 0.12, rng)[:, : int(piece.shape[1] * 0.8)]
        words = np.dstack([np.full((*mask.shape, 3), ink, np.float32), mask]).astype(np.float32)
        _inlay(piece, words, 0.1 * size[0], (0.15 + 0.15 * row) * size[1], mm)
    stamp(canvas, piece, at, mm * mm_px, between(rng, 0, 360))


def charger(canvas: RGB, at: Place, mm_px: float, rng: np.random.Generator) -> None:
    """A white or black charger, a power bank, or a case of earphones."""
    mm = max(0.5 * _FINEST_MM, 1 / mm_px)
    value = between(rng, 0.85, 0.97) if chance(rng, 0.6) else between(rng, 0.05, 0.25)
    size = (between(rng, 26, 70), between(rng, 28, 110))
    body = slab(*size, between(rng, 3, 20), mm, np.full(3, value, np.float32))
    shade = np.linspace(1.0, between(rng, 0.75, 0.95), body.shape[1], dtype=np.float32)[:, None]
    body[..., :3] *= shade
    if chance(rng, 0.5):
        seam = slab(size[0] * 0.98, 0.6, 0.2, mm, np.full(3, value * 0.6, np.float32))
        _inlay(body, seam, size[0] * 0.01, size[1] * between(rng, 0.3, 0.6), mm)
    stamp(canvas, body, at, mm * mm_px, between(rng, 0, 360))


def mug(canvas: RGB, at: Place, mm_px: float, rng: np.random.Generator) -> None:
    """A cup from above: rim, drink, handle."""
    mm = max(_FINEST_MM, 1 / mm_px)
    outer = between(rng, 72, 95)
    cup = slab(outer + 60, outer, outer / 2, mm, muted(rng))
    cup[..., 3] = 0
    colour = muted(rng)
    handle = slab(outer / 2 + 26, 11, 5, mm, colour * 0.9)
    top = round((outer / 2 - 5.5) / mm)
    cup[top : top + handle.shape[0], round(outer / 2 / mm) : round(outer / 2 / mm) + handle.shape[1]] = handle
    for diameter, tone in ((outer, colour), (outer - 6, colour * 0.75), (outer - 12, muted(rng) * 0.3)):
        disc = slab(diameter, diameter, diameter / 2, mm, tone)
        start = round((outer - diameter) / 2 / mm)
        window = cup[start : start + disc.shape[0], start : start + disc.shape[1]]
        window += (disc - window) * disc[: window.shape[0], : window.shape[1], 3:]
    stamp(canvas, cup, at, mm * mm_px, between(rng, 0, 360))
