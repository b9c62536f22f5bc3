"""The severity dial: which defects a surface has, by the life its phone had."""

import numpy as np

from phonegrade.configs.rendering import WearLevel
from phonegrade.configs.vocabulary import View
from phonegrade.datasets.wear.cracks import draw_crack
from phonegrade.datasets.wear.defects import draw_chip, draw_dent, draw_scratch, draw_scuff
from phonegrade.datasets.wear.dirt import draw_dust, draw_oil, draw_smudge
from phonegrade.datasets.wear.marks import Mark

DEFECT_MIX = {
    View.FRONT: {"crack": 0.36, "scratch": 0.4, "scuff": 0.1, "chip": 0.14},
    View.BACK: {"crack": 0.22, "scratch": 0.38, "scuff": 0.22, "chip": 0.12, "dent": 0.06},
    View.EDGE: {"scratch": 0.27, "scuff": 0.25, "chip": 0.24, "dent": 0.24},
}
"""What kind the next defect is, by view."""
MEAN_DEFECTS = {
    WearLevel.MINT: 0.0,
    WearLevel.LIGHT: 0.7,
    WearLevel.USED: 1.8,
    WearLevel.HEAVY: 3.5,
    WearLevel.WRECKED: 6.0,
}
"""Poisson mean of the defects of one surface."""


def draw_wear(view: View, size_mm: tuple[float, float], level: WearLevel, rng: np.random.Generator) -> list[Mark]:
    """The defects of one surface of a phone; empty where it is sound."""
    mix = DEFECT_MIX[view]
    kinds = rng.choice(list(mix), size=rng.poisson(MEAN_DEFECTS[level]), p=list(mix.values()))
    return [_draw_defect(str(kind), size_mm, rng) for kind in sorted(kinds, key=lambda kind: kind != "crack")]


def draw_dirt(size_mm: tuple[float, float], rng: np.random.Generator) -> list[Mark]:
    """Contamination of one dirty surface."""
    draws = (draw_smudge, draw_oil, draw_dust)
    return [draws[int(rng.choice(3, p=[0.35, 0.35, 0.3]))](size_mm, rng) for _ in range(1 + rng.poisson(1.0))]


def _draw_defect(kind: str, size_mm: tuple[float, float], rng: np.random.Generator) -> Mark:
    match kind:
        case "crack":
            return draw_crack(size_mm, rng)
        case "scratch":
            return draw_scratch(size_mm, rng)
        case "scuff":
            return draw_scuff(size_mm, rng)
        case "chip":
            return draw_chip(size_mm, rng)
        case "dent":
            return draw_dent(size_mm, rng)
        case _:
            raise ValueError(f"no such defect kind: {kind!r}")
