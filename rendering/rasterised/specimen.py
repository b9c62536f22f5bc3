"""One surface of one phone, rasterised once, to be lit and photographed in parts many times."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.configs.render_settings import RenderSettings
from phonegrade.core.arrays import FloatMap
from phonegrade.core.vocabulary import Surface
from phonegrade.datasets.annotations.annotation import Annotation, annotation_mask, canvas_hw, mm_from_raster
from phonegrade.datasets.labels import LABEL_PX_PER_MM
from phonegrade.rendering.camera import Pose
from phonegrade.rendering.device.screens import Screen
from phonegrade.rendering.device.surfaces import SurfaceMaps
from phonegrade.rendering.phone import Phone
from phonegrade.rendering.rasterise import rasterise_surface
from phonegrade.rendering.rasterised.shading import Mirror, draw_waviness, shade
from phonegrade.rendering.rasterised.window import Window, moved, window_of
from phonegrade.rendering.scene.backgrounds import draw_background
from phonegrade.rendering.scene.clutter import draw_clutter
from phonegrade.rendering.scene.hands import draw_hand
from phonegrade.rendering.scene.lighting import Environment
from phonegrade.rendering.wear.layers import Layers

GROUND_PX = 448
ROUND_MM = 25.0
"""How far round the surface hands and clutter are drawn."""
ROUND_MM_PER_PX = 0.25
FAR_MM = 400.0
"""How far over the surface the camera stands that hands are drawn for."""
_COARSE_TEXELS_PER_MM = 1.2
_LEAST_CHANGE = 1e-4
"""Slopes and shares below this change no grey level."""


@dataclass(frozen=True)
class Stencil:
    """Where one annotation lies on the label's canvas."""

    kind: str
    window: Window
    mask: NDArray[np.bool_]


@dataclass(frozen=True)
class Around:
    """What lies round the surface: grounds (GROUND_PX, GROUND_PX, 3) sRGB; things under and fingers over the device.

    Both layers (H, W, 4) span the surface and ROUND_MM on each side of it.
    """

    grounds: tuple[NDArray[np.uint8], ...]
    behind: NDArray[np.uint8] | None
    over: NDArray[np.uint8] | None


