"""Hands that hold a phone, hold it by its rim, or point at it, with the shade that they and the phone throw."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.camera import Pose
from phonegrade.rendering.pictures import blurred
from phonegrade.rendering.scene.flesh import Field, Limb, melt_limbs
from phonegrade.rendering.scene.grips import Grip, clamp, cradle, pinch, pointing, turned_grip
from phonegrade.rendering.scene.skin import draw_skin
from phonegrade.rendering.scene.skin_light import SkinLight, broad, lit_skin
from phonegrade.rendering.texture import between, chance

FINEST_PX_PER_MM = 3.2
"""Skin is drawn no finer than this."""
APERTURE_MM = 1.6


@dataclass(frozen=True)
class HandLayers:
    """Straight-alpha sRGB layers (H, W, 4) 0..255: `behind` lies under the phone, `over` covers it."""

    behind: NDArray[np.uint8]
    over: NDArray[np.uint8]


def draw_hand(pose: Pose, depth_mm: float, rng: np.random.Generator) -> HandLayers:
    """A hand, or two, at the device that reaches `depth_mm` behind the surface of `pose`.

    Finger tips cover some millimetres of its rim, a pointing finger or a laid thumb more.
    """
    limbs = _draw_limbs(pose, depth_mm, rng)
    skin, light, webbing = draw_skin(rng), SkinLight.draw(rng), between(rng, 0.6, 1.6)
    small = _shrunk(pose)
    field, window = melt_limbs(limbs, small, webbing)
    behind, over = (np.zeros((*small.photo_hw, 4), np.float32) for _ in range(2))
    if field.height.size:
        meets, before = _order(field, window, small, depth_mm)
        shaded = broad((meets & ~before).astype(np.float32), 5.0 / small.mm_per_px) * ~before
        colour = lit_skin(field, skin, light, small.mm_per_px, shaded, rng)
        cover = np.clip(0.5 - field.outside, 0, 1)
        behind[window] = np.dstack([colour, cover])
        over[window] = _over_layer(colour, cover, before, meets, light, small.mm_per_px)
        blur = _defocus_px(field, small)
        if blur > 0.5:
            behind, over = _blurred(behind, blur), _blurred(over, blur)
    return HandLayers(_coded(behind, pose.photo_hw), _coded(over, pose.photo_hw))


def _defocus_px(field: Field, pose: Pose) -> float:
    """Blur of a hand by its usual distance from the surface, which is in focus."""
    depth = -field.height[field.outside < 0]
    if depth.size == 0:
        return 0.0
    return abs(1 / float(np.median(depth)) - 1 / pose.distance_mm) * APERTURE_MM * pose.focal_px / 3


def _blurred(canvas: FloatMap, sigma_px: float) -> FloatMap:
    """A straight-alpha layer (H, W, 4), blurred as light is."""
    canvas[..., :3] *= canvas[..., 3:]
    soft = blurred(canvas, sigma_px)
    soft[..., :3] /= np.maximum(soft[..., 3:], np.float32(1e-3))
    return soft


def _draw_limbs(pose: Pose, depth_mm: float, rng: np.random.Generator) -> list[Limb]:
    """Some way to hold, from the side of the photo that arms come from."""
    size = float(np.clip(rng.normal(1.0, 0.07), 0.82, 1.18))
    axes = [np.array(axis, np.float64) for axis in ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0))]
    w, h = pose.size_mm
    longer, shorter = (axes[:2], axes[2:]) if w > h else (axes[2:], axes[:2])

    def low(axis: NDArray[np.float64]) -> float:
        """How far an axis points to the photo's lower end, where arms come from."""
        return float(pose.turn[1] @ axis) + rng.normal(0, 0.35)

    if min(w, h) < 20:
        out, down = max(longer, key=low), shorter[int(rng.integers(2))]
        return pinch(turned_grip(pose.size_mm, out, down, depth_mm, size), rng)
    draw = rng.random()
    if draw < 0.55:
        side, down = shorter[int(rng.integers(2))], max(longer, key=low)
        return cradle(turned_grip(pose.size_mm, side, down, depth_mm, size), rng)
    if draw < 0.75:
        return clamp(_sideways(pose, max(axes, key=low), depth_mm, size, rng), rng)
    if draw < 0.9:
        sides = longer if chance(rng, 0.5) else shorter
        return [limb for side in sides for limb in clamp(_sideways(pose, side, depth_mm, size, rng), rng)]
    return pointing(_sideways(pose, max(axes, key=low), depth_mm, size, rng), rng)


