"""The part of a photo that one tile needs: lit texels over their surroundings, in linear light."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.camera import Pose, to_linear
from phonegrade.rendering.lit import over, thrice
from phonegrade.rendering.rasterised.specimen import ROUND_MM, ROUND_MM_PER_PX, Specimen
from phonegrade.rendering.rasterised.window import Window, window_shift

_WALL_STEPS = 4
_DEPTH_MM = 7.8


def compose(
    specimen: Specimen,
    window: Window,
    worn: FloatMap,
    pose: Pose,
    ambient: FloatMap,
    rng: np.random.Generator,
) -> tuple[FloatMap, FloatMap | None]:
    """Return the linear light (h, w, 3) that `pose` sees, and how far fingers cover it (h, w), None where none do.

    `worn` is the light of the texels in `window`; only what lies round them is drawn where the window holds a rim.
    """
    (h, w), (rows, cols) = pose.photo_hw, window
    photo_from_window = pose.photo_from_mm @ specimen.mm_from_texel @ window_shift(window)
    texels_per_px = pose.mm_per_px * specimen.px_per_mm
    worn, body = (_softened(part, texels_per_px) for part in (worn, specimen.maps.body[window]))
    h_texels, w_texels = specimen.maps.body.shape
    inside = rows.start > 0 and cols.start > 0 and rows.stop < h_texels and cols.stop < w_texels
    if inside and body.min() > 0.99:
        photo = cv2.warpPerspective(
            worn, photo_from_window, (w, h), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
    else:
        device = cv2.warpPerspective(worn * thrice(body), photo_from_window, (w, h), flags=cv2.INTER_LINEAR)
        alpha = cv2.warpPerspective(body, photo_from_window, (w, h), flags=cv2.INTER_LINEAR).astype(np.float32)
        round_it = _surroundings(specimen, pose, alpha, ambient, rng)
        photo = round_it * thrice(1 - alpha) + device
    if specimen.around.over is None:
        return np.asarray(photo, np.float32), None
    fingers = _layer_in_photo(specimen.around.over, pose)
    return over(np.asarray(photo, np.float32), fingers, ambient), np.asarray(fingers[..., 3] / 255, np.float32)


def _softened(texels: FloatMap, texels_per_px: float) -> FloatMap:
    """`texels` as soft as photo pixels see them: sampled as they are, fine lines and rims would come out dashed."""
    if texels_per_px < 1.15:
        return texels
    return np.asarray(cv2.GaussianBlur(texels, (0, 0), 0.5 * np.sqrt(texels_per_px**2 - 1)), np.float32)


def _surroundings(
    specimen: Specimen, pose: Pose, alpha: FloatMap, ambient: FloatMap, rng: np.random.Generator
) -> FloatMap:
    """Ground, what lies on it, the device's shadow and its side walls: all that the device's face does not hide."""
    around = specimen.around
    shadow, reach_mm = float(rng.uniform(0.1, 0.8)), float(rng.uniform(1.0, 12.0))
    light = ambient * np.float32(rng.uniform(0.5, 1.6))
    frame = np.asarray(specimen.phone.style.frame.colour, np.float32) * ambient * np.float32(rng.uniform(0.3, 1.2))
    h, w = pose.photo_hw
    ground = to_linear(_piece(around.grounds[int(rng.integers(len(around.grounds)))], h, w, rng))
    if around.behind is not None:
        ground = over(ground, _layer_in_photo(around.behind, pose))
    ground = _in_light(ground, light)
    if around.over is None:
        ground *= thrice(1 - np.float32(shadow) * _soft(alpha, reach_mm / pose.mm_per_px))
    walls = alpha
    if pose.tilt_deg > 3:
        size = specimen.maps.body.shape[::-1]
        small = cv2.resize(specimen.maps.body, (size[0] // 4, size[1] // 4), interpolation=cv2.INTER_AREA)
        mm_from_small = specimen.mm_from_texel @ np.diag([size[0] / small.shape[1], size[1] / small.shape[0], 1])
        for depth in np.linspace(0, _DEPTH_MM, _WALL_STEPS + 1)[1:]:
            rim = cv2.warpPerspective(small, pose.photo_from_plane(float(depth)) @ mm_from_small, (w, h))
            walls = np.maximum(walls, rim)
    return np.asarray(ground * thrice(1 - walls) + _in_light(thrice(walls), frame), np.float32)


def _in_light(colour: FloatMap, light: FloatMap) -> FloatMap:
    """`colour` (H, W, 3) times the light (3,)."""
    return np.asarray(cv2.multiply(colour, np.append(light, 0).astype(np.float64)), np.float32)


def _piece(ground: NDArray[np.uint8], h: int, w: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Some part (h, w, 3) of `ground`, at times turned over; reflected where it is too small."""
    turned = ground[:: 1 if rng.random() < 0.5 else -1, :: 1 if rng.random() < 0.5 else -1]
    rows, cols = ground.shape[:2]
    top, left = int(rng.integers(max(rows - h, 0) + 1)), int(rng.integers(max(cols - w, 0) + 1))
    part = turned[top : top + h, left : left + w]
    below, right = h - part.shape[0], w - part.shape[1]
    if below or right:
        return np.asarray(cv2.copyMakeBorder(part, 0, below, 0, right, cv2.BORDER_REFLECT), np.uint8)
    return part


def _layer_in_photo(layer: NDArray[np.uint8], pose: Pose) -> NDArray[np.uint8]:
    h, w = pose.photo_hw
    start = ROUND_MM_PER_PX / 2 - ROUND_MM
    mm_from_layer = np.array([[ROUND_MM_PER_PX, 0, start], [0, ROUND_MM_PER_PX, start], [0, 0, 1]])
    return np.asarray(cv2.warpPerspective(layer, pose.photo_from_mm @ mm_from_layer, (w, h)), np.uint8)


def _soft(alpha: FloatMap, reach_px: float) -> FloatMap:
    """`alpha` blurred by `reach_px`, at an eighth of the size."""
    h, w = alpha.shape
    small = cv2.resize(alpha, (max(w // 8, 1), max(h // 8, 1)), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(cv2.GaussianBlur(small, (0, 0), max(reach_px / 8, 0.5)), (w, h)), np.float32)
