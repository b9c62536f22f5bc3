"""Geometry of contamination: smudges, oil and water, dust and fibres; in surface millimetres."""

import numpy as np
from numpy.typing import NDArray

from phonegrade.datasets.annotations.annotation import Annotation, Stroke
from phonegrade.rendering.wear.curves import blob, clip_to, lognormal, smooth_curve

Size = tuple[float, float]
_SMUDGES = {"fingerprint": 0.35, "smear": 0.27, "wipe": 0.2, "residue": 0.1, "grease": 0.08}
_OILS = {"pool": 0.3, "drops": 0.34, "ring": 0.18, "film": 0.08, "drip": 0.1}
_DUSTS = {"specks": 0.46, "lint": 0.16, "hair": 0.1, "spots": 0.16, "paste": 0.12}


def draw_smudge(size_mm: Size, rng: np.random.Generator) -> Annotation:
    """Draw fingerprints, a smear dragged by a finger, the arcs of a wipe, glue that a sticker left, or grease."""
    style = _one_of(_SMUDGES, rng)
    at = rng.uniform(0.08, 0.92, 2) * size_mm
    match style:
        case "fingerprint":
            spread = float(rng.uniform(4, 30))
            places = [at, *(rng.normal(at, spread) for _ in range(int(rng.choice([0, 1, 3], p=[0.5, 0.3, 0.2]))))]
            hulls = [blob(p, lognormal(6.5, 0.2, 4, 10, rng), rng.uniform(1.1, 1.6), 0.1, rng) for p in places]
        case "smear":
            hulls = [blob(at, lognormal(9, 0.5, 4, 25, rng), rng.uniform(1.5, 6), 0.25, rng)]
        case "wipe":
            hulls = [blob(at, lognormal(24, 0.4, 8, 60, rng), rng.uniform(1, 4), 0.2, rng)]
        case "residue":
            hulls = [_torn_label(at, rng)]
        case _:
            hulls = [blob(at, lognormal(16, 0.5, 6, 45, rng), rng.uniform(1, 2.5), 0.25, rng)]
    kept = tuple(np.clip(hull, 0, size_mm) for hull in hulls)
    return Annotation("smudge", style, (), tuple(hull for hull in kept if np.ptp(hull, axis=0).min() > 0.5) or kept[:1])


def draw_oil(size_mm: Size, rng: np.random.Generator) -> Annotation:
    """Draw a pool or a rain of drops with bright rims, dried rings, a greasy film, or a trail that ran down."""
    style = _one_of(_OILS, rng)
    at = rng.uniform(0.08, 0.92, 2) * size_mm
    match style:
        case "pool":
            shapes = [
                blob(at, lognormal(6, 0.5, 2, 22, rng), rng.uniform(1, 2.6), float(rng.choice([0.05, 0.25])), rng)
            ]
        case "drops":
            shapes = _rain(at, size_mm, rng)
        case "ring":
            count = int(rng.choice([1, 2, 6], p=[0.5, 0.3, 0.2]))
            places = [at, *(rng.normal(at, 14) for _ in range(count - 1))]
            shapes = [blob(p, lognormal(4, 0.8, 0.6, 20, rng), rng.uniform(1, 1.8), 0.12, rng) for p in places]
        case "film":
            shapes = [blob(at, lognormal(9, 0.5, 3, 25, rng), rng.uniform(1, 2.2), 0.2, rng)]
        case _:
            heading = float(rng.choice([0, np.pi / 2])) + rng.normal(0, 0.2)
            shapes = [blob(at, lognormal(4, 0.4, 2, 9, rng), rng.uniform(5, 14), 0.15, rng, heading)]
    kept = [np.clip(shape, 0, size_mm) for shape in shapes]
    kept = [shape for shape in kept if np.ptp(shape, axis=0).min() > 0.15] or [
        np.clip(blob(at, 2, 1, 0.1, rng), 0, size_mm)
    ]
    return Annotation("oil", style, (), tuple(kept))


