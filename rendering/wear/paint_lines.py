"""Paint of what rubs over a surface: scratches and scuffs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap
from phonegrade.datasets.annotations.annotation import Annotation, Stroke
from phonegrade.datasets.annotations.raster import Trail, trail
from phonegrade.rendering.wear.layers import Patch

_PASS_MM = 0.07
"""A wider scratch is several grooves side by side."""
_SHAKE_MM = 0.25


@dataclass(frozen=True)
class _Groove:
    """One pass over a stroke."""

    path: Stroke
    first: int
    """The place along the stroke where it begins, of as many as the stroke's first groove has."""
    aside_mm: NDArray[np.float64]
    """How far from the stroke it runs at each of its places (N,)."""


@dataclass(frozen=True)
class _Scratch:
    """What is drawn of one scratch before anything is painted."""

    deep: bool
    level: float
    skips: float
    halo: float
    grooves: list[list[_Groove]]
    """Of each stroke."""

    @classmethod
    def draw(cls, annotation: Annotation, rng: np.random.Generator) -> "_Scratch":
        deep = annotation.style != "hairline"
        level = float(rng.uniform(0.3, 0.85) if deep else rng.uniform(0.15, 0.55))
        skips, halo = float(rng.uniform(0.1, 0.5) if deep else rng.uniform(0.1, 0.9)), float(rng.uniform(0.05, 0.3))
        return cls(deep, level, skips, halo, [_passes(stroke, rng) for stroke in annotation.strokes])


def scratch_width_mm(annotation: Annotation, rng: np.random.Generator) -> float:
    """Return the mean breadth of a scratch painted with `rng`, from the outermost groove on one side to the other.

    Its strokes' own width is the band in which their grooves wander, and which they seldom fill.
    """
    breadths = [_breadth_mm(grooves) for grooves in _Scratch.draw(annotation, rng).grooves]
    return float(np.average(breadths, weights=[stroke.length_mm for stroke in annotation.strokes]))


def paint_scratch(patch: Patch, annotation: Annotation, rng: np.random.Generator) -> None:
    """Paint grooves that glint in beads, press unevenly and fade out at both ends; deep ones are splintered."""
    drawn = _Scratch.draw(annotation, rng)
    level, skips, halo = drawn.level, drawn.skips, drawn.halo
    passes = [groove.path for grooves in drawn.grooves for groove in grooves]
    ink = trail([groove.points for groove in passes], [groove.width_mm for groove in passes], patch.px_per_mm)
    force = np.array([groove.strength for groove in passes])[ink.stroke]
    fade = np.clip(ink.from_ends_mm() / (0.12 * ink.length_mm[ink.stroke] + 0.15), 0, 1) ** 0.7
    pressure = fade * np.clip(1 - skips * (0.5 + 0.7 * ink.wander(2.5, rng)), 0, 1)
    beads = np.clip(np.exp(0.55 * ink.wander(0.16, rng) + 0.3 * ink.wander(0.7, rng) - 0.2), 0.1, 2.2)
    cover = _groove(patch, ink, pressure, 0.25 * ink.wander(0.16, rng) + 0.1 * ink.wander(1.2, rng))
    spots = patch.spots(ink.at_mm)
    patch.layers.white[...] += level * spots.sum(_share(patch, ink) * pressure * beads * force)
    if drawn.deep:
        patch.layers.rough[...] += halo * cover
        _splinters(patch, ink, level, rng)


def paint_scuff(patch: Patch, annotation: Annotation, rng: np.random.Generator) -> None:
    """Paint a patch of rubbed strokes under a haze, or coating worn down to what lies below."""
    if annotation.style == "rub":
        rub(patch, annotation.regions[0], rng)
    else:
        strokes = strokes_in(annotation.regions[0], float(rng.uniform(1.5, 7)), float(rng.uniform(0.04, 0.7)), rng)
        scrape(patch, annotation.regions[0], strokes, float(rng.uniform(0.2, 0.75)), rng)


