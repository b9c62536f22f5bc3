"""One surface of one phone as texels: its clean maps and the paint of its wear, alike in every photo of it."""

import numpy as np

from phonegrade.core.vocabulary import Surface
from phonegrade.rendering.device.screens import Screen
from phonegrade.rendering.device.surfaces import SurfaceMaps, draw_surface
from phonegrade.rendering.phone import Phone
from phonegrade.rendering.wear.layers import Layers
from phonegrade.rendering.wear.paint import paint


def rasterise_surface(
    phone: Phone, surface: Surface, screen: Screen, px_per_mm: float
) -> tuple[SurfaceMaps, Layers | None]:
    """Return maps and paint of `surface` at `px_per_mm` texels per millimetre; no paint where it has no annotations."""
    maps = draw_surface(phone.style, surface, phone.size_mm(surface), px_per_mm, screen, phone.rng(surface))
    return maps, _painted(phone, surface, maps, px_per_mm) if phone.annotations[surface] else None


def _painted(phone: Phone, surface: Surface, maps: SurfaceMaps, px_per_mm: float) -> Layers:
    """Paint cracks first, as they are in glass alone; each annotation by its own generator, alike in every photo."""
    layers = Layers.empty(maps.gloss.shape)
    annotations = list(enumerate(phone.annotations[surface]))
    for number, annotation in annotations:
        if annotation.kind == "crack":
            paint(layers, annotation, px_per_mm, phone.paint_rng(surface, number))
    glass = maps.glass.astype(np.float32)
    for part in (layers.cover, layers.white, layers.dark, layers.slope_x, layers.slope_y, layers.rough):
        part *= glass
    for number, annotation in annotations:
        if annotation.kind != "crack":
            paint(layers, annotation, px_per_mm, phone.paint_rng(surface, number))
    return layers
