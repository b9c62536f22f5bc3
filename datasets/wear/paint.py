"""Paints marks into texel layers: coverage, slopes, roughness, white and dark, so that light itself shows the damage.

Sub-texel widths become fractional coverage and a groove is written as random slopes, new for each texel: it then glints
in beads, dark on a lamp's reflection and bright on black glass, as real scratches do.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.datasets.wear.marks import Mark, Stroke, to_fixed

FloatMap = NDArray[np.float32]
_PAD_TEXELS = 6
_SOFT_EDGE_MM = {"dent": 2.5, "smudge": 7.0, "scuff": 2.0}
"""How far a kind fades out beyond its outline."""


@dataclass(frozen=True)
class Layers:
    """What marks add to a clean surface; each (H, W) float32 texels."""

    cover: FloatMap
    """Share of the texel that is groove instead of smooth surface."""
    white: FloatMap
    """Diffuse white added: powdered glass, bare metal, dust."""
    dark: FloatMap
    """Share of the light swallowed: shadow lines, gaps."""
    slope_x: FloatMap
    slope_y: FloatMap
    rough: FloatMap
    """Roughness added by haze and grease."""

    @classmethod
    def empty(cls, shape_hw: tuple[int, int]) -> "Layers":
        """No mark at all."""
        return cls(*(np.zeros(shape_hw, np.float32) for _ in range(6)))

    def window(self, rows: slice, cols: slice) -> "Layers":
        """Views of one part, for painting in place."""
        parts = (self.cover, self.white, self.dark, self.slope_x, self.slope_y, self.rough)
        return Layers(*(part[rows, cols] for part in parts))


def paint(layers: Layers, mark: Mark, px_per_mm: float, rng: np.random.Generator) -> None:
    """Adds `mark` to `layers` in place."""
    points = np.concatenate([*mark.regions, *(stroke.points for stroke in mark.strokes)]) * px_per_mm
    h, w = layers.cover.shape
    pad = _PAD_TEXELS + round(_SOFT_EDGE_MM.get(mark.kind, 0.0) * px_per_mm)
    x0, y0 = np.maximum(np.floor(points.min(axis=0)).astype(int) - pad, 0)
    x1, y1 = np.minimum(np.ceil(points.max(axis=0)).astype(int) + pad, (w, h))
    if x1 - x0 < 2 or y1 - y0 < 2:
        return
    part = layers.window(slice(y0, y1), slice(x0, x1))
    offset_mm = np.array([x0, y0]) / px_per_mm
    local = Mark(
        mark.kind,
        mark.style,
        tuple(Stroke(s.points - offset_mm, s.width_mm, s.strength) for s in mark.strokes),
        tuple(region - offset_mm for region in mark.regions),
        mark.depth_mm,
    )
    match mark.kind:
        case "scratch":
            _scratch(part, local, px_per_mm, rng)
        case "crack":
            _crack(part, local, px_per_mm, rng)
        case "scuff":
            _scuff(part, local, px_per_mm, rng)
        case "chip":
            _chip(part, local, px_per_mm, rng)
        case "dent":
            _dent(part, local, px_per_mm)
        case "smudge":
            _smudge(part, local, px_per_mm, rng)
        case "oil":
            _oil(part, local, px_per_mm, rng)
        case "dust":
            _dust(part, local, px_per_mm, rng)
        case _:
            raise ValueError(f"no painter for mark kind {mark.kind!r}")


def _stroke_cover(
    strokes: tuple[Stroke, ...], shape: tuple[int, int], px_per_mm: float, skips: float, rng: np.random.Generator
) -> FloatMap:
    """Coverage (H, W) of strokes with tapered ends; `skips` 0..1 is how much the pressure varies along the way."""
    canvas = np.zeros(shape, np.uint8)
    for stroke in strokes:
        count = len(stroke.points)
        if count < 2:
            continue
        thickness = max(round(stroke.width_mm * px_per_mm), 1)
        level = min(stroke.width_mm * px_per_mm, 1.0) * stroke.strength
        taper = np.clip(np.minimum(np.arange(count), np.arange(count)[::-1]) / max(count * 0.15, 1) + 0.3, 0, 1)
        knots = rng.uniform(1 - skips, 1, max(count // 6, 2) + 1)
        pressure = taper * np.interp(np.linspace(0, 1, count), np.linspace(0, 1, len(knots)), knots)
        fixed = to_fixed(stroke.points, px_per_mm)
        step = max(count // 24, 1)
        for i in range(0, count - 1, step):
            colour = int(255 * level * pressure[i])
            cv2.polylines(canvas, [fixed[i : i + step + 1]], False, colour, thickness, cv2.LINE_AA, shift=4)
    return np.asarray(canvas / 255, np.float32)


def _fill(mark: Mark, shape: tuple[int, int], px_per_mm: float, soft_mm: float) -> FloatMap:
    """Soft-edged coverage of the mark's regions."""
    mask = np.zeros(shape, np.uint8)
    for region in mark.regions:
        cv2.fillPoly(mask, [to_fixed(region, px_per_mm)], 255, cv2.LINE_AA, shift=4)
    soft = np.asarray(mask / 255, np.float32)
    return np.asarray(cv2.GaussianBlur(soft, (0, 0), soft_mm * px_per_mm), np.float32) if soft_mm > 0 else soft


