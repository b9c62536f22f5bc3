"""What both routes to a photo share: the scene that goes in and the light that comes out."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap
from phonegrade.core.vocabulary import Surface
from phonegrade.datasets.annotations.annotation import mm_from_raster
from phonegrade.rendering.camera import Pose, to_linear
from phonegrade.rendering.device.device_style import DeviceStyle
from phonegrade.rendering.device.surfaces import SurfaceMaps
from phonegrade.rendering.phone import Phone
from phonegrade.rendering.scene.lighting import Environment
from phonegrade.rendering.wear.layers import Layers


@dataclass(frozen=True)
class Scene:
    """One surface before the camera."""

    phone: Phone
    surface: Surface
    maps: SurfaceMaps
    layers: Layers | None
    """The paint of the surface's defects and dirt; None where it has none."""
    pose: Pose
    environment: Environment
    ground: FloatMap
    """(H, W, 3) linear colour of what lies round and under the device, as the photo shows it under plain light."""
    lies_on_ground: bool
    """False where a hand holds it: it then throws no shadow."""

    @property
    def style(self) -> DeviceStyle:
        """The phone's design."""
        return self.phone.style

    @property
    def size_mm(self) -> tuple[float, float]:
        """(width, height) of the surface."""
        return self.phone.size_mm(self.surface)

    @property
    def px_per_mm(self) -> float:
        """Texels a millimetre of the maps."""
        return float(self.maps.gloss.shape[1] / self.size_mm[0])

    @property
    def photo_from_texel(self) -> NDArray[np.float64]:
        """Homography (3, 3) from texels to photo pixels, centres of both at whole numbers."""
        return self.pose.photo_from_mm @ mm_from_raster(self.maps.gloss.shape, self.size_mm)

    def on_texels(self, photo: FloatMap) -> FloatMap:
        """Return what a layer of the photo, (H, W) or (H, W, C), shows of each texel; 0 beyond the photo."""
        h, w = self.maps.gloss.shape
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpPerspective(photo, self.photo_from_texel, (w, h), flags=flags), np.float32)


@dataclass(frozen=True)
class Lit:
    """Linear light: the photo (H, W, 3) and, on the texels (h, w, 3), the surface in it."""

    photo: FloatMap
    surface: FloatMap
    clean: Callable[[], FloatMap]
    """Composes the photo without its defects and dirt."""


def over(photo: FloatMap, layer: NDArray[np.uint8], light: NDArray[np.float32] | float = 1.0) -> FloatMap:
    """Composite `layer` (H, W, 4), sRGB colours and alpha, under `light` over linear `photo`."""
    alpha = thrice(np.asarray(layer[..., 3] / np.float32(255), np.float32))
    colour = to_linear(layer[..., :3]) * np.float32(light)
    return np.asarray(photo * (1 - alpha) + colour * alpha, np.float32)


def thrice(plane: FloatMap) -> FloatMap:
    """Return a plane (H, W) as (H, W, 3): broadcasting over a last axis of three takes several times as long."""
    return np.asarray(cv2.merge((plane, plane, plane)), np.float32)
