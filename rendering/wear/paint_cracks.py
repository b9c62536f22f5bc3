"""Paint of cracks: tilted shards, a slanted face inside the glass, a thin core, a shadow line, crushed powder."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.datasets.annotations.annotation import Annotation
from phonegrade.datasets.annotations.raster import Trail, stroke_cover, trail
from phonegrade.rendering.wear.layers import Layers, Patch, raise_to
from phonegrade.rendering.wear.paint_crush import crush_reach_mm, paint_crush

_SHARD_PX_PER_MM = 4.0
_WHOLE_SHARE = 0.45
"""A piece of the surface larger than this is the pane itself and lies flat."""
_RIBBON_MM = 0.1
"""A crack that shows wider than this shows its slanted face."""
_NOTHING_MM = 1e-4
_LEAST_REACH = 0.1
_CRUMBS = 9


def paint_crack(patch: Patch, annotation: Annotation, rng: np.random.Generator) -> None:
    """Paint everything of one crack system but the tilt of its shards."""
    bands = np.array([stroke.width_mm for stroke in annotation.strokes])
    core_mm = np.minimum(bands, rng.uniform(0.025, 0.07, len(bands)))
    side = rng.choice([-0.5, 0.5], len(bands))
    faces_on = bool(rng.random() < 0.85)
    _core(patch, annotation, bands, core_mm, side, rng)
    if faces_on and (bands > _RIBBON_MM).any():
        _faces(patch, annotation, bands, side, rng)
    _joints(patch, annotation, rng)
    for region in annotation.regions:
        part = patch.around(region, crush_reach_mm(region))
        if part is not None:
            paint_crush(part, region, rng)


def tilt_shards(layers: Layers, annotation: Annotation, px_per_mm: float, rng: np.random.Generator) -> None:
    """Give each piece of glass between the cracks a tilt of its own: reflections break at the crack."""
    tilt = float(10 ** rng.uniform(-3.0, -1.6))
    h, w = layers.cover.shape
    hw = (round(h / px_per_mm * _SHARD_PX_PER_MM), round(w / px_per_mm * _SHARD_PX_PER_MM))
    paths = [stroke.points for stroke in annotation.strokes]
    lines = stroke_cover(paths, [2 / _SHARD_PX_PER_MM] * len(paths), hw, _SHARD_PX_PER_MM)
    count, label, stats, _ = cv2.connectedComponentsWithStats((lines < 0.3).astype(np.uint8), connectivity=4)
    tilts = rng.normal(0, tilt, (count, 2)).astype(np.float32)
    tilts[0] = 0
    tilts[stats[:, cv2.CC_STAT_AREA] > _WHOLE_SHARE * label.size] = 0
    glass = (label > 0).astype(np.float32)
    near = cv2.GaussianBlur(glass, (0, 0), 1.0)
    for slope, values in ((layers.slope_x, tilts[:, 0]), (layers.slope_y, tilts[:, 1])):
        piece = values[label]
        under_lines = cv2.GaussianBlur(piece, (0, 0), 1.0) / np.maximum(near, 1e-3)
        piece = np.where(label > 0, piece, under_lines)
        slope += cv2.resize(np.asarray(piece, np.float32), (w, h), interpolation=cv2.INTER_LINEAR)


def _core(
    patch: Patch,
    annotation: Annotation,
    bands: NDArray[np.float64],
    width_mm: NDArray[np.float64],
    side: NDArray[np.float64],
    rng: np.random.Generator,
) -> None:
    """Where the crack comes out of the glass: bright here, faint there, with a shadow line beside it."""
    level, shade = float(10 ** rng.uniform(-0.9, 0.0)), float(rng.uniform(0.25, 0.9))
    shade_mm, smooth = float(rng.uniform(0.03, 0.12)), float(rng.uniform(0.3, 1.0))
    ink = _strokes(patch, annotation, width_mm)
    at = ink.at_mm + ink.normal * (side * (bands - width_mm))[ink.stroke, None]
    spots, share = patch.spots(at), ink.area_mm2 * patch.px_per_mm**2
    force = np.array([stroke.strength for stroke in annotation.strokes])[ink.stroke]
    opened = np.clip((ink.length_mm[ink.stroke] - ink.along_mm) / (0.15 * ink.length_mm[ink.stroke] + 1), 0.25, 1)
    share = share * opened
    glow = np.exp(0.8 * ink.wander(4.0, rng) + 0.5 * smooth * ink.wander(0.35, rng) - 0.4)
    facing = 0.3 * ink.wander(3.0, rng) + 0.25 * (1 - smooth) * ink.wander(0.15, rng)
    raise_to(patch.layers.cover, spots.at, np.minimum(spots.gather(share), 1))
    patch.layers.white[spots.at] += level * np.minimum(spots.gather(share * np.clip(glow, 0.02, 2.5) * force), 1.2)
    patch.layers.slope_x[spots.at] += spots.gather(share * facing * ink.normal[:, 0])
    patch.layers.slope_y[spots.at] += spots.gather(share * facing * ink.normal[:, 1])
    beside = patch.spots(at + ink.normal * (2 * side * shade_mm)[ink.stroke, None])
    widened = share * (shade_mm / width_mm)[ink.stroke]
    shadow = shade * np.minimum(beside.gather(widened * np.clip(0.8 + 0.3 * ink.wander(2.0, rng), 0, 1)), 1)
    raise_to(patch.layers.dark, beside.at, shadow)


def _faces(
    patch: Patch,
    annotation: Annotation,
    bands: NDArray[np.float64],
    side: NDArray[np.float64],
    rng: np.random.Generator,
) -> None:
    """The break runs through the glass at a slant: its face mirrors the room another way, and ends in a second line."""
    lean, milky, shade = rng.normal(0, 0.3, len(bands)), float(rng.uniform(0, 0.12)), float(rng.uniform(0.05, 0.55))
    strength, second, run = float(rng.uniform(0.35, 0.85)), float(rng.uniform(0.05, 0.6)), int(rng.integers(2**31))
    ribbons = bands > _RIBBON_MM
    ink = _strokes(patch, annotation, np.where(ribbons, bands, _NOTHING_MM))
    spots = patch.spots(ink.at_mm)
    reach = _reach(ink, run)
    beyond = 0.5 - 2 * side[ink.stroke] * ink.across  # 0 at the core, 1 at the band's other edge
    there = np.clip((reach - beyond) * 6 + 0.5, 0, 1) * np.clip(0.85 + 0.5 * ink.wander(5.0, rng), 0, 1)
    share = ink.area_mm2 * patch.px_per_mm**2 * there
    facing = lean[ink.stroke] + 0.1 * ink.wander(2.0, rng) + 0.05 * ink.wander(0.4, rng)
    face = np.minimum(spots.gather(share), 1)
    raise_to(patch.layers.cover, spots.at, strength * face)
    raise_to(patch.layers.dark, spots.at, shade * face)
    patch.layers.white[spots.at] += milky * face
    patch.layers.slope_x[spots.at] += spots.gather(share * facing * ink.normal[:, 0])
    patch.layers.slope_y[spots.at] += spots.gather(share * facing * ink.normal[:, 1])
    far = _strokes(patch, annotation, np.where(ribbons, 0.03, _NOTHING_MM))
    reach = _reach(far, run)
    far_spots = patch.spots(far.at_mm + far.normal * (2 * side * bands)[far.stroke, None] * (0.5 - reach)[:, None])
    line = (
        far.area_mm2 * patch.px_per_mm**2 * np.clip(0.5 + 0.6 * far.wander(2.0, rng), 0, 1.5) * (reach > _LEAST_REACH)
    )
    patch.layers.white[far_spots.at] += second * np.minimum(far_spots.gather(line), 1)


def _reach(ink: Trail, seed: int) -> NDArray[np.float64]:
    """Share of its band (N) that a slanted face fills, less towards the ends; the same for every trail of a crack."""
    wide = np.clip(0.75 + 0.3 * ink.wander(6.0, np.random.default_rng(seed)), 0, 1)
    return np.asarray(wide * np.clip(ink.from_ends_mm() / 2.5, 0, 1), np.float64)


def _joints(patch: Patch, annotation: Annotation, rng: np.random.Generator) -> None:
    """Crumbs of glass where one crack meets another."""
    starts = np.array([stroke.points[0] for stroke in annotation.strokes])
    joints = starts[rng.random(len(starts)) < 0.35]
    at = np.repeat(joints, _CRUMBS, axis=0) + rng.normal(0, 0.16, (_CRUMBS * len(joints), 2))
    area_mm2 = 0.005 * np.exp(rng.normal(0, 0.6, len(at)))
    bright, facing = rng.uniform(0, 0.9, len(at)), rng.normal(0, 0.35, (len(at), 2))
    spots, share = patch.spots(at), area_mm2 * patch.px_per_mm**2
    raise_to(patch.layers.cover, spots.at, np.minimum(spots.gather(share), 1))
    patch.layers.white[spots.at] += np.minimum(spots.gather(share * bright), 1)
    patch.layers.slope_x[spots.at] += np.clip(spots.gather(share * facing[:, 0]), -1.2, 1.2)
    patch.layers.slope_y[spots.at] += np.clip(spots.gather(share * facing[:, 1]), -1.2, 1.2)


def _strokes(patch: Patch, annotation: Annotation, width_mm: NDArray[np.float64]) -> Trail:
    return trail([stroke.points for stroke in annotation.strokes], width_mm.tolist(), patch.px_per_mm)
