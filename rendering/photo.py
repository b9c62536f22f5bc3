"""One rendered photo with its truth: surface, annotations, light, pose, surroundings and camera put together."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import assert_never

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.configs.render_settings import RenderSettings
from phonegrade.core.arrays import FloatMap
from phonegrade.core.vocabulary import Surface
from phonegrade.datasets.annotations.annotation import Annotation, annotation_mask, canvas_hw, mm_from_raster
from phonegrade.datasets.labels import (
    LABEL_PX_PER_MM,
    change_between,
    contrasts,
    fades_out,
    label_of,
    noise_map,
    visible_from,
)
from phonegrade.rendering.camera import Pose, to_linear
from phonegrade.rendering.device.screens import Screen
from phonegrade.rendering.device.surfaces import SurfaceMaps
from phonegrade.rendering.exposure import expose, meter
from phonegrade.rendering.lit import Lit, Scene, over
from phonegrade.rendering.path_traced.trace import path_traced_light
from phonegrade.rendering.phone import Phone
from phonegrade.rendering.rasterise import rasterise_surface
from phonegrade.rendering.rasterised.compose import rasterised_light
from phonegrade.rendering.scene.backdrop import draw_backdrop, draw_empty
from phonegrade.rendering.scene.hands import draw_hand
from phonegrade.rendering.scene.lighting import draw_environment

REGION_LONG_SIDE_PX = 512


class Route(StrEnum):
    """How light gets from the lamps to the picture."""

    RASTERISED = "rasterised"
    PATH_TRACED = "path_traced"


@dataclass(frozen=True)
class RenderedPhoto:
    """A photo (H, W, 3) RGB with its label on the canvas and its region mask."""

    rgb: NDArray[np.uint8]
    label: NDArray[np.uint16]
    regions: NDArray[np.uint8]
    grey_levels: tuple[float, ...]
    """How much each annotation changes the photo."""
    noise_grey_levels: tuple[float, ...]
    """Noise and texture of the photo where each annotation lies."""
    visible: tuple[bool, ...]
    """Whether that is enough to see it, by the wear's gate and by the photo's noise and texture there."""
    clean: Callable[[], NDArray[np.uint8]]
    """The same photo (H, W, 3), light, noise and all, without defects and dirt; rendered on demand."""


def render_photo(
    phone: Phone,
    surface: Surface,
    screen: Screen,
    pose: Pose,
    settings: RenderSettings,
    route: Route,
    rng: np.random.Generator,
) -> RenderedPhoto:
    """Render one surface of `phone` as one photo. Same arguments and generator state, same truth."""
    size_mm, annotations = phone.size_mm(surface), phone.annotations[surface]
    finest = settings.texels_per_mm if surface in (Surface.FRONT, Surface.BACK) else settings.edge_texels_per_mm
    px_per_mm = float(np.clip(1.3 / pose.mm_per_px, 4.0, finest))
    maps, layers = rasterise_surface(phone, surface, screen, px_per_mm)
    environment = draw_environment(settings.lights, rng)
    held, cluttered = (rng.random(2) < (settings.hand_share, settings.clutter_share)).tolist()
    depth_mm = phone.depth_mm(surface)
    backdrop = draw_backdrop(pose, depth_mm, settings.grounds, held=held, cluttered=cluttered, rng=rng)
    ground = to_linear(backdrop.picture)
    hand = draw_hand(pose, depth_mm, rng) if held else None
    if hand is not None:
        ground = over(ground, hand.behind)
    scene = Scene(phone, surface, maps, layers, pose, environment, ground, lies_on_ground=backdrop.lies)
    lit = _light(scene, route, settings, rng)
    held = None if hand is None else hand.over
    photo = lit.photo if held is None else over(lit.photo, held, environment.ambient)
    metered = lit.surface if rng.random() < 0.6 else photo
    gain = meter(metered[::4, ::4], environment.white, rng)
    again = deepcopy(rng)
    rgb = expose(photo, gain, settings.camera, rng)

    @cache
    def clean() -> NDArray[np.uint8]:
        light = lit.clean() if held is None else over(lit.clean(), held, environment.ambient)
        return expose(light, gain, settings.camera, deepcopy(again))

    change, noise = _change_and_noise(scene, annotations, rgb, clean)
    masks = [annotation_mask(annotation, change.shape[:2], px_per_mm) for annotation in annotations]
    measured = contrasts([annotation.kind for annotation in annotations], masks, change, noise, px_per_mm)
    levels, noises = tuple(one.change for one in measured), tuple(one.noise for one in measured)
    visible = tuple(one.is_visible(settings.wear.visible_grey_levels) for one in measured)
    label = _label(annotations, visible, change, noise, maps, size_mm)
    if held is not None:
        covered = np.asarray(held[..., 3] / 255, np.float32)
        label[_on_canvas(covered, scene, label.shape) > 0.5] = 0
    return RenderedPhoto(rgb, label, _regions(scene), levels, noises, visible, clean)


def _light(scene: Scene, route: Route, settings: RenderSettings, rng: np.random.Generator) -> Lit:
    match route:
        case Route.RASTERISED:
            return rasterised_light(scene, rng)
        case Route.PATH_TRACED:
            return path_traced_light(scene, settings.samples, rng)
        case _:
            assert_never(route)


def _change_and_noise(
    scene: Scene,
    annotations: Sequence[Annotation],
    photo: NDArray[np.uint8],
    clean: Callable[[], NDArray[np.uint8]],
) -> tuple[FloatMap, FloatMap]:
    """Return, on the texels (h, w), what the annotations change, and the photo's noise."""
    texels = scene.maps.gloss.shape[0], scene.maps.gloss.shape[1]
    change, noise = np.zeros(texels, np.float32), np.zeros(texels, np.float32)
    if annotations:
        change, noise = scene.on_texels(change_between(photo, clean())), scene.on_texels(noise_map(clean()))
    return change, noise


