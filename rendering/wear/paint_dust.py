"""Paint of what lies on a surface: specks, fibres, hairs, dried spots, crumbs; each with a small shadow."""

import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap
from phonegrade.datasets.annotations.annotation import Annotation
from phonegrade.rendering.wear.layers import Patch, span_mm

_REACH_MM = 1.0


def paint_dust(patch: Patch, annotation: Annotation, rng: np.random.Generator) -> None:
    """Paint pale or dark bodies that hide the mirror under them."""
    if annotation.strokes:
        _grains(patch, annotation, rng)
        return
    paste = annotation.style == "paste"
    level = float(rng.uniform(0.35, 0.95) if paste else 10 ** rng.uniform(-2.0, -0.4))
    hollow = 0.0 if paste or rng.random() < 0.35 else float(rng.uniform(0.4, 0.9))
    bump, shift = float(rng.uniform(0.1, 0.5)), rng.normal(0, 0.08, 2)
    for region in annotation.regions:
        own = float(rng.uniform(0.5, 1.0))
        part = patch.around(region, _REACH_MM)
        if part is not None:
            _spot(part, region, level * own, hollow, bump if paste else 0.0, shift if paste else None, rng)


def _grains(patch: Patch, annotation: Annotation, rng: np.random.Generator) -> None:
    """Specks and fibres; what is dark has a line of light along it."""
    level, shade = float(rng.uniform(0.15, 0.85)), float(rng.uniform(0.1, 0.5))
    shift, is_dark = rng.normal(0, 0.07, 2), annotation.style in ("lint", "hair") and rng.random() < 0.35
    ink, spots = patch.lines(annotation)
    share = ink.area_mm2 * patch.px_per_mm**2
    tone = np.array([stroke.strength for stroke in annotation.strokes])[ink.stroke]
    tone = tone * np.clip(0.85 + 0.35 * ink.wander(0.6, rng), 0.1, 1.5)
    body = np.minimum(spots.sum(share), 1)
    shadow = np.minimum(patch.spots(ink.at_mm + shift).sum(share), 1)
    np.maximum(patch.layers.dark, shade * np.clip(shadow - body, 0, 1), out=patch.layers.dark)
    if is_dark:
        np.maximum(patch.layers.dark, 0.8 * body, out=patch.layers.dark)
        lit = share * tone * (ink.across > 0) * np.clip(0.4 + 0.8 * ink.wander(2.5, rng), 0, 1)
        patch.layers.white[...] += 0.5 * level * np.minimum(spots.sum(lit), 1)
        return
    patch.layers.white[...] += level * np.minimum(spots.sum(share * tone), 1)
    patch.layers.rough[...] += body


def _spot(
    patch: Patch,
    region: NDArray[np.float64],
    level: float,
    hollow: float,
    bump: float,
    shift_mm: NDArray[np.float64] | None,
    rng: np.random.Generator,
) -> None:
    """A dried spot, paler in its middle by `hollow`, or a moist crumb that stands `bump` steep."""
    size = span_mm(region)
    soft = patch.fill(region, soft_mm=min(0.05, 0.1 * size))
    inner = patch.fill(region, soft_mm=0.22 * size)
    body = soft * np.clip(0.85 + 0.25 * patch_noise(patch, 0.3 * size, rng), 0.2, 1.3)
    body = body * (1 - hollow * np.clip(1.6 * inner - 0.3, 0, 1))
    patch.layers.white[...] += level * body
    patch.layers.rough[...] += np.float32(0.6 if bump == 0 else 0.1) * body
    if shift_mm is not None:
        shadow = patch.fill(region + shift_mm, soft_mm=0.05)
        np.maximum(patch.layers.dark, 0.4 * np.clip(shadow - soft, 0, 1), out=patch.layers.dark)
    if bump > 0:
        down, right = np.gradient(inner)
        steepest = max(float(np.abs(right).max()), float(np.abs(down).max()), 1e-6)
        patch.layers.slope_x[...] += np.float32(bump / steepest) * right
        patch.layers.slope_y[...] += np.float32(bump / steepest) * down


def patch_noise(patch: Patch, cell_mm: float, rng: np.random.Generator) -> FloatMap:
    """Noise no finer than a tenth of a millimetre."""
    return patch.noise(max(cell_mm, 0.1), rng)
