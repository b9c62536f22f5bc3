"""The fast route to training tiles: one surface baked once, many tiles of it, each with its own light, pose and camera.

A tile goes the way of the real pipeline, from texels to a photo at the photo's scale, through the camera and a JPEG,
and from there to the rectified canvas: it is as blurred as what the segmenter will see.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from phonegrade.configs.catalogue import catalogue
from phonegrade.configs.rendering import Preset, RenderSettings
from phonegrade.configs.vocabulary import DefectKind, Surface, View
from phonegrade.datasets.camera import Pose, draw_pose, to_linear
from phonegrade.datasets.compression import Compression
from phonegrade.datasets.develop import Development
from phonegrade.datasets.exposure import meter
from phonegrade.datasets.flat.patch import compose
from phonegrade.datasets.flat.shading import Mirror
from phonegrade.datasets.flat.specimen import Specimen, prepare
from phonegrade.datasets.flat.tile_label import label_window
from phonegrade.datasets.flat.window import Window, window_of, window_shift
from phonegrade.datasets.labels import LABEL_PX_PER_MM, VISIBLE_OVER_NOISE, change_of, noise_grey_levels
from phonegrade.datasets.lens import Lens
from phonegrade.datasets.lit import mm_from_raster
from phonegrade.datasets.phone import Phone, draw_phone
from phonegrade.datasets.placement import PAD_GREY, Tile, draw_placement, half_scale
from phonegrade.datasets.scene.lighting import Environment, draw_environment
from phonegrade.datasets.shoot import draw_screen
from phonegrade.datasets.streams import Stream, stream
from phonegrade.datasets.wear.marks import canvas_hw

FloatMap = NDArray[np.float32]
Homography = NDArray[np.float64]
Choice = TypeVar("Choice")
Pixel = TypeVar("Pixel", np.uint8, np.uint16, np.float32)
VIEW_SHARE = {View.FRONT: 0.5, View.BACK: 0.3, View.EDGE: 0.2}
WORN_SHARE = 0.9
"""Surfaces that are looked for until they have the wanted kind of defect; the others are as they come."""
WANTED_SHARE = {
    View.FRONT: {DefectKind.CRACK: 0.45, DefectKind.SCRATCH: 0.3, DefectKind.SCUFF: 0.1, DefectKind.CHIP: 0.15},
    View.BACK: {DefectKind.CRACK: 0.35, DefectKind.SCRATCH: 0.25, DefectKind.SCUFF: 0.2, DefectKind.CHIP: 0.2},
    View.EDGE: {DefectKind.SCRATCH: 0.2, DefectKind.SCUFF: 0.25, DefectKind.CHIP: 0.3, DefectKind.DENT: 0.25},
}
MARKED_SHARE = 0.8
"""Tiles centred on a marked pixel where the surface has any; rare kinds are drawn as often as common ones."""
TILES_PER_ROOM = 3
"""Tiles of one surface that share their lamps, each from another place under them."""
FINEST_MM_PER_PX = 0.085
"""Finer photos are averaged down before they are rectified."""
_COARSER = 1.5
"""How much coarser than what its surface was baked for a tile's photo may be."""
_METERED_ROUND = 0.6
"""Photos whose exposure is metered on what lies round the device too, which keeps black glass black."""
_MARGIN_PX = 4
_TRIES = 4
_FIRST_PHONE = 1_000_000_000
"""Phones of the studio are numbered from here on, so that no rendered set with the same seed holds one of them."""


