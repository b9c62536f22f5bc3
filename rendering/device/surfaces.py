"""A clean device surface as maps in surface pixels, ready for the defect painter and the shading."""

from dataclasses import dataclass
from typing import assert_never

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.vocabulary import Surface
from phonegrade.rendering.device.back_surface import draw_back
from phonegrade.rendering.device.device_style import DeviceStyle
from phonegrade.rendering.device.edge_surface import draw_edge
from phonegrade.rendering.device.front_surface import draw_front
from phonegrade.rendering.device.screens import Screen
from phonegrade.rendering.device.sheet import Sheet


@dataclass(frozen=True)
class SurfaceMaps:
    """Maps (H, W) of one undamaged surface at one scale; row 0 is the device's top, on edges the front glass.

    Edges lie horizontally: x runs from the device's top to its bottom on left and right, from left to right on
    top and bottom. `camera` marks the module on the back; front lenses are not in it.
    """

    diffuse: NDArray[np.float32]  # (H, W, 3) linear RGB 0..1
    gloss: NDArray[np.float32]  # mirror reflectance 0..1
    roughness: NDArray[np.float32]  # 0 mirror .. 1 diffuse
    emission: NDArray[np.float32]  # (H, W, 3) linear light of a lit screen, 0 when off
    height: NDArray[np.float32]  # mm of relief towards the viewer
    body: NDArray[np.float32]  # coverage 0..1 of the outline
    display: NDArray[np.bool_]
    camera: NDArray[np.bool_]
    glass: NDArray[np.bool_]


def draw_surface(
    style: DeviceStyle,
    surface: Surface,
    size_mm: tuple[float, float],
    px_per_mm: float,
    screen: Screen,
    rng: np.random.Generator,
) -> SurfaceMaps:
    """Draw `surface` of `style` at size_mm = (width, height) of the canvas; `screen` matters to the front alone."""
    sheet = Sheet(size_mm, px_per_mm)
    match surface:
        case Surface.FRONT:
            draw_front(style, sheet, screen, rng)
        case Surface.BACK:
            draw_back(style, sheet, rng)
        case Surface.LEFT | Surface.RIGHT | Surface.TOP | Surface.BOTTOM:
            draw_edge(style, surface, sheet, rng)
        case _:
            assert_never(surface)
    inside = sheet.body > 0.5
    return SurfaceMaps(
        diffuse=np.asarray(cv2.merge([np.clip(sheet.diffuse[..., c], 0, 1) for c in range(3)]), np.float32),
        gloss=np.clip(sheet.gloss, 0, 1),
        roughness=np.clip(sheet.roughness, 0, 1),
        emission=sheet.emission,
        height=sheet.height,
        body=sheet.body,
        display=sheet.display & inside,
        camera=sheet.camera & inside,
        glass=sheet.glass & inside,
    )