def scrape(
    patch: Patch, region: NDArray[np.float64], strokes: list[Stroke], level: float, rng: np.random.Generator
) -> None:
    """`strokes` that keep to `region`, white by `level`, over a faint haze."""
    hazy, milky, dull = float(rng.uniform(0.1, 0.5)), float(rng.uniform(0, 0.04)), float(rng.uniform(0.3, 1.0))
    soft = np.clip(1.4 * patch.fill(region, soft_mm=0.5), 0, 1)
    fine = patch.noise(0.15, rng, 6.0, _heading(region))
    haze = soft * np.clip(0.5 + 0.25 * patch.noise(1.5, rng) + 0.35 * fine, 0, 1.5)
    ink = trail([stroke.points for stroke in strokes], [stroke.width_mm for stroke in strokes], patch.px_per_mm)
    force = np.array([stroke.strength for stroke in strokes])[ink.stroke]
    pressure = np.clip(0.7 + 0.5 * ink.wander(1.0, rng), 0, 1) * force
    white = patch.spots(ink.at_mm).sum(_share(patch, ink) * pressure * np.clip(0.9 + 0.4 * ink.wander(0.14, rng), 0, 2))
    before = patch.layers.cover.copy()
    _groove(patch, ink, pressure, 0.22 * ink.wander(0.16, rng))
    patch.layers.cover[...] = before + (patch.layers.cover - before) * soft
    patch.layers.white[...] += soft * level * np.minimum(white, 1) * dull + haze * milky
    patch.layers.rough[...] += haze * hazy


def rub(patch: Patch, region: NDArray[np.float64], rng: np.random.Generator) -> None:
    """Paint or coating worn off: solid in the middle, speckled and streaked towards the edge."""
    bright, is_dark = float(rng.uniform(0.12, 0.5)), rng.random() < 0.15
    turn = _heading(region)
    radius = float(np.sqrt(_area(region) / np.pi))
    worn = 1.25 * patch.fill(region, soft_mm=0.35 * radius) - 0.55
    worn += 0.16 * patch.noise(0.7, rng) + 0.2 * patch.noise(0.16, rng, 5.0, turn) + 0.08 * patch.noise(0.1, rng)
    bare = np.clip(worn / 0.12, 0, 1)
    tone = np.clip(0.85 + 0.25 * patch.noise(0.12, rng, 8.0, turn), 0.2, 1.3)
    if is_dark:
        patch.layers.dark[...] = np.maximum(patch.layers.dark, 0.7 * bare)
    else:
        patch.layers.white[...] += bright * bare * tone
    patch.layers.rough[...] += 0.15 * bare
    lip = 0.06 * bare
    patch.layers.slope_x[...] += lip * patch.noise(0.45, rng)
    patch.layers.slope_y[...] += lip * patch.noise(0.45, rng)


def strokes_in(
    region: NDArray[np.float64], per_mm2: float, spread_rad: float, rng: np.random.Generator
) -> list[Stroke]:
    """Fine strokes about the middle of `region`, most along its length."""
    low, high = region.min(axis=0), region.max(axis=0)
    area = _area(region)
    count = int(np.clip(per_mm2 * area**0.8, 12, 500))
    heading = (_heading(region) if rng.random() < 0.6 else rng.uniform(0, np.pi)) + rng.normal(0, spread_rad, count)
    length = np.sqrt(area) * rng.uniform(0.15, 0.9, count)
    middle = (low + high) / 2 + rng.normal(0, 0.3, (count, 2)) * (high - low)
    way = np.stack([np.cos(heading), np.sin(heading)], axis=1)
    bow = np.stack([-way[:, 1], way[:, 0]], axis=1) * rng.normal(0, 0.03, (count, 1))
    share = np.linspace(-0.5, 0.5, 5)
    curve = way[:, None] * share[:, None] + bow[:, None] * (1 - 4 * share**2)[:, None]
    points = middle[:, None] + curve * length[:, None, None]
    widths, strengths = 0.035 * np.exp(rng.normal(0, 0.5, count)), rng.uniform(0.2, 1.0, count)
    return [Stroke(p, float(w), float(s)) for p, w, s in zip(points, widths, strengths, strict=True)]


def _breadth_mm(grooves: list[_Groove]) -> float:
    places = len(grooves[0].aside_mm)
    low, high = np.full(places, np.inf), np.full(places, -np.inf)
    for groove in grooves:
        here = slice(groove.first, groove.first + len(groove.aside_mm))
        low[here] = np.minimum(low[here], groove.aside_mm - groove.path.width_mm / 2)
        high[here] = np.maximum(high[here], groove.aside_mm + groove.path.width_mm / 2)
    return float((high - low).mean())