def draw_dust(size_mm: Size, rng: np.random.Generator) -> Annotation:
    """Draw a scatter of specks, lint, long hairs, dried spots, or crumbs of something white."""
    style = _one_of(_DUSTS, rng)
    match style:
        case "specks":
            count = int(lognormal(90, 0.8, 20, 400, rng))
            return Annotation("dust", style, (*_specks(size_mm, count, rng), *_fibres(size_mm, count // 14, 1.2, rng)))
        case "lint":
            fibres = _fibres(size_mm, int(rng.integers(1, 14)), 4, rng)
            return Annotation("dust", style, tuple(fibres)) if fibres else draw_dust(size_mm, rng)
        case "hair":
            fibres = _fibres(size_mm, int(rng.choice([1, 2, 3], p=[0.7, 0.2, 0.1])), 40, rng)
            return Annotation("dust", style, tuple(fibres)) if fibres else draw_dust(size_mm, rng)
        case "spots":
            count, median, roughness = int(rng.integers(1, 25)), 0.8, 0.1
        case _:
            count, median, roughness = int(rng.choice([1, 2, 3, 5])), 0.55, 0.3
    centre, spread = rng.uniform(0.05, 0.95, 2) * size_mm, lognormal(14, 0.8, 3, 60, rng)
    places = np.clip(rng.normal(centre, spread, (count, 2)), 0.5, np.array(size_mm) - 0.5)
    shapes = [blob(at, lognormal(median, 0.45, 0.2, 2.2, rng), rng.uniform(1, 1.8), roughness, rng) for at in places]
    return Annotation("dust", style, (), tuple(np.clip(shape, 0, size_mm) for shape in shapes))


def _one_of(shares: dict[str, float], rng: np.random.Generator) -> str:
    return str(rng.choice(list(shares), p=list(shares.values())))


def _torn_label(at: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """A rectangle with ragged sides."""
    half = np.array([rng.uniform(3, 22), rng.uniform(3, 14)])
    share = np.linspace(-1, 1, 9)[:-1]
    one = np.ones(8)
    rim = np.concatenate([np.stack(side, 1) for side in ((share, -one), (one, share), (-share, one), (-one, -share))])
    ragged = rim * half * (1 - abs(rng.normal(0, 0.06, (len(rim), 1))))
    turn = float(rng.choice([0, np.pi / 2])) + rng.normal(0, 0.15)
    return np.asarray(at + ragged @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]), np.float64)


def _rain(at: NDArray[np.float64], size_mm: Size, rng: np.random.Generator) -> list[NDArray[np.float64]]:
    """One drop, a few, or a spray of many small ones."""
    count = int(rng.choice([1, 5, 20, 60], p=[0.25, 0.3, 0.25, 0.2]) * rng.uniform(0.7, 1.4)) + 1
    median, spread = (1.6, 10.0) if count < 9 else (0.5, float(rng.uniform(8, 45)))
    places = np.clip(rng.normal(at, spread, (count, 2)), 0.3, np.array(size_mm) - 0.3)
    return [blob(p, lognormal(median, 0.5, 0.2, 4.5, rng), rng.uniform(1, 1.4), 0.06, rng) for p in places]


def _specks(size_mm: Size, count: int, rng: np.random.Generator) -> list[Stroke]:
    """Grains of .05 to 1.5 mm, longer than wide, thicker in one place than in others."""
    centre, spread = rng.uniform(0, 1, 2) * size_mm, float(rng.uniform(10, 90))
    room = np.array(size_mm)
    at = np.mod(rng.normal(centre, spread, (count, 2)), room)
    length = np.clip(0.13 * np.exp(rng.normal(0, 0.65, count)), 0.05, 1.5)
    width = np.clip(length * rng.uniform(0.3, 1.0, count), 0.04, 0.5)
    angle = rng.uniform(0, np.pi, count)
    half = (np.stack([np.cos(angle), np.sin(angle)], 1) * length[:, None]) / 2
    at = np.clip(at, 0.8, room - 0.8) if min(size_mm) > 2 else at
    strengths = rng.uniform(0.2, 1.0, count)
    return [
        Stroke(np.stack([a - h, a + h]), float(w), float(s))
        for a, h, w, s in zip(at, half, width, strengths, strict=True)
    ]


def _fibres(size_mm: Size, count: int, median_mm: float, rng: np.random.Generator) -> list[Stroke]:
    """Curled lint of `median_mm`; what is longer than a centimetre is a hair and bends gently."""
    fibres = []
    for _ in range(count):
        length = lognormal(median_mm, 0.5, 0.4, 90, rng)
        bend = 0.04 if length > 14 else 0.9 / np.sqrt(length)
        turn = float(rng.normal(0, 0.5 * bend))
        start = rng.uniform(0.02, 0.98, 2) * size_mm
        points = clip_to(smooth_curve(start, rng.uniform(0, 2 * np.pi), length, bend, rng, turn), size_mm, 0.01)
        if len(points) > 2:
            width = rng.uniform(0.05, 0.09) if length > 14 else rng.uniform(0.02, 0.06)
            fibres.append(Stroke(points, float(width), float(rng.uniform(0.3, 1.0))))
    return fibres
