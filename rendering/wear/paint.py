"""Paints marks into texel layers: coverage, slopes, roughness, white and dark, so that light itself shows the damage.

Sub-texel widths become fractional coverage and a groove is written as slopes across its way that change as it runs: it
then glints in beads, dark on a lamp's reflection and bright on black glass, as real scratches do.
"""

import numpy as np

from phonegrade.datasets.annotations.annotation import Annotation
from phonegrade.rendering.wear.layers import Layers, Patch, patch_of
from phonegrade.rendering.wear.paint_cracks import paint_crack, tilt_shards
from phonegrade.rendering.wear.paint_dust import paint_dust
from phonegrade.rendering.wear.paint_hollows import paint_chip, paint_dent
from phonegrade.rendering.wear.paint_lines import paint_scratch, paint_scuff
from phonegrade.rendering.wear.paint_smudges import paint_smudge
from phonegrade.rendering.wear.paint_wet import paint_oil

__all__ = ["Layers", "paint"]

_REACH_MM = {"crack": 4.0, "dent": 10.0, "smudge": 7.0, "scuff": 1.5}
"""How far a kind fades out beyond its outline."""


def paint(layers: Layers, mark: Annotation, px_per_mm: float, rng: np.random.Generator) -> None:
    """Adds `mark` to `layers`, those of a whole surface, in place; the same `rng` gives the same mark at any scale."""
    if mark.kind == "crack":
        tilt_shards(layers, mark, px_per_mm, rng)
    patch = patch_of(layers, mark, px_per_mm, _REACH_MM.get(mark.kind, 0.0))
    if patch is not None:
        _paint(patch, mark, rng)


def _paint(patch: Patch, mark: Annotation, rng: np.random.Generator) -> None:
    match mark.kind:
        case "scratch":
            paint_scratch(patch, mark, rng)
        case "crack":
            paint_crack(patch, mark, rng)
        case "scuff":
            paint_scuff(patch, mark, rng)
        case "chip":
            paint_chip(patch, mark, rng)
        case "dent":
            paint_dent(patch, mark, rng)
        case "smudge":
            paint_smudge(patch, mark, rng)
        case "oil":
            paint_oil(patch, mark, rng)
        case "dust":
            paint_dust(patch, mark, rng)
        case _:
            raise ValueError(f"no painter for mark kind {mark.kind!r}")
