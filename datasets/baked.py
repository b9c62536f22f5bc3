"""One surface of one phone as texels: its clean maps and the paint of its marks, alike in every photo of it."""

import numpy as np

from phonegrade.configs.vocabulary import Surface
from phonegrade.datasets.device.screens import Screen
from phonegrade.datasets.device.surfaces import SurfaceMaps, draw_surface
from phonegrade.datasets.phone import Phone
from phonegrade.datasets.wear.marks import Mark
from phonegrade.datasets.wear.paint import Layers, paint


def bake(phone: Phone, surface: Surface, screen: Screen, px_per_mm: float) -> tuple[SurfaceMaps, Layers | None]:
    """Maps and paint of `surface` at `px_per_mm` texels a millimetre; no paint where it has no marks."""
    looks, marks = phone.rng(surface), phone.marks[surface]
    maps = draw_surface(phone.style, surface, phone.size_mm(surface), px_per_mm, screen, looks)
    return maps, _painted(maps, marks, px_per_mm, looks) if marks else None


def _painted(maps: SurfaceMaps, marks: tuple[Mark, ...], px_per_mm: float, rng: np.random.Generator) -> Layers:
    """Each mark is painted from a generator of its own, so that it looks alike in every photo of its phone."""
    layers = Layers.empty(maps.gloss.shape)
    seeds = rng.integers(2**63, size=len(marks))
    cracks = [mark.kind == "crack" for mark in marks]
    for seed, mark in (pair for pair, crack in zip(zip(seeds, marks, strict=True), cracks, strict=True) if crack):
        paint(layers, mark, px_per_mm, np.random.default_rng(seed))
    glass = maps.glass.astype(np.float32)
    for part in (layers.cover, layers.white, layers.dark, layers.slope_x, layers.slope_y, layers.rough):
        part *= glass
    for seed, mark in (pair for pair, crack in zip(zip(seeds, marks, strict=True), cracks, strict=True) if not crack):
        paint(layers, mark, px_per_mm, np.random.default_rng(seed))
    return layers