def render_surroundings(pose: Pose, settings: RenderSettings, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Render a photo (H, W, 3) that shows no device at all."""
    white = float(rng.uniform(0.2, 1.0))
    light = to_linear(draw_empty(pose, settings.grounds, rng)) * np.float32(white)
    return expose(light, meter(light[::4, ::4], white, rng), settings.camera, rng)


def _label(
    annotations: tuple[Annotation, ...],
    visible: tuple[bool, ...],
    change: FloatMap,
    noise: FloatMap,
    maps: SurfaceMaps,
    size_mm: tuple[float, float],
) -> NDArray[np.uint16]:
    """The label on the canvas: annotations are on the body alone, cracks in its glass."""
    hw = canvas_hw(size_mm, LABEL_PX_PER_MM)
    glass, body = (
        cv2.resize(part.astype(np.uint8), hw[::-1], interpolation=cv2.INTER_NEAREST).astype(bool)
        for part in (maps.glass, maps.body > 0.5)
    )
    near, least = (
        np.asarray(cv2.resize(plane, hw[::-1], interpolation=cv2.INTER_LINEAR), np.float32)
        for plane in (cv2.dilate(np.abs(change), np.ones((5, 5), np.uint8)), visible_from(noise))
    )
    masks = [
        annotation_mask(annotation, hw, LABEL_PX_PER_MM) & (glass if annotation.kind == "crack" else body)
        for annotation in annotations
    ]
    return label_of([annotation.kind for annotation in annotations], masks, visible, fades_out(near, least))


def _regions(scene: Scene) -> NDArray[np.uint8]:
    """Body, display and camera bits of the photo at a long side of REGION_LONG_SIDE_PX; hands do not count."""
    h, w = scene.pose.photo_hw
    scale = REGION_LONG_SIDE_PX / max(h, w)
    half = (scale - 1) / 2
    warp = np.array([[scale, 0, half], [0, scale, half], [0, 0, 1]]) @ scene.photo_from_texel
    small = (round(w * scale), round(h * scale))
    bits = np.zeros(small[::-1], np.uint8)
    for bit, region in enumerate((scene.maps.body, scene.maps.display, scene.maps.camera)):
        warped = cv2.warpPerspective(region.astype(np.float32), warp, small, flags=cv2.INTER_LINEAR)
        bits[warped > 0.5] |= 1 << bit
    return bits


def _on_canvas(alpha: FloatMap, scene: Scene, canvas: tuple[int, ...]) -> FloatMap:
    """A photo layer (H, W) on the label's canvas."""
    photo_from_canvas = scene.pose.photo_from_mm @ mm_from_raster(canvas, scene.size_mm)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpPerspective(alpha, photo_from_canvas, canvas[1::-1], flags=flags), np.float32)