@dataclass(frozen=True)
class Specimen:
    """Texels of one surface with what is needed to light any part of it."""

    phone: Phone
    surface: Surface
    maps: SurfaceMaps
    layers: Layers | None
    touched: NDArray[np.uint8]
    """(H, W) 1 where defects or dirt change anything."""
    waviness: FloatMap
    stencils: tuple[Stencil, ...]
    around: Around

    @property
    def size_mm(self) -> tuple[float, float]:
        """(width, height) of the surface."""
        return self.phone.size_mm(self.surface)

    @property
    def px_per_mm(self) -> float:
        """Texels a millimetre."""
        return float(self.maps.gloss.shape[1] / self.size_mm[0])

    @property
    def mm_from_texel(self) -> NDArray[np.float64]:
        """(3, 3) from texels, centres at whole numbers, to surface mm."""
        return mm_from_raster(self.maps.gloss.shape, self.size_mm)

    def light(self, window: Window, environment: Environment, mirror: Mirror) -> tuple[FloatMap, FloatMap]:
        """Return the linear light (h, w, 3) of the texels in `window`, clean and worn; one array where both agree."""
        clean = self._shaded(window, None, environment, mirror)
        if self.layers is None or not self.touched[window].any():
            return clean, clean
        x, y, w, h = cv2.boundingRect(self.touched[window])
        part = window_of(np.array([x - 1.0, y - 1.0]), np.array([x + w, y + h], np.float64), clean.shape)
        worn = clean.copy()
        worn[part] = self._shaded(moved(part, window), self.layers, environment, mirror)
        return clean, worn

    def overview(self, environment: Environment, mirror: Mirror) -> FloatMap:
        """Return the linear light (h, w, 3) of the whole clean surface, coarse: what an exposure is metered on."""
        step = max(round(self.px_per_mm / _COARSE_TEXELS_PER_MM), 1)
        coarse = (slice(step // 2, None, step), slice(step // 2, None, step))
        return shade(_part(self.maps, coarse), None, environment, mirror, self.px_per_mm / step, self.waviness[coarse])

    def _shaded(self, window: Window, layers: Layers | None, environment: Environment, mirror: Mirror) -> FloatMap:
        rows, cols = window
        h, w = self.maps.gloss.shape
        x, y = ((cols.start + cols.stop - w) / 2, (rows.start + rows.stop - h) / 2)
        reach = mirror.spread_px_per_mm / self.px_per_mm
        c, s = np.cos(mirror.turn_rad) * reach, np.sin(mirror.turn_rad) * reach
        centre = (mirror.centre[0] + c * x - s * y, mirror.centre[1] + s * x + c * y)
        return shade(
            _part(self.maps, window),
            None if layers is None else layers.window(rows, cols),
            environment,
            replace(mirror, centre=(float(centre[0]), float(centre[1]))),
            self.px_per_mm,
            self.waviness[window],
        )


def prepare(
    phone: Phone, surface: Surface, screen: Screen, px_per_mm: float, settings: RenderSettings, rng: np.random.Generator
) -> Specimen:
    """Rasterise `surface` of `phone` and draw what it lies on or what holds it."""
    maps, layers = rasterise_surface(phone, surface, screen, px_per_mm)
    touched = np.zeros(maps.gloss.shape, np.uint8)
    if layers is not None:
        for part in (layers.cover, layers.white, layers.dark, layers.slope_x, layers.slope_y, layers.rough):
            touched |= np.abs(part) > _LEAST_CHANGE
    size_mm = phone.size_mm(surface)
    around = _draw_around(size_mm, phone.depth_mm(surface), 1 / px_per_mm, settings, rng)
    waviness = draw_waviness(maps.gloss.shape, px_per_mm, rng)
    return Specimen(
        phone,
        surface,
        maps,
        layers,
        touched,
        waviness,
        tuple(_stencils(phone.annotations[surface], maps, size_mm)),
        around,
    )


def _stencils(annotations: Sequence[Annotation], maps: SurfaceMaps, size_mm: tuple[float, float]) -> list[Stencil]:
    """Masks of all annotations; cracks are in glass alone."""
    hw = canvas_hw(size_mm, LABEL_PX_PER_MM)
    glass = cv2.resize(maps.glass.astype(np.uint8), hw[::-1], interpolation=cv2.INTER_NEAREST).astype(bool)
    stencils = []
    for annotation in annotations:
        mask = annotation_mask(annotation, hw, LABEL_PX_PER_MM)
        if annotation.kind == "crack":
            mask &= glass
        x, y, w, h = cv2.boundingRect(mask.astype(np.uint8))
        if w and h:
            window = (slice(y, y + h), slice(x, x + w))
            stencils.append(Stencil(annotation.kind, window, mask[window].copy()))
    return stencils


def _draw_around(
    size_mm: tuple[float, float],
    depth_mm: float,
    mm_per_px: float,
    settings: RenderSettings,
    rng: np.random.Generator,
) -> Around:
    w, h = (round((side + 2 * ROUND_MM) / ROUND_MM_PER_PX) for side in size_mm)
    corners = (np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * size_mm + ROUND_MM) / ROUND_MM_PER_PX
    quad = corners.astype(np.float32)
    grounds = tuple(draw_background(GROUND_PX, GROUND_PX, mm_per_px, rng, settings.grounds) for _ in range(2))
    if rng.random() < settings.hand_share:
        above = Pose((h, w), size_mm, np.eye(3), FAR_MM, FAR_MM / ROUND_MM_PER_PX, ((w - 1) / 2, (h - 1) / 2))
        hand = draw_hand(above, depth_mm, rng)
        return Around(grounds, hand.behind, hand.over)
    cluttered = rng.random() < settings.clutter_share
    return Around(grounds, draw_clutter(quad, ROUND_MM_PER_PX, h, w, rng) if cluttered else None, None)


def _part(maps: SurfaceMaps, window: Window) -> SurfaceMaps:
    return SurfaceMaps(
        maps.diffuse[window],
        maps.gloss[window],
        maps.roughness[window],
        maps.emission[window],
        maps.height[window],
        maps.body[window],
        maps.display[window],
        maps.camera[window],
        maps.glass[window],
    )