class TileStudio:
    """Endless fresh tiles (crop, crop, 3) RGB with their bits (crop/2, crop/2), as `SegmenterTiles.sample` has them."""

    def __init__(self, preset: Preset, crop_px: int, seed: int) -> None:
        self.preset, self.crop_px, self.seed = preset, crop_px, seed

    def tiles(self, index: int, count: int) -> Iterator[Tile]:
        """`count` tiles of surface number `index`; the same seed and index give the same tiles."""
        rng = stream(Stream.STUDIO, self.seed, index)
        settings = self.preset.places[_chosen(self.preset.weights, rng)]
        specimen = self._specimen(index, settings, rng)
        for first in range(0, count, TILES_PER_ROOM):
            room = draw_environment(settings.lights, stream(Stream.ROOM, self.seed, index, first))
            for number in range(first, min(first + TILES_PER_ROOM, count)):
                yield shoot(specimen, room, self.crop_px, settings, stream(Stream.TILE, self.seed, index, number))

    def _specimen(self, index: int, settings: RenderSettings, rng: np.random.Generator) -> Specimen:
        phone, surface = self._worn(index, settings, rng)
        screen = draw_screen(settings, surface, rng)
        pose = draw_pose(phone.size_mm(surface), settings.camera, rng)
        finest = settings.edge_texels_per_mm if surface.view is View.EDGE else settings.texels_per_mm
        px_per_mm = float(np.clip(1.3 / pose.mm_per_px, 5.0, finest))
        return prepare(phone, surface, screen, px_per_mm, settings, rng)

    def _worn(self, index: int, settings: RenderSettings, rng: np.random.Generator) -> tuple[Phone, Surface]:
        """A phone and one of its surfaces; mostly one with a wanted kind of defect, if some tries find it."""
        known = catalogue()
        device = known[int(rng.integers(len(known)))]
        view = _chosen(VIEW_SHARE, rng)
        wanted = _chosen(WANTED_SHARE[view], rng)
        shown = [surface for surface in Surface if surface.view is view]
        surfaces = [shown[at] for at in rng.permutation(len(shown))]
        first = _FIRST_PHONE + (_TRIES + 1) * index
        phone = draw_phone(device, settings, (self.seed, first))
        if rng.random() < WORN_SHARE:
            for attempt in range(1, _TRIES + 1):
                for surface in surfaces:
                    if any(mark.kind == wanted for mark in phone.marks[surface]):
                        return phone, surface
                phone = draw_phone(device, settings, (self.seed, first + attempt))
        return phone, surfaces[0]


def _chosen(weights: Mapping[Choice, float], rng: np.random.Generator) -> Choice:
    """One of the keys, by their weights."""
    shares = np.array(list(weights.values()))
    return list(weights)[int(rng.choice(len(shares), p=shares / shares.sum()))]


def shoot(
    specimen: Specimen, environment: Environment, crop_px: int, settings: RenderSettings, rng: np.random.Generator
) -> Tile:
    """One tile of `specimen` under `environment`, at a place, pose and exposure of its own."""
    hw, view = canvas_hw(specimen.size_mm, LABEL_PX_PER_MM), specimen.surface.view
    canvas_from_tile = draw_placement(_draw_centre(specimen, hw, crop_px, rng), crop_px, view, rng)
    mm_from_tile = mm_from_raster(hw, specimen.size_mm) @ canvas_from_tile
    pose = _draw_pose(specimen, mm_from_tile, crop_px, settings, rng)
    photo_from_tile = pose.photo_from_mm @ mm_from_tile
    padded = view is View.EDGE or rng.random() < 0.5
    compression = Compression.draw(settings.camera, rng)
    mirror = Mirror.draw(rng)
    window = _window(specimen, mm_from_tile, crop_px)
    sound, marked = specimen.light(window, environment, mirror)
    light, fingers = compose(specimen, window, marked, pose, environment.ambient, rng)
    gain = meter(_metered(specimen, environment, mirror, rng), environment.white, rng)
    lens, development = Lens.draw(settings.camera, rng), Development.draw(settings.camera, rng)
    rgb = development.picture(lens.project(light * np.float32(gain)), rng)
    photo = simplejpeg.decode_jpeg(compression.encode(rgb))
    tile = _seen(photo, photo_from_tile, crop_px, cv2.INTER_LINEAR)
    if padded:
        tile[_seen(np.ones(hw, np.uint8), canvas_from_tile, crop_px, cv2.INTER_NEAREST) == 0] = PAD_GREY
    bits = np.zeros((crop_px, crop_px), np.uint16)
    if specimen.stencils:
        spread_px = float(np.hypot(lens.spread_px, development.spread_px))
        change = change_of(sound, marked, gain, specimen.px_per_mm, pose.mm_per_px, spread_px)
        visible_from = max(settings.wear.visible_grey_levels, VISIBLE_OVER_NOISE * noise_grey_levels(rgb))
        label, on_canvas = label_window(specimen, window, change, visible_from)
        bits = _seen(label, np.linalg.inv(window_shift(on_canvas)) @ canvas_from_tile, crop_px, cv2.INTER_NEAREST)
    if fingers is not None:
        bits[_seen(fingers, photo_from_tile, crop_px, cv2.INTER_LINEAR) > 0.5] = 0
    return tile, half_scale(bits)


