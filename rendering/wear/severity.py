"""The severity dial: which defects a phone's surfaces have, by the life it had.

| level | what it means |
|---|---|
| mint | nothing, or one hairline on a surface |
| light | hairlines and nicks below a millimetre |
| used | several scratches, some deep, a scuff, edge nicks |
| heavy | long deep scratches, scuffs, chips, dents, now and then a crack |
| wrecked | cracked or shattered glass, dents, chips of several millimetres |

No surface is worse than its phone, and one of the two faces is as bad; the others are as bad or better, so that a
wrecked phone may have a defect-free back.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from phonegrade.configs.render_settings import WearLevel
from phonegrade.core.vocabulary import Surface, View
from phonegrade.datasets.annotations.annotation import Annotation
from phonegrade.rendering.wear.cracks import draw_crack
from phonegrade.rendering.wear.curves import lognormal
from phonegrade.rendering.wear.defects import draw_chip, draw_dent, draw_scratch, draw_scuff
from phonegrade.rendering.wear.dirt import draw_dust, draw_oil, draw_smudge
from phonegrade.rendering.wear.resize import resized, widened


@dataclass(frozen=True)
class Sizes:
    """How many annotations of one kind a surface has (Poisson mean), and the median and largest of their lengths."""

    mean: float
    median_mm: float
    longest_mm: float


NONE = Sizes(0.0, 1.0, 1.0)


@dataclass(frozen=True)
class Wear:
    """What one level does to one surface."""

    scratch: Sizes
    deep_share: float
    scuff: Sizes
    chip: Sizes
    dent: Sizes
    cracks: float


WEAR = {
    WearLevel.MINT: Wear(Sizes(0.2, 1.8, 2.9), 0.0, NONE, NONE, NONE, 0.0),
    WearLevel.LIGHT: Wear(Sizes(1.6, 3.2, 9), 0.0, Sizes(0.05, 2, 3), Sizes(0.25, 0.5, 0.95), NONE, 0.0),
    WearLevel.USED: Wear(Sizes(2.8, 7, 25), 0.4, Sizes(0.35, 4, 9), Sizes(0.5, 0.8, 1.9), Sizes(0.08, 1.2, 1.9), 0.0),
    WearLevel.HEAVY: Wear(Sizes(4, 12, 60), 0.6, Sizes(0.6, 7, 20), Sizes(1, 1.4, 4.5), Sizes(0.4, 2.4, 6), 0.22),
    WearLevel.WRECKED: Wear(Sizes(4.5, 14, 70), 0.65, Sizes(0.8, 9, 24), Sizes(1.5, 2.2, 8), Sizes(0.9, 3.6, 9), 1.2),
}
SHARE = {
    View.FRONT: {"scratch": 1.0, "scuff": 0.5, "chip": 0.6, "dent": 0.0, "crack": 1.0},
    View.BACK: {"scratch": 0.9, "scuff": 1.0, "chip": 0.5, "dent": 0.7, "crack": 0.8},
    View.EDGE: {"scratch": 0.45, "scuff": 0.7, "chip": 0.8, "dent": 0.8, "crack": 0.0},
}
"""Share of a level's means that each view gets; dents are for what is no glass, cracks for what is."""
BETTER_BY = (0.35, 0.3, 0.2, 0.15)
"""Chance that a surface is as bad as its phone, or one, two, three levels better."""
LIMITS_MM = {"scratch": (3, 7, 10, 20), "scuff": (3, 5, 20), "chip": (1, 2, 5), "dent": (1, 2, 10)}
"""Where the trade's grades change: Griffyn's 3 and 7 mm, the nick of 1 mm, chips of 2 and 5 mm, our own policy's."""
LIMIT_WIDTH_MM = 0.15
LIMIT_COUNTS = (5, 10)
NEAR = 0.15
"""How far, as a share, a size is drawn from its limit."""
PANEL_FAULT_SHARE = {WearLevel.HEAVY: 0.5, WearLevel.WRECKED: 0.6}
"""Phones with a cracked front whose panel broke with it."""
_PANEL_TESTS = ("display_lines", "ink_bleed", "dead_pixels", "display_image")
_TRIES = 12


def surface_levels(level: WearLevel, rng: np.random.Generator) -> dict[Surface, WearLevel]:
    """Draw how worn each surface of a phone of `level` is."""
    levels = list(WearLevel)
    better = rng.choice(len(BETTER_BY), size=len(Surface), p=BETTER_BY)
    worst = Surface.FRONT if rng.random() < 0.55 else Surface.BACK
    return {
        surface: level if surface is worst else levels[max(levels.index(level) - int(by), 0)]
        for surface, by in zip(Surface, better, strict=True)
    }


