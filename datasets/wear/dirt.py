"""Geometry of contamination: smears, fingerprints, oil, drops, dust, lint; in surface millimetres."""

import numpy as np

from phonegrade.datasets.wear.curves import blob, clip_to, lognormal, smooth_curve
from phonegrade.datasets.wear.marks import Mark, Stroke


def draw_smudge(size_mm: tuple[float, float], rng: np.random.Generator) -> Mark:
    """A fingerprint (ridged ellipse) or a smear dragged by a finger."""
    at = rng.uniform(0.08, 0.92, 2) * size_mm
    if rng.random() < 0.5:
        hull = blob(at, lognormal(7, 0.2, 4, 11, rng), rng.uniform(1.1, 1.6), 0.12, rng)
        return Mark("smudge", "fingerprint", (), (np.clip(hull, 0, size_mm),))
    hull = blob(at, lognormal(9, 0.5, 4, 25, rng), rng.uniform(1.5, 5), 0.25, rng)
    return Mark("smudge", "smear", (), (np.clip(hull, 0, size_mm),))


def draw_oil(size_mm: tuple[float, float], rng: np.random.Generator) -> Mark:
    """A drop or pool with a bright meniscus, a dried ring, or a greasy film."""
    style = str(rng.choice(["drop", "ring", "film"], p=[0.6, 0.2, 0.2]))
    radius = lognormal(6 if style == "drop" else 8, 0.6, 0.7, 22, rng)
    outline = blob(rng.uniform(0.1, 0.9, 2) * size_mm, radius, rng.uniform(1, 2.2), float(rng.choice([0.04, 0.2])), rng)
    return Mark("oil", style, (), (np.clip(outline, 0, size_mm),), depth_mm=float(rng.uniform(0.1, 0.6)))


def draw_dust(size_mm: tuple[float, float], rng: np.random.Generator) -> Mark:
    """Specks, dried spots or lint fibres, one scatter an instance."""
    style = str(rng.choice(["specks", "spots", "lint"], p=[0.45, 0.3, 0.25]))
    if style == "lint":
        strokes = []
        for _ in range(int(rng.integers(1, 5))):
            start = rng.uniform(0.02, 0.98, 2) * size_mm
            points = clip_to(smooth_curve(start, rng.uniform(0, 7), lognormal(4, 0.5, 1, 14, rng), 0.45, rng), size_mm)
            if len(points) > 2:
                strokes.append(Stroke(points, float(rng.uniform(0.03, 0.09)), float(rng.uniform(0.3, 0.9))))
        return Mark("dust", style, tuple(strokes)) if strokes else draw_dust(size_mm, rng)
    centre, spread = rng.uniform(0.05, 0.95, 2) * size_mm, float(rng.uniform(3, 60))
    count = int(rng.integers(4, 70) if style == "specks" else rng.integers(1, 6))
    median = 0.14 if style == "specks" else 0.8
    regions = []
    for _ in range(count):
        at = np.clip(rng.normal(centre, spread), 0.5, np.array(size_mm) - 0.5)
        speck = blob(at, lognormal(median, 0.5, 0.06, 2.2, rng), rng.uniform(1, 1.8), 0.25, rng)
        regions.append(np.clip(speck, 0, size_mm))
    return Mark("dust", style, (), tuple(regions))