def _metered(specimen: Specimen, environment: Environment, mirror: Mirror, rng: np.random.Generator) -> FloatMap:
    """Linear light (N, 3) that the camera meters on: the surface, and at times what lies round it."""
    surface = specimen.overview(environment, mirror).reshape(-1, 3)
    share = float(rng.uniform(0.1, 0.7))
    if rng.random() >= _METERED_ROUND:
        return surface
    ground = to_linear(specimen.around.grounds[0][::16, ::16]).reshape(-1, 3) * environment.ambient
    count = int(len(surface) * share / (1 - share))
    return np.concatenate([surface, ground[rng.integers(len(ground), size=count)]])


def _draw_centre(
    specimen: Specimen, hw: tuple[int, int], crop_px: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Canvas pixel that a tile is centred on: anywhere, or near a mark of a kind drawn evenly."""
    centre = rng.uniform(0, 1, 2) * hw[::-1]
    if not specimen.stencils or rng.random() >= MARKED_SHARE:
        return centre
    kinds = sorted({stencil.kind for stencil in specimen.stencils})
    kind = kinds[int(rng.integers(len(kinds)))]
    stencils = [stencil for stencil in specimen.stencils if stencil.kind == kind]
    areas = np.array([stencil.mask.sum() for stencil in stencils])
    stencil = stencils[int(rng.choice(len(stencils), p=areas / areas.sum()))]
    rows, cols = np.nonzero(stencil.mask)
    at = int(rng.integers(len(rows)))
    marked = np.array([stencil.window[1].start + cols[at], stencil.window[0].start + rows[at]], np.float64)
    return marked + rng.normal(0, crop_px / 6, 2)


def _draw_pose(
    specimen: Specimen, mm_from_tile: Homography, crop_px: int, settings: RenderSettings, rng: np.random.Generator
) -> Pose:
    """A camera as the preset has it, its photo cut down to what the tile shows."""
    drawn = draw_pose(specimen.size_mm, settings.camera, rng)
    tile_mm_per_px = float(np.sqrt(abs(np.linalg.det(mm_from_tile[:2, :2]))))
    mm_per_px = 1.3 / specimen.px_per_mm * float(np.exp(rng.uniform(0, np.log(_COARSER))))
    mm_per_px = max(mm_per_px, FINEST_MM_PER_PX, 0.6 * tile_mm_per_px)
    pose = replace(drawn, focal_px=drawn.focal_px * drawn.mm_per_px / mm_per_px, principal_px=(0.0, 0.0))
    corners = cv2.perspectiveTransform(_corners(crop_px)[None], pose.photo_from_mm @ mm_from_tile)[0]
    low, high = corners.min(axis=0) - _MARGIN_PX, corners.max(axis=0) + _MARGIN_PX
    width, height = np.ceil(high - low).astype(int).tolist()
    return replace(pose, photo_hw=(height, width), principal_px=(-float(low[0]), -float(low[1])))


def _window(specimen: Specimen, mm_from_tile: Homography, crop_px: int) -> Window:
    """Texels that the tile shows, with some to spare."""
    texel_from_tile = np.linalg.inv(specimen.mm_from_texel) @ mm_from_tile
    corners = cv2.perspectiveTransform(_corners(crop_px)[None], texel_from_tile)[0]
    spare = specimen.px_per_mm
    return window_of(corners.min(axis=0) - spare, corners.max(axis=0) + spare, specimen.maps.gloss.shape)


def _corners(crop_px: int) -> NDArray[np.float64]:
    end = crop_px - 1.0
    return np.array([[0, 0], [end, 0], [end, end], [0, end]])


def _seen(raster: NDArray[Pixel], raster_from_tile: Homography, crop_px: int, flags: int) -> NDArray[Pixel]:
    """`raster` on the pixels (crop, crop) of a tile."""
    size = (crop_px, crop_px)
    return np.asarray(
        cv2.warpPerspective(raster, raster_from_tile, size, flags=flags | cv2.WARP_INVERSE_MAP), raster.dtype
    )