def draw_wear(
    view: View,
    size_mm: tuple[float, float],
    level: WearLevel,
    is_glass: bool,
    near_limit_share: float,
    rng: np.random.Generator,
) -> list[Annotation]:
    """Draw the defects of one surface of (width, height) mm, cracks first; empty where it is defect-free."""
    wear, share = WEAR[level], SHARE[view]
    annotations = _cracks(wear.cracks * share["crack"], level, size_mm, rng) if is_glass else []
    count = int(rng.poisson(wear.scratch.mean * share["scratch"]))
    if wear.scratch.mean * share["scratch"] > 2 and rng.random() < near_limit_share:
        count = _nearest(LIMIT_COUNTS, count) + int(rng.integers(-1, 2))
    for _ in range(min(count, 1) if level is WearLevel.MINT else count):
        annotations.append(_scratch(wear, size_mm, near_limit_share, rng))
    draws: tuple[tuple[str, Sizes, Callable[[tuple[float, float], np.random.Generator], Annotation]], ...] = (
        ("scuff", wear.scuff, draw_scuff),
        ("chip", wear.chip, draw_chip),
        ("dent", wear.dent, draw_dent),
    )
    for kind, sizes, draw in draws:
        for _ in range(rng.poisson(0 if kind == "dent" and is_glass else sizes.mean * share[kind])):
            annotations.append(resized(draw(size_mm, rng), _length(kind, sizes, near_limit_share, rng), size_mm))
    return annotations


def draw_dirt(size_mm: tuple[float, float], rng: np.random.Generator) -> list[Annotation]:
    """Draw the contamination of one dirty surface."""
    draws = (draw_smudge, draw_oil, draw_dust)
    return [draws[int(rng.choice(3, p=[0.35, 0.35, 0.3]))](size_mm, rng) for _ in range(1 + rng.poisson(1.0))]


def draw_failed_tests(level: WearLevel, front_cracked: bool, rng: np.random.Generator) -> tuple[str, ...]:
    """Draw the tests of the display panel that this phone fails: the blow that cracked its glass may break it."""
    failed = rng.permutation(_PANEL_TESTS)[: 1 + int(rng.integers(2))]
    broken = rng.random() < PANEL_FAULT_SHARE.get(level, 0.0)
    return tuple(str(test) for test in failed) if front_cracked and broken else ()


def _cracks(mean: float, level: WearLevel, size_mm: tuple[float, float], rng: np.random.Generator) -> list[Annotation]:
    """A wrecked face is always cracked, and by the worse of two draws; a heavily worn one by the lesser."""
    wrecked = level is WearLevel.WRECKED
    count = int(rng.poisson(mean))
    if wrecked:
        count = min(max(count, 1), 3)
    cracks = []
    for _ in range(count):
        two = [draw_crack(size_mm, rng) for _ in range(2)]
        cracks.append((max if wrecked else min)(two, key=lambda crack: crack.length_mm))
    return cracks


def _scratch(wear: Wear, size_mm: tuple[float, float], near_share: float, rng: np.random.Generator) -> Annotation:
    deep = rng.random() < wear.deep_share
    for _ in range(_TRIES):
        annotation = draw_scratch(size_mm, rng)
        if (annotation.style != "hairline") == deep:
            break
    annotation = resized(annotation, _length("scratch", wear.scratch, near_share, rng), size_mm)
    if deep and rng.random() < near_share:
        annotation = widened(annotation, LIMIT_WIDTH_MM * rng.uniform(1 - NEAR, 1 + NEAR))
    return annotation


def _length(kind: str, sizes: Sizes, near_share: float, rng: np.random.Generator) -> float:
    """A length in mm: the level's own, or near the grading limit that is nearest to it."""
    drawn = lognormal(sizes.median_mm, 0.6, 0.25, sizes.longest_mm, rng)
    nudge = float(rng.uniform(1 - NEAR, 1 + NEAR))
    return _nearest(LIMITS_MM[kind], drawn) * nudge if rng.random() < near_share else drawn


def _nearest(limits: tuple[int, ...], value: float) -> int:
    return min(limits, key=lambda limit: abs(np.log(limit / max(value, 0.1))))
