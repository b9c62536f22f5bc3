"""One surface of one phone as texels: its clean maps and the paint of its marks, alike in every photo of it."""

import numpy as np

from phonegrade.core.vocabulary import Surface
from phonegrade.rendering.device.screens import Screen
from phonegrade.rendering.device.surfaces import SurfaceMaps, draw_surface
from phonegrade.rendering.phone import Phone
from phonegrade.rendering.wear.paint import Layers, paint


def bake(phone: Phone, surface: Surface, screen: Screen, px_per_mm: float) -> tuple[SurfaceMaps, Layers | None]:
    """Maps and paint of `surface` at `px_per_mm` texels a millimetre; no paint where it has no marks."""
    maps = draw_surface(phone.style, surface, phone.size_mm(surface), px_per_mm, screen, phone.rng(surface))
    return maps, _painted(phone, surface, maps, px_per_mm) if phone.marks[surface] else None


def _painted(phone: Phone, surface: Surface, maps: SurfaceMaps, px_per_mm: float) -> Layers:
    """Cracks first, as they are in glass alone. Each mark's generator is its own: it looks alike in every photo."""
    layers = Layers.empty(maps.gloss.shape)
    marks = list(enumerate(phone.marks[surface]))
    for number, mark in marks:
        if mark.kind == "crack":
            paint(layers, mark, px_per_mm, phone.paint_rng(surface, number))
    glass = maps.glass.astype(np.float32)
    for part in (layers.cover, layers.white, layers.dark, layers.slope_x, layers.slope_y, layers.rough):
        part *= glass
    for number, mark in marks:
        if mark.kind != "crack":
            paint(layers, mark, px_per_mm, phone.paint_rng(surface, number))
    return layers
