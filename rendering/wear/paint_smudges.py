"""Paint of what fingers and cloths leave: prints, smears, the arcs of a wipe, glue and grease."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap
from phonegrade.datasets.annotations.annotation import Annotation
from phonegrade.datasets.annotations.raster import trail
from phonegrade.rendering.wear.layers import Patch, blurred, outline_grid

_PRINT_PX_PER_MM = 12.0


def paint_smudge(patch: Patch, annotation: Annotation, rng: np.random.Generator) -> None:
    """Paint a film that dulls the mirror and is a little pale."""
    dull, pale = float(rng.uniform(0.06, 0.4)), float(10 ** rng.uniform(-2.7, -1.4))
    match annotation.style:
        case "fingerprint":
            for region in annotation.regions:
                part = patch.around(region, 4.0)
                if part is not None:
                    _dull(part, _fingerprint(part, region, rng), dull, pale)
            return
        case "smear":
            film = _smear(patch, annotation.regions[0], rng)
        case "wipe":
            film, dull, pale = _wipe(patch, annotation.regions[0], rng), 0.6 * dull, 0.6 * pale
        case "residue":
            film = _residue(patch, annotation.regions[0], rng)
        case _:
            film = patch.fill(annotation.regions[0], soft_mm=3.0)
            film *= np.clip(0.6 + 0.5 * patch.noise(5.0, rng) + 0.15 * patch.noise(0.6, rng), 0, 1.3)
    _dull(patch, film, dull, pale)


def _dull(patch: Patch, film: FloatMap, dull: float, pale: float) -> None:
    patch.layers.rough[...] += np.float32(dull) * film
    patch.layers.white[...] += np.float32(pale) * film


def _fingerprint(patch: Patch, region: NDArray[np.float64], rng: np.random.Generator) -> FloatMap:
    """Ridges .4 to .55 mm apart round a core or over an arch, broken by pores and by uneven pressure."""
    soft_mm, pitch = float(rng.uniform(0.4, 1.4)), float(rng.uniform(0.4, 0.55))
    squeeze, arch = float(rng.uniform(0.5, 1.0)), float(rng.choice([0.0, 0.6, 1.2]))
    turn, uneven = float(rng.uniform(0, np.pi)), float(rng.uniform(0.1, 0.35))
    drag = float(rng.choice([0.0, 0.5, 1.5], p=[0.6, 0.25, 0.15]))
    low, fine, inside = outline_grid(region, 3.0, 1e4, _PRINT_PX_PER_MM)
    h, w = inside.shape
    centre = (region.mean(axis=0) - low) * fine + rng.normal(0, 1.2 * fine, 2)
    yy, xx = np.mgrid[:h, :w].astype(np.float32)
    c, s = np.float32(np.cos(turn) / fine), np.float32(np.sin(turn) / fine)
    x, y = (xx - centre[0]) * c + (yy - centre[1]) * s, (yy - centre[1]) * c - (xx - centre[0]) * s
    wave = np.hypot(x * np.float32(squeeze), y) if arch == 0 else y + np.float32(2.5 * arch) * np.exp(-x * x / 9)
    wave = wave + 0.3 * _clouds((h, w), 3 * fine, rng)
    ridges = np.clip(0.5 + 0.9 * np.sin(wave * np.float32(2 * np.pi / pitch)), 0, 1)
    ridges *= np.clip(0.9 + 0.4 * _clouds((h, w), 0.25 * fine, rng), 0, 1)
    pressure = blurred(inside, soft_mm * fine) * np.clip(0.85 + uneven * _clouds((h, w), 2.5 * fine, rng), 0.05, 1.3)
    film = pressure * (0.25 + 0.75 * blurred(np.asarray(ridges, np.float32), drag * pitch * 0.4 * fine))
    return patch.place(np.asarray(film, np.float32), low, fine)


def _smear(patch: Patch, region: NDArray[np.float64], rng: np.random.Generator) -> FloatMap:
    """Lanes along the way a finger went, thick where it began."""
    turn, soft_mm = float(rng.uniform(0, np.pi)), float(rng.uniform(0.5, 2.5))
    fine, streaky = float(rng.uniform(0.12, 0.4)), float(rng.uniform(0.2, 0.7))
    lanes = 0.55 + streaky * (patch.noise(fine, rng, 60, turn) * 0.5 + patch.noise(4 * fine, rng, 12, turn) * 0.6)
    lanes += 0.25 * patch.noise(6.0, rng)
    return np.asarray(patch.fill(region, soft_mm=soft_mm) * np.clip(lanes, 0, 1.5), np.float32)


def _wipe(patch: Patch, region: NDArray[np.float64], rng: np.random.Generator) -> FloatMap:
    """Faint parallel arcs that a cloth or thumb drew, denser here and there."""
    radius, turn = float(10 ** rng.uniform(1.3, 2.6)), float(rng.uniform(0, 2 * np.pi))
    thin, sparse = float(rng.uniform(0.08, 0.3)), float(rng.uniform(0.0, 1.2))
    reach = float(np.hypot(*np.ptp(region, axis=0)))
    hub = region.mean(axis=0) + radius * np.array([np.cos(turn), np.sin(turn)])
    fine = _lane(reach, thin, rng)
    broad = _lane(reach, 9 * thin, rng)
    h, w = patch.shape
    x = patch.origin_mm[0] - hub[0] + (np.arange(w, dtype=np.float32)[None] + 0.5) / patch.px_per_mm
    y = patch.origin_mm[1] - hub[1] + (np.arange(h, dtype=np.float32)[:, None] + 0.5) / patch.px_per_mm
    out = np.asarray(np.hypot(x, y) - (radius - reach), np.float32)
    zero = np.zeros_like(out)
    lanes = 0.5 * cv2.remap(fine, out / np.float32(thin), zero, cv2.INTER_LINEAR)
    lanes = lanes + cv2.remap(broad, out / np.float32(9 * thin), zero, cv2.INTER_LINEAR)
    lanes = lanes * np.float32(0.8) + 0.5 * patch.noise(8.0, rng) - np.float32(sparse - 0.5)
    return np.asarray(patch.fill(region, soft_mm=3.0) * np.clip(lanes, 0, 1.5), np.float32)


def _lane(reach_mm: float, cell_mm: float, rng: np.random.Generator) -> FloatMap:
    """One row of noise, long enough for arcs 2 * `reach_mm` apart."""
    return rng.standard_normal((1, int(2 * reach_mm / cell_mm) + 4), dtype=np.float32)


def _residue(patch: Patch, region: NDArray[np.float64], rng: np.random.Generator) -> FloatMap:
    """Glue of a label: sticky islands with a crumpled skin, and a rim that has caught dirt."""
    dirt, kept = float(rng.uniform(0.1, 0.7)), float(rng.uniform(0.0, 0.7))
    soft = patch.fill(region, soft_mm=0.12)
    islands = np.clip(kept + 0.8 * patch.noise(2.2, rng) + 0.4 * patch.noise(0.5, rng), 0, 1.4)
    ink = trail([np.concatenate([region, region[:1]])], [float(rng.uniform(0.2, 0.7))], patch.px_per_mm)
    force = np.clip(0.3 + 0.6 * ink.wander(3.0, rng) + 0.6 * ink.wander(0.2, rng), 0, 1.5)
    rim = patch.spots(ink.at_mm).sum(ink.area_mm2 * patch.px_per_mm**2 * force)
    specks = np.clip(patch.noise(0.15, rng) - 1.4, 0, 1) * islands * soft
    np.maximum(patch.layers.dark, np.clip(dirt * (0.6 * rim + specks), 0, 0.8), out=patch.layers.dark)
    skin = np.float32(0.03) * soft * islands
    patch.layers.slope_x[...] += skin * patch.noise(0.4, rng)
    patch.layers.slope_y[...] += skin * patch.noise(0.4, rng)
    return np.asarray(1.5 * soft * islands + rim, np.float32)


def _clouds(shape: tuple[int, int], cell_px: float, rng: np.random.Generator) -> FloatMap:
    """Smooth noise (h, w) of about unit deviation on a grid of its own."""
    small = (max(int(shape[0] / cell_px) + 2, 2), max(int(shape[1] / cell_px) + 2, 2))
    field = rng.standard_normal(small, dtype=np.float32)
    return np.asarray(cv2.resize(field, shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)