def _noise(shape: tuple[int, int], grain_px: float, rng: np.random.Generator) -> FloatMap:
    """Smooth noise of unit deviation with features of about `grain_px`."""
    if grain_px <= 1:
        return np.asarray(rng.standard_normal(shape, dtype=np.float32), np.float32)
    small = (max(int(shape[0] / grain_px) + 2, 2), max(int(shape[1] / grain_px) + 2, 2))
    field = rng.normal(size=small).astype(np.float32)
    return cv2.resize(field, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC).astype(np.float32)


def _add_groove(part: Layers, cover: FloatMap, steepness: float, grain_px: float, rng: np.random.Generator) -> None:
    """A groove whose walls face new ways every `grain_px`: 1 glints in beads, more runs smoothly along the line."""
    np.maximum(part.cover, cover, out=part.cover)
    part.slope_x[...] += cover * _noise(cover.shape, grain_px, rng) * np.float32(steepness)
    part.slope_y[...] += cover * _noise(cover.shape, grain_px, rng) * np.float32(steepness)


def _scratch(part: Layers, mark: Mark, px_per_mm: float, rng: np.random.Generator) -> None:
    cover = _stroke_cover(mark.strokes, part.cover.shape, px_per_mm, float(rng.uniform(0.2, 0.95)), rng)
    _add_groove(part, cover, 0.22, 1.0, rng)
    beads = np.clip(0.75 + 0.35 * _noise(cover.shape, 2.0, rng), 0.1, 1.6)
    part.white[...] += (
        cover * beads * float(rng.uniform(0.12, 0.75) if mark.style == "deep" else rng.uniform(0.05, 0.5))
    )
    if mark.style == "deep":
        halo = cv2.GaussianBlur(cover, (0, 0), 0.15 * px_per_mm)
        part.rough[...] += 0.25 * halo


def _crack(part: Layers, mark: Mark, px_per_mm: float, rng: np.random.Generator) -> None:
    shape = part.cover.shape
    cover = _stroke_cover(mark.strokes, shape, px_per_mm, float(rng.uniform(0.0, 0.5)), rng)
    _tilt_shards(part, cover, float(10 ** rng.uniform(-3.2, -1.5)), rng)
    _add_groove(part, cover, 0.25, float(rng.uniform(1.0, 12.0)), rng)
    glow = np.clip(0.8 + 0.5 * _noise(shape, 0.4 * px_per_mm, rng), 0.05, 2.0)
    part.white[...] += cover * glow * float(10 ** rng.uniform(-1.3, 0.0))
    shift_px = rng.normal(0, 0.14 * px_per_mm, 2)
    shifted = _shifted(cover, shift_px)
    part.dark[...] = np.maximum(part.dark, shifted * float(rng.uniform(0.0, 0.85)))
    if rng.random() < 0.4:
        ribbon = _shifted(cover, -2 * shift_px)
        part.slope_x[...] += ribbon * rng.normal(0, 0.15)
        part.slope_y[...] += ribbon * rng.normal(0, 0.15)
        part.white[...] += ribbon * float(rng.uniform(0, 0.15))
    if mark.regions:
        powder = _fill(mark, shape, px_per_mm, 0.5) * np.clip(
            0.5 + 0.6 * _noise(shape, 1.5, rng) + 0.3 * _noise(shape, 8, rng), 0, 1.5
        )
        part.white[...] += powder * float(rng.uniform(0.1, 0.7))
        _add_groove(part, np.clip(powder, 0, 0.9), 0.3, 1.0, rng)


