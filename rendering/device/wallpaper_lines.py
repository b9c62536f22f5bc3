"""Wallpapers of lines: strokes, contours, polygons, marble veins, branches, lightning, rays, trails, dry ground."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import RGB
from phonegrade.rendering.texture import between, chance, fractal_noise

_SUB = 3


def _plain(height: int, width: int, colour: NDArray[np.float32]) -> RGB:
    return np.full((height, width, 3), np.round(colour * 255).astype(np.uint8), np.uint8)


def _ink(colour: NDArray[np.float32], share: float = 1.0) -> tuple[int, int, int]:
    red, green, blue = (round(float(value) * 255 * share) for value in colour)
    return red, green, blue


def _line(
    picture: RGB, points: NDArray[np.float64], colour: tuple[int, int, int], thick: int, closed: bool = False
) -> None:
    fixed = [np.round(points * 2**_SUB).astype(np.int32)]
    cv2.polylines(picture, fixed, closed, colour, thick, cv2.LINE_AA, _SUB)


def _strokes(height: int, width: int, colours: NDArray[np.float32], rng: np.random.Generator) -> RGB:
    """Families of parallel bent strokes."""
    picture = _plain(height, width, colours[0] * between(rng, 0.1, 0.9))
    for _ in range(int(rng.integers(2, 8))):
        start = rng.uniform(-0.2, 1.2, 2) * (width, height)
        turn = np.cumsum(rng.normal(0, between(rng, 0.02, 0.15), 60)) + between(rng, 0, 6.3)
        step = between(rng, 0.02, 0.06) * height
        path = start + np.cumsum(np.stack([np.cos(turn), np.sin(turn)], 1) * step, 0)
        aside = np.stack([-np.sin(turn), np.cos(turn)], 1)
        thick = max(1, round(width * between(rng, 0.002, 0.02)))
        gap = max(2, thick) * between(rng, 1.8, 5)
        for line in range(int(rng.integers(3, 12))):
            _line(picture, path + aside * gap * line, _ink(colours[1 + line % 2], between(rng, 0.6, 1)), thick)
    return picture


def _contours(height: int, width: int, colours: NDArray[np.float32], rng: np.random.Generator) -> RGB:
    """Lines of equal height, as on a hiking map."""
    low = fractal_noise(height // 4 + 1, width // 4 + 1, width * between(rng, 0.06, 0.16), 2, rng)
    ground = cv2.resize(low, (width, height), interpolation=cv2.INTER_CUBIC)
    steps = ground * between(rng, 6, 18)
    gy, gx = np.gradient(steps)
    reach = np.sqrt(gx * gx + gy * gy) + 1e-4
    away = np.abs(steps - np.round(steps)) / reach
    line = np.clip(between(rng, 0.8, 2.2) - away, 0, 1).astype(np.float32)[..., None]
    first, second = colours[0] * 0.4, colours[1]
    return np.asarray(cv2.convertScaleAbs(first + (second - first) * line, alpha=255), np.uint8)


def _polygons(height: int, width: int, colours: NDArray[np.float32], rng: np.random.Generator) -> RGB:
    """A net of triangles, filled or only outlined."""
    columns, rows, outlined = int(rng.integers(3, 9)), int(rng.integers(5, 14)), chance(rng, 0.5)
    xs, ys = np.meshgrid(np.linspace(-0.1, 1.1, columns), np.linspace(-0.1, 1.1, rows))
    spread = 0.35 * np.array([1.2 / columns, 1.2 / rows])
    nodes = (np.stack([xs, ys], 2) + rng.normal(0, 1, (rows, columns, 2)) * spread) * (width, height)
    picture = _plain(height, width, colours[0] * 0.3)
    thick = int(rng.integers(1, 4))
    for row in range(rows - 1):
        for column in range(columns - 1):
            a, b = nodes[row, column], nodes[row, column + 1]
            c, d = nodes[row + 1, column], nodes[row + 1, column + 1]
            for triangle in (np.array([a, b, c]), np.array([b, d, c])):
                if not outlined:
                    tone = _ink(colours[rng.integers(len(colours))], between(rng, 0.5, 1))
                    cv2.fillConvexPoly(picture, np.round(triangle).astype(np.int32), tone, cv2.LINE_AA)
                else:
                    _line(picture, triangle, _ink(colours[1]), thick, closed=True)
    return picture


def _marble(height: int, width: int, colours: NDArray[np.float32], rng: np.random.Generator) -> RGB:
    """Pale or black stone with veins."""
    small_h, small_w = height // 2, width // 2
    base, vein = (0.92, 0.45) if chance(rng, 0.6) else (0.06, 0.75)
    stone = np.full((small_h, small_w), base, np.float32)
    stone += fractal_noise(small_h, small_w, small_w * 0.5, 4, rng) * np.float32(0.05)
    for _ in range(int(rng.integers(1, 4))):
        field = fractal_noise(small_h, small_w, small_w * between(rng, 0.3, 0.8), 6, rng)
        sharp, soft = between(rng, 25, 90), between(rng, 4, 10)
        line = 0.7 * np.clip(1 - np.abs(field) * sharp, 0, 1) + 0.3 * np.clip(1 - np.abs(field) * soft, 0, 1)
        stone += (vein - stone) * line * np.float32(between(rng, 0.4, 1))
    tint = 0.85 + 0.15 * colours[0] / max(float(colours[0].max()), 0.1)
    full = cv2.resize(stone, (width, height), interpolation=cv2.INTER_CUBIC)[..., None] * tint
    return np.asarray(cv2.convertScaleAbs(np.clip(full, 0, 1), alpha=255), np.uint8)


def _grow(
    picture: RGB,
    at: NDArray[np.float64],
    turn: float,
    size: tuple[float, float],
    colour: tuple[int, int, int],
    rng: np.random.Generator,
) -> None:
    """A limb that bends and forks; size is its length and thickness in pixels."""
    length, thick = size
    bends = turn + np.cumsum(rng.normal(0, 0.16, 6))
    path = np.vstack([at, at + np.cumsum(np.stack([np.cos(bends), np.sin(bends)], 1) * length / 6, 0)])
    _line(picture, path, colour, max(1, round(thick)))
    if thick < 1 or length < 8:
        return
    for _ in range(int(rng.integers(2, 4))):
        start = path[int(rng.integers(3, 7))]
        side = turn + float(rng.normal(0, 0.6))
        _grow(picture, start, side, (length * between(rng, 0.55, 0.8), thick * 0.62), colour, rng)


def _branches(height: int, width: int, colours: NDArray[np.float32], rng: np.random.Generator) -> RGB:
    """Bare trees against the sky, or coral."""
    sky = colours[0] * 0.4 + 0.6 if chance(rng, 0.6) else colours[0] * 0.3
    picture = _plain(height, width, np.clip(sky, 0, 1))
    tone = _ink(colours[1], 0.25 if sky.mean() > 0.4 else 1)
    for _ in range(int(rng.integers(1, 4))):
        at = np.array([between(rng, 0, 1) * width, height * between(rng, 0.8, 1.05)])
        size = (height * between(rng, 0.16, 0.28), width * between(rng, 0.01, 0.035))
        _grow(picture, at, -np.pi / 2 + float(rng.normal(0, 0.3)), size, tone, rng)
    return picture


def _lightning(height: int, width: int, colours: NDArray[np.float32], rng: np.random.Generator) -> RGB:
    """Glowing bolts in a dark sky: branched as cracks are, but with a halo."""
    picture = _plain(height, width, colours[0] * 0.18)
    bolts = np.zeros_like(picture)
    glow = colours[1] * 0.4 + 0.6
    for _ in range(int(rng.integers(1, 3))):
        at = np.array([between(rng, 0.2, 0.8) * width, -10.0])
        size = (height * between(rng, 0.25, 0.4), width * 0.008)
        _grow(bolts, at, np.pi / 2 + float(rng.normal(0, 0.2)), size, _ink(glow), rng)
    small = cv2.resize(bolts, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    near, far = cv2.GaussianBlur(small, (0, 0), 1.5), cv2.GaussianBlur(small, (0, 0), 9)
    halo = cv2.resize(cv2.addWeighted(near, 1.4, far, 4, 0), (width, height), interpolation=cv2.INTER_CUBIC)
    tinted = cv2.convertScaleAbs(halo.astype(np.float32) * colours[1])
    return np.asarray(cv2.add(cv2.add(picture, tinted), bolts), np.uint8)


def _rays(height: int, width: int, colours: NDArray[np.float32], rng: np.random.Generator) -> RGB:
    """Fine lines from one point, or concentric rings."""
    picture = _plain(height, width, colours[0] * 0.25)
    at = np.array([between(rng, -0.1, 1.1) * width, between(rng, -0.1, 1.1) * height])
    thick = int(rng.integers(1, 4))
    if chance(rng, 0.5):
        for angle in np.linspace(0, 2 * np.pi, int(rng.integers(14, 90)), endpoint=False):
            far = at + np.array([np.cos(angle), np.sin(angle)]) * height * 1.5
            _line(picture, np.array([at, far]), _ink(colours[1], between(rng, 0.5, 1)), thick)
    else:
        gap = width * between(rng, 0.02, 0.08)
        for ring in range(1, int(1.5 * height / gap)):
            centre = (round(float(at[0])), round(float(at[1])))
            cv2.circle(picture, centre, round(ring * gap), _ink(colours[1 + ring % 2]), thick, cv2.LINE_AA)
    return picture


def _trails(height: int, width: int, colours: NDArray[np.float32], rng: np.random.Generator) -> RGB:
    """Stars or headlamps over a long exposure: arcs about one point, or streaks that flow the same way."""
    dusk = np.linspace(0, 1, height, dtype=np.float32)[:, None, None] ** between(rng, 0.5, 2)
    sky = colours[0] * between(rng, 0.02, 0.3) * (1 - dusk) + colours[1] * between(rng, 0.05, 0.5) * dusk
    picture = np.ascontiguousarray(np.broadcast_to(cv2.convertScaleAbs(sky, alpha=255), (height, width, 3)))
    at = np.array([between(rng, -0.6, 1.6) * width, between(rng, -0.6, 1.6) * height])
    sweep = between(rng, 0.1, 0.9)
    for _ in range(int(rng.integers(120, 700))):
        radius, start = between(rng, 0.03, 2.2) * height, between(rng, 0, 6.3)
        angles = start + np.linspace(0, sweep * between(rng, 0.5, 1), 24)
        path = at + radius * np.stack([np.cos(angles), np.sin(angles)], 1)
        colour = _ink(np.maximum(colours[rng.integers(len(colours))], 0.5), between(rng, 0.25, 1))
        _line(picture, path, colour, 1 if chance(rng, 0.85) else 2)
    return picture


def _dry_ground(height: int, width: int, colours: NDArray[np.float32], rng: np.random.Generator) -> RGB:
    """Clods between dark gaps, or stained glass between lead."""
    count = int(rng.integers(20, 110))
    places = rng.uniform(0, 1, (count, 2)) * (width - 1, height - 1)
    net = cv2.Subdiv2D((0, 0, width, height))
    for x, y in places.tolist():
        net.insert((x, y))
    cells, _ = net.getVoronoiFacetList([])
    glassy = chance(rng, 0.4)
    picture = _plain(height, width, colours[0] * 0.1)
    for cell in (np.asarray(corners, np.float32) for corners in cells):
        colour = colours[rng.integers(len(colours))] if glassy else colours[1]
        middle = cell.mean(axis=0)
        shrunk = middle + (cell - middle) * between(rng, 0.88, 0.97)
        cv2.fillConvexPoly(picture, np.round(shrunk).astype(np.int32), _ink(colour, between(rng, 0.6, 1)), cv2.LINE_AA)
    return picture


LINE_PAINTERS: tuple[Callable[[int, int, NDArray[np.float32], np.random.Generator], RGB], ...] = (
    _strokes,
    _strokes,
    _contours,
    _polygons,
    _marble,
    _branches,
    _lightning,
    _rays,
    _trails,
    _trails,
    _dry_ground,
)
