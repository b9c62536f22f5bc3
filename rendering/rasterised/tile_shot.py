"""One training tile of a rasterised surface: aimed, lit, photographed, rectified and labelled.

A tile goes the way of the real pipeline, from texels to a photo at the photo's scale, through the camera and a JPEG,
and from there to the rectified canvas: it is as blurred as what the segmenter will see.
"""

from copy import deepcopy
from dataclasses import dataclass, replace
from typing import TypeVar

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from phonegrade.configs.render_settings import RenderSettings
from phonegrade.core.arrays import FloatMap, Matrix
from phonegrade.core.vocabulary import DefectKind, View
from phonegrade.datasets.annotations.annotation import CLASS_BIT, canvas_hw, mm_from_raster
from phonegrade.datasets.labels import LABEL_PX_PER_MM, change_between, noise_map
from phonegrade.datasets.placement import PAD_GREY, Tile, TileFormat, draw_placement, half_scale
from phonegrade.rendering.camera import Pose, draw_pose, to_linear
from phonegrade.rendering.compression import Compression
from phonegrade.rendering.develop import Development
from phonegrade.rendering.exposure import meter
from phonegrade.rendering.lens import Lens
from phonegrade.rendering.rasterised.patch import compose
from phonegrade.rendering.rasterised.shading import Mirror
from phonegrade.rendering.rasterised.specimen import Specimen, Stencil
from phonegrade.rendering.rasterised.tile_label import label_window
from phonegrade.rendering.rasterised.window import Window, window_of, window_shift
from phonegrade.rendering.scene.lighting import Environment

Pixel = TypeVar("Pixel", np.uint8, np.uint16, np.float32)
DEFECT_SHARE = 0.7
"""Tiles aimed at a defect where the surface has any; rare kinds are aimed at as often as common ones."""
DIRT_SHARE = 0.6
"""The others that are aimed at dirt where there is any."""
TEXELS_PER_PX = 1.15
"""What a surface is rasterised for: texels in a pixel of its finest photo."""
FINEST_MM_PER_PX = 0.085
"""Finer photos are averaged down before they are rectified; of tiles as fine as labels, for finer ones accordingly."""
_DEFECT_BITS = sum(CLASS_BIT[kind] for kind in DefectKind)
_ATTEMPTS = 3
"""How often a tile that is to show a defect is aimed, lit and photographed anew where none is visible."""
_COARSER = 1.5
"""How much coarser a tile's photo may be than what its surface was rasterised for."""
_METERED_ROUND = 0.6
"""Photos whose exposure is metered on what lies round the device too, which keeps black glass black."""
_MARGIN_PX = 4


@dataclass(frozen=True)
class Framing:
    """A tile before the camera: where it lies, from where it is seen, and the light of its texels."""

    canvas_from_tile: Matrix
    pose: Pose
    """Its photo is the part that the tile needs."""
    window: Window
    """Texels that the tile shows, with some to spare."""
    clean: FloatMap
    """Linear light of those texels without defects and dirt."""
    worn: FloatMap
    """The same with them; the same array where there are none."""
    gain: float
    lens: Lens
    development: Development


def shoot(
    specimen: Specimen, environment: Environment, form: TileFormat, settings: RenderSettings, rng: np.random.Generator
) -> Tile:
    """Render one tile of `specimen` under `environment`, at a place, pose and exposure of its own."""
    defects = [stencil for stencil in specimen.stencils if stencil.kind in set(DefectKind)]
    dirt = [stencil for stencil in specimen.stencils if stencil.kind not in set(DefectKind)]
    attempts, wanted = (_ATTEMPTS, defects) if defects and rng.random() < DEFECT_SHARE else (1, [])
    if not wanted and rng.random() < DIRT_SHARE:
        wanted = dirt
    for _ in range(attempts):
        centre = _draw_centre(specimen, wanted, form, rng)
        aim = _aimed(specimen, environment, centre, form, settings, rng)
        tile, bits = _taken(specimen, environment, aim, form, settings, rng)
        if (bits & _DEFECT_BITS).any():
            break
    return tile, bits


def _aimed(
    specimen: Specimen,
    environment: Environment,
    centre: NDArray[np.float64],
    form: TileFormat,
    settings: RenderSettings,
    rng: np.random.Generator,
) -> Framing:
    canvas_from_tile = draw_placement(centre, form, specimen.surface.view, rng)
    mm_from_tile = _mm_from_canvas(specimen) @ canvas_from_tile
    pose = _draw_pose(specimen, mm_from_tile, form, settings, rng)
    mirror = Mirror.draw(rng)
    window = _window(specimen, mm_from_tile, form.crop_px)
    clean, worn = specimen.light(window, environment, mirror)
    gain = meter(_metered(specimen, environment, mirror, rng), environment.white, rng)
    lens, development = Lens.draw(settings.camera, rng), Development.draw(settings.camera, rng)
    return Framing(canvas_from_tile, pose, window, clean, worn, gain, lens, development)