def _shifted(cover: FloatMap, by_px: NDArray[np.float64]) -> FloatMap:
    move = np.array([[1, 0, by_px[0]], [0, 1, by_px[1]]])
    return np.asarray(cv2.warpAffine(cover, move, cover.shape[::-1]), np.float32)


def _tilt_shards(part: Layers, cover: FloatMap, tilt: float, rng: np.random.Generator) -> None:
    """Gives each shard between crack lines a tilt of its own: reflections break at the crack, its strongest cue."""
    h, w = cover.shape
    small = cv2.resize(cover, (max(w // 2, 1), max(h // 2, 1)), interpolation=cv2.INTER_AREA)
    count, label, stats, _ = cv2.connectedComponentsWithStats((small < 0.02).astype(np.uint8), connectivity=4)
    tilts = rng.normal(0, tilt, (count, 2)).astype(np.float32)
    tilts[stats[:, cv2.CC_STAT_AREA] > 0.45 * small.size] = 0
    tilts[0] = 0
    for slope, values in ((part.slope_x, tilts[:, 0]), (part.slope_y, tilts[:, 1])):
        slope[...] += cv2.resize(values[label], (w, h), interpolation=cv2.INTER_NEAREST)


def _scuff(part: Layers, mark: Mark, px_per_mm: float, rng: np.random.Generator) -> None:
    cover = _stroke_cover(mark.strokes, part.cover.shape, px_per_mm, 0.9, rng)
    haze = _fill(mark, part.cover.shape, px_per_mm, 0.7) * np.clip(
        0.6 + 0.5 * _noise(cover.shape, px_per_mm, rng), 0, 1.5
    )
    _add_groove(part, cover, 0.2, 1.0, rng)
    part.white[...] += cover * float(rng.uniform(0.15, 0.7)) + haze * float(rng.uniform(0.0, 0.1))
    part.rough[...] += haze * float(rng.uniform(0.1, 0.6))


def _chip(part: Layers, mark: Mark, px_per_mm: float, rng: np.random.Generator) -> None:
    shape = part.cover.shape
    mask = _fill(mark, shape, px_per_mm, 0)
    inner = cv2.distanceTransform((mask > 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    ripples = np.sin(inner * float(rng.uniform(0.6, 2.0)) + _noise(shape, 5, rng)) * float(rng.uniform(0, 0.08))
    bowl = cv2.GaussianBlur(mask, (0, 0), 0.25 * px_per_mm)
    gy, gx = np.gradient(bowl)
    depth = mark.depth_mm * px_per_mm
    part.slope_x[...] += mask * (gx * depth + ripples).astype(np.float32)
    part.slope_y[...] += mask * (gy * depth + ripples).astype(np.float32)
    rim = np.clip(mask - cv2.erode(mask, np.ones((3, 3), np.uint8)), 0, 1) * np.clip(
        0.5 + 0.6 * _noise(shape, 3, rng), 0, 1.5
    )
    face = mask * np.clip(0.6 + 0.4 * _noise(shape, 3, rng), 0, 1.4)
    if mark.style == "nick" and rng.random() < 0.4:
        part.dark[...] = np.maximum(part.dark, mask * float(rng.uniform(0.3, 0.9)))
    part.white[...] += rim * float(rng.uniform(0.1, 0.8)) + face * float(rng.uniform(0.03, 0.5))
    part.rough[...] += face * float(rng.uniform(0.0, 0.4))


def _dent(part: Layers, mark: Mark, px_per_mm: float) -> None:
    hollow = _fill(mark, part.cover.shape, px_per_mm, 0.45)
    lip = cv2.GaussianBlur(hollow, (0, 0), 1.0 * px_per_mm)
    height = (0.35 * lip - hollow) * mark.depth_mm
    gy, gx = np.gradient(height * px_per_mm)
    part.slope_x[...] += gx.astype(np.float32)
    part.slope_y[...] += gy.astype(np.float32)
    part.rough[...] += 0.1 * hollow


def _smudge(part: Layers, mark: Mark, px_per_mm: float, rng: np.random.Generator) -> None:
    shape = part.cover.shape
    soft = _fill(mark, shape, px_per_mm, float(rng.uniform(0.8, 2.5)))
    yy, xx = np.mgrid[: shape[0], : shape[1]].astype(np.float32) / px_per_mm
    if mark.style == "fingerprint":
        cx, cy = mark.regions[0].mean(axis=0) + rng.normal(0, 2, 2)
        radius = np.hypot((xx - cx) * rng.uniform(0.6, 1), yy - cy) + 0.35 * _noise(shape, 3 * px_per_mm, rng)
        texture = 0.5 + 0.5 * np.sin(radius * 2 * np.pi / float(rng.uniform(0.4, 0.6)))
    else:
        turn = rng.uniform(0, np.pi)
        across = (xx * np.cos(turn) + yy * np.sin(turn)) * px_per_mm
        lanes = rng.normal(size=512).astype(np.float32)
        texture = np.clip(
            0.5 + 0.4 * lanes[(across / rng.uniform(2, 6)).astype(int) % 512] + 0.3 * _noise(shape, 5 * px_per_mm, rng),
            0,
            1.5,
        )
        texture = cv2.GaussianBlur(texture.astype(np.float32), (0, 0), 1.2)
    film = (soft * texture).astype(np.float32)
    part.rough[...] += film * float(rng.uniform(0.05, 0.4))
    part.white[...] += film * float(10 ** rng.uniform(-2.7, -1.4))


def _oil(part: Layers, mark: Mark, px_per_mm: float, rng: np.random.Generator) -> None:
    shape = part.cover.shape
    mask = _fill(mark, shape, px_per_mm, 0.08)
    if mark.style == "film":
        part.rough[...] += (
            mask * np.clip(0.5 + 0.5 * _noise(shape, 3 * px_per_mm, rng), 0, 1) * float(rng.uniform(0.1, 0.4))
        )
        part.white[...] += mask * float(rng.uniform(0.002, 0.02))
        return
    distance = cv2.distanceTransform((mask > 0.5).astype(np.uint8), cv2.DIST_L2, 5) / px_per_mm
    rim_mm = float(rng.uniform(0.25, 1.2))
    if mark.style == "ring":
        ring = (
            np.exp(-((distance / (0.4 * rim_mm)) ** 2))
            * (mask > 0.05)
            * np.clip(0.6 + 0.5 * _noise(shape, 6, rng), 0, 1.5)
        )
        part.white[...] += ring.astype(np.float32) * float(rng.uniform(0.02, 0.2))
        part.rough[...] += ring.astype(np.float32) * 0.4
        return
    dome = cv2.GaussianBlur(
        (mark.depth_mm * (1 - np.exp(-distance / rim_mm))).astype(np.float32), (0, 0), 0.12 * px_per_mm
    )
    gy, gx = np.gradient(dome * px_per_mm)
    part.slope_x[...] += gx.astype(np.float32)
    part.slope_y[...] += gy.astype(np.float32)
    glow = np.clip(gx * np.cos(turn := rng.uniform(0, 7)) + gy * np.sin(turn), 0, None)
    part.white[...] += (glow * float(rng.uniform(0.0, 1.2))).astype(np.float32)


def _dust(part: Layers, mark: Mark, px_per_mm: float, rng: np.random.Generator) -> None:
    shape = part.cover.shape
    if mark.style == "lint":
        body = _stroke_cover(mark.strokes, shape, px_per_mm, 0.4, rng)
    else:
        body = _fill(mark, shape, px_per_mm, 0.04)
    if mark.style == "spots" and rng.random() < 0.4:
        body *= np.clip(1.2 - cv2.GaussianBlur(body, (0, 0), 0.25 * px_per_mm), 0, 1)
    shadow = np.roll(body, (round(0.1 * px_per_mm) + 1, round(0.1 * px_per_mm) + 1), (0, 1))
    part.dark[...] = np.maximum(part.dark, 0.4 * shadow)
    if mark.style == "lint" and rng.random() < 0.3:
        part.dark[...] = np.maximum(part.dark, 0.7 * body)
    else:
        part.white[...] += body * float(rng.uniform(0.08, 0.8))
