"""Paint of annotations on texel layers: coverage, slopes, roughness, white and dark; light then shows the damage.

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

_REACH_MM = {"crack": 4.0, "dent": 10.0, "smudge": 7.0, "scuff": 1.5}
"""How far a kind fades out beyond its outline."""


def paint(layers: Layers, annotation: Annotation, px_per_mm: float, rng: np.random.Generator) -> None:
    """Add `annotation` to `layers`, those of a whole surface, in place; the same `rng` paints the same at any scale."""
    if annotation.kind == "crack":
        tilt_shards(layers, annotation, px_per_mm, rng)
    patch = patch_of(layers, annotation, px_per_mm, _REACH_MM.get(annotation.kind, 0.0))
    if patch is not None:
        _paint(patch, annotation, rng)


def _paint(patch: Patch, annotation: Annotation, rng: np.random.Generator) -> None:
    match annotation.kind:
        case "scratch":
            paint_scratch(patch, annotation, rng)
        case "crack":
            paint_crack(patch, annotation, rng)
        case "scuff":
            paint_scuff(patch, annotation, rng)
        case "chip":
            paint_chip(patch, annotation, rng)
        case "dent":
            paint_dent(patch, annotation, rng)
        case "smudge":
            paint_smudge(patch, annotation, rng)
        case "oil":
            paint_oil(patch, annotation, rng)
        case "dust":
            paint_dust(patch, annotation, rng)
        case _:
            raise ValueError(f"no painter for annotation kind {annotation.kind!r}")