def _taken(
    specimen: Specimen,
    environment: Environment,
    aim: Framing,
    form: TileFormat,
    settings: RenderSettings,
    rng: np.random.Generator,
) -> Tile:
    """The photo, and what of it the tile shows.

    What the annotations change is measured against the clean counterpart: light, lens and noise are the same.
    """
    photo_from_tile = aim.pose.photo_from_mm @ _mm_from_canvas(specimen) @ aim.canvas_from_tile
    padded = specimen.surface.view is View.EDGE or rng.random() < 0.5
    compression = Compression.draw(settings.camera, rng)
    again = deepcopy(rng)
    rgb, fingers = _photo(specimen, environment, aim, aim.worn, rng)
    tile = _on_tile(simplejpeg.decode_jpeg(compression.encode(rgb)), photo_from_tile, form.crop_px, cv2.INTER_LINEAR)
    if padded:
        canvas = np.ones(canvas_hw(specimen.size_mm, LABEL_PX_PER_MM), np.uint8)
        tile[_on_tile(canvas, aim.canvas_from_tile, form.crop_px, cv2.INTER_NEAREST) == 0] = PAD_GREY
    if not specimen.stencils:
        return tile, np.zeros((form.crop_px // 2,) * 2, np.uint16)
    clean = rgb if aim.worn is aim.clean else _photo(specimen, environment, aim, aim.clean, again)[0]
    change, least_levels = change_between(rgb, clean), settings.wear.visible_grey_levels
    label, on_canvas = label_window(
        specimen, aim.window, change, noise_map(clean), least_levels, aim.pose.photo_from_mm
    )
    label_from_tile = np.linalg.inv(window_shift(on_canvas)) @ aim.canvas_from_tile
    bits = _on_tile(label, label_from_tile, form.crop_px, cv2.INTER_NEAREST)
    if fingers is not None:
        bits[_on_tile(fingers, photo_from_tile, form.crop_px, cv2.INTER_LINEAR) > 0.5] = 0
    return tile, half_scale(bits)


def _photo(
    specimen: Specimen, environment: Environment, aim: Framing, light: FloatMap, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], FloatMap | None]:
    """The photo (H, W, 3) of the texels in this `light`, and how far fingers cover it (H, W), None where none do."""
    patch, fingers = compose(specimen, aim.window, light, aim.pose, environment.ambient, rng)
    return aim.development.picture(aim.lens.project(patch * np.float32(aim.gain)), rng), fingers


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
    specimen: Specimen, stencils: list[Stencil], form: TileFormat, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Canvas pixel that a tile is centred on: near one of `stencils`, each kind as likely, or anywhere without any."""
    if not stencils:
        return rng.uniform(0, 1, 2) * canvas_hw(specimen.size_mm, LABEL_PX_PER_MM)[::-1]
    kinds = sorted({stencil.kind for stencil in stencils})
    kind = kinds[int(rng.integers(len(kinds)))]
    alike = [stencil for stencil in stencils if stencil.kind == kind]
    areas = np.array([stencil.mask.sum() for stencil in alike])
    stencil = alike[int(rng.choice(len(alike), p=areas / areas.sum()))]
    rows, cols = np.nonzero(stencil.mask)
    at = int(rng.integers(len(rows)))
    pixel = np.array([stencil.window[1].start + cols[at], stencil.window[0].start + rows[at]], np.float64)
    return pixel + rng.normal(0, form.step * form.crop_px / 6, 2)


def _draw_pose(
    specimen: Specimen, mm_from_tile: Matrix, form: TileFormat, settings: RenderSettings, rng: np.random.Generator
) -> Pose:
    """A camera as the preset has it, its photo cut down to what the tile shows."""
    drawn = draw_pose(specimen.size_mm, settings.camera, rng)
    tile_mm_per_px = float(np.sqrt(abs(np.linalg.det(mm_from_tile[:2, :2]))))
    mm_per_px = TEXELS_PER_PX / specimen.px_per_mm * float(np.exp(rng.uniform(0, np.log(_COARSER))))
    mm_per_px = max(mm_per_px, form.step * FINEST_MM_PER_PX, 0.6 * tile_mm_per_px)
    pose = replace(drawn, focal_px=drawn.focal_px * drawn.mm_per_px / mm_per_px, principal_px=(0.0, 0.0))
    corners = cv2.perspectiveTransform(_corners(form.crop_px)[None], pose.photo_from_mm @ mm_from_tile)[0]
    low, high = corners.min(axis=0) - _MARGIN_PX, corners.max(axis=0) + _MARGIN_PX
    width, height = np.ceil(high - low).astype(int).tolist()
    return replace(pose, photo_hw=(height, width), principal_px=(-float(low[0]), -float(low[1])))


def _window(specimen: Specimen, mm_from_tile: Matrix, crop_px: int) -> Window:
    """Texels that the tile shows, with some to spare."""
    texel_from_tile = np.linalg.inv(specimen.mm_from_texel) @ mm_from_tile
    corners = cv2.perspectiveTransform(_corners(crop_px)[None], texel_from_tile)[0]
    spare = specimen.px_per_mm
    return window_of(corners.min(axis=0) - spare, corners.max(axis=0) + spare, specimen.maps.gloss.shape)


def _corners(crop_px: int) -> NDArray[np.float64]:
    end = crop_px - 1.0
    return np.array([[0, 0], [end, 0], [end, end], [0, end]])


def _on_tile(raster: NDArray[Pixel], raster_from_tile: Matrix, crop_px: int, flags: int) -> NDArray[Pixel]:
    """`raster` on the pixels (crop, crop) of a tile."""
    size = (crop_px, crop_px)
    return np.asarray(
        cv2.warpPerspective(raster, raster_from_tile, size, flags=flags | cv2.WARP_INVERSE_MAP), raster.dtype
    )


def _mm_from_canvas(specimen: Specimen) -> Matrix:
    return mm_from_raster(canvas_hw(specimen.size_mm, LABEL_PX_PER_MM), specimen.size_mm)