def _passes(stroke: Stroke, rng: np.random.Generator) -> list[_Groove]:
    """The single grooves of one stroke: the first runs all along it, the others shift and end beside it."""
    count = 1 + min(int(rng.poisson(stroke.width_mm / _PASS_MM)), 6)
    if count == 1:
        return [_Groove(stroke, 0, np.zeros(1))]
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(stroke.points, axis=0).T))])
    place = np.linspace(0, along[-1], max(int(along[-1] / _SHAKE_MM), 8))
    points = np.stack([np.interp(place, along, stroke.points[:, 0]), np.interp(place, along, stroke.points[:, 1])], 1)
    way = np.gradient(points, axis=0)
    way /= np.maximum(np.hypot(*way.T), 1e-9)[:, None]
    normal = np.stack([way[:, 1], -way[:, 0]], axis=1)
    share = place / along[-1]
    belly = np.sqrt(np.clip(1 - (2 * share - 1) ** 2, 0.05, 1))
    grooves = []
    for number in range(count):
        width = stroke.width_mm / count * float(rng.uniform(0.5, 1.4))
        first, last = (0.0, 1.0) if number == 0 else sorted(rng.uniform(0, 1, 2))
        drift = np.interp(share, np.linspace(0, 1, 6), np.clip(rng.normal(0, 0.35, 6), -0.5, 0.5))
        shake = np.cumsum(rng.normal(0, 0.08, len(share)))
        shake -= np.interp(share, [0, 1], shake[[0, -1]])
        aside = np.clip(drift + 0.6 * shake, -0.5, 0.5) * belly * max(stroke.width_mm - width, 0.0)
        inside = (share >= first) & (share <= last)
        if inside.sum() > 2:
            beside = (points + normal * aside[:, None])[inside]
            path = Stroke(beside, width, stroke.strength * float(rng.uniform(0.5, 1)))
            grooves.append(_Groove(path, int(inside.argmax()), aside[inside]))
    return grooves


def _groove(patch: Patch, ink: Trail, pressure: NDArray[np.float64], facing: NDArray[np.float64]) -> FloatMap:
    """Add a groove whose walls face across its way by the slopes `facing` (N); return its cover (h, w)."""
    spots, share = patch.spots(ink.at_mm), _share(patch, ink) * pressure
    cover = np.minimum(spots.sum(share), 1)
    np.maximum(patch.layers.cover, cover, out=patch.layers.cover)
    patch.layers.slope_x[spots.at] += np.clip(spots.gather(share * facing * ink.normal[:, 0]), -1, 1)
    patch.layers.slope_y[spots.at] += np.clip(spots.gather(share * facing * ink.normal[:, 1]), -1, 1)
    return cover


def _share(patch: Patch, ink: Trail) -> NDArray[np.float64]:
    """Share of a texel that each point of a trail covers."""
    return np.asarray(ink.area_mm2 * patch.px_per_mm**2, np.float64)


def _splinters(patch: Patch, ink: Trail, level: float, rng: np.random.Generator) -> None:
    """Tiny chips thrown out along a deep groove."""
    total = float(ink.length_mm.sum())
    count = int(rng.poisson(float(rng.uniform(0.3, 2.5)) * total))
    if count == 0:
        return
    along = np.cumsum(ink.area_mm2)
    chosen = np.searchsorted(along, rng.uniform(0, along[-1], count)).clip(0, len(along) - 1)
    at = ink.at_mm[chosen] + rng.normal(0, 0.6, (count, 2)) * ink.width_mm[ink.stroke[chosen], None]
    area_mm2 = 0.005 * np.exp(rng.normal(0, 1.0, count))
    spots = patch.spots(at)
    patch.layers.white[...] += level * np.minimum(spots.sum(area_mm2 * patch.px_per_mm**2), 1)


def _area(region: NDArray[np.float64]) -> float:
    """Of a polygon (N, 2), mm2."""
    x, y = region.T
    return abs(float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))) / 2


def _heading(region: NDArray[np.float64]) -> float:
    """Direction of a polygon's longer axis."""
    centred = region - region.mean(axis=0)
    axis = np.linalg.svd(centred, full_matrices=False)[2][0]
    return float(np.arctan2(axis[1], axis[0]))