def _sideways(pose: Pose, out: NDArray[np.float64], depth_mm: float, size: float, rng: np.random.Generator) -> Grip:
    """A grip whose arm comes from `out`, either way round."""
    down = np.cross(out, [0.0, 0.0, 1.0 if chance(rng, 0.5) else -1.0])
    return turned_grip(pose.size_mm, out, down, depth_mm, size)


def _shrunk(pose: Pose) -> Pose:
    """The same view with no more pixels than skin is worth."""
    reduction = min(1.0, FINEST_PX_PER_MM * pose.mm_per_px)
    h, w = pose.photo_hw
    x, y = ((middle + 0.5) * reduction - 0.5 for middle in pose.principal_px)
    return replace(
        pose,
        photo_hw=(max(round(h * reduction), 1), max(round(w * reduction), 1)),
        focal_px=pose.focal_px * reduction,
        principal_px=(x, y),
    )


def _order(
    field: Field, window: tuple[slice, slice], pose: Pose, depth_mm: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Pixels (h, w) whose ray meets the device, and those where the hand lies before it or before its front."""
    rows, cols = window
    x = (np.arange(cols.start, cols.stop) - pose.principal_px[0]).astype(np.float32) / np.float32(pose.focal_px)
    y = (np.arange(rows.start, rows.stop) - pose.principal_px[1]).astype(np.float32) / np.float32(pose.focal_px)
    eye = -pose.distance_mm * pose.turn[2]
    low = np.array([-pose.size_mm[0] / 2, -pose.size_mm[1] / 2, 0.0])
    high = np.array([pose.size_mm[0] / 2, pose.size_mm[1] / 2, depth_mm])
    enter = np.full(field.height.shape, -np.inf, np.float32)
    leave = np.full(field.height.shape, np.inf, np.float32)
    for axis in range(3):
        ray = x * np.float32(pose.turn[0, axis]) + (y * np.float32(pose.turn[1, axis]))[:, None]
        ray += np.float32(pose.turn[2, axis])
        ray = np.where(np.abs(ray) < 1e-6, np.float32(1e-6), ray)
        first, second = np.float32(low[axis] - eye[axis]) / ray, np.float32(high[axis] - eye[axis]) / ray
        enter = np.maximum(enter, np.minimum(first, second))
        leave = np.minimum(leave, np.maximum(first, second))
    meets = leave > enter
    depth = -field.height
    before_front = eye[2] + depth * ray < 0
    before = meets & (depth < enter)
    near = cv2.dilate(before.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return meets, before | (~meets & (before_front | near))


def _over_layer(
    colour: FloatMap,
    cover: FloatMap,
    before: NDArray[np.bool_],
    meets: NDArray[np.bool_],
    light: SkinLight,
    mm_per_px: float,
) -> FloatMap:
    """What lies before the device (h, w, 4), with its shade on the device."""
    alpha = cover * cv2.GaussianBlur(before.astype(np.float32), (3, 3), 0.6)
    solid = alpha * meets
    shade = np.zeros_like(alpha)
    for sigma_mm, shift_mm, strength in ((1.2, 0.6, 0.3), (5.0, 4.0, 0.3 * light.lamp)):
        move = np.eye(2, 3, dtype=np.float32)
        move[:, 2] = -np.array(light.way[:2]) * shift_mm / mm_per_px
        moved = np.asarray(cv2.warpAffine(solid, move, solid.shape[::-1]), np.float32)
        shade += np.asarray(broad(moved, sigma_mm / mm_per_px) * np.float32(strength), np.float32)
    shade = np.clip(shade, 0, 0.45) * meets
    total = alpha + shade * (1 - alpha)
    return np.dstack([colour * (alpha / np.maximum(total, 1e-4))[..., None], total]).astype(np.float32)


def _coded(canvas: FloatMap, hw: tuple[int, int]) -> NDArray[np.uint8]:
    coded = np.asarray(np.clip(canvas * 255 + 0.5, 0, 255), np.uint8)
    if coded.shape[:2] == hw:
        return coded
    return np.asarray(cv2.resize(coded, hw[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)
