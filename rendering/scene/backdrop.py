"""What is seen round a device: the table it lies or stands on, or what is far behind where it is held."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.rendering.camera import Pose
from phonegrade.rendering.pictures import FRACTION_BITS, fixed
from phonegrade.rendering.scene.backgrounds import FLAT_GROUNDS, draw_background
from phonegrade.rendering.scene.clutter import draw_clutter
from phonegrade.rendering.scene.plane import Plane, as_photographed, behind, leant, turned, underneath
from phonegrade.rendering.texture import between, chance

_ROOMS = ("bokeh_room",)
_BLURS_PX = (2.0, 6.0, 18.0)
_STANDING_SHARE = {True: 0.55, False: 0.3}
"""Edges, and faces, that stand upright on a table where the pose allows it and there are rooms among the grounds."""


@dataclass(frozen=True)
class Backdrop:
    """The picture (H, W, 3) sRGB, as under plain light; `lies` where its plane touches the device's far side."""

    picture: NDArray[np.uint8]
    lies: bool


def draw_backdrop(
    pose: Pose,
    depth_mm: float,
    grounds: tuple[str, ...] | None,
    *,
    held: bool,
    cluttered: bool,
    rng: np.random.Generator,
) -> Backdrop:
    """The surroundings of a surface whose device reaches `depth_mm` behind it; `grounds` as `draw_background` has."""
    aperture_mm = float(np.exp(rng.uniform(np.log(0.8), np.log(3.0)))) if chance(rng, 0.85) else between(rng, 3, 14)
    if held:
        return Backdrop(_far_away(pose, depth_mm, grounds, aperture_mm, rng), lies=False)
    in_room = grounds is None or bool(set(_ROOMS) & set(grounds))
    grounds = tuple(name for name in grounds or FLAT_GROUNDS if name in FLAT_GROUNDS) or grounds
    edge = min(pose.size_mm) < 20
    table = underneath(pose) if in_room else None
    if table is not None and chance(rng, _STANDING_SHARE[edge]):
        picture = _on_table(pose, turned(table, float(rng.normal(0, 0.2))), grounds, aperture_mm, rng)
        return Backdrop(_grounded(picture, table, pose, depth_mm, rng), lies=False)
    plane = behind(pose, depth_mm)
    turn = float(rng.normal(0, 0.12)) if chance(rng, 0.75) else between(rng, 0, 2 * np.pi)
    return Backdrop(_lying(pose, turned(plane, turn), depth_mm, grounds, aperture_mm, cluttered, rng), lies=True)


def draw_empty(pose: Pose, grounds: tuple[str, ...] | None, rng: np.random.Generator) -> NDArray[np.uint8]:
    """A picture (H, W, 3) sRGB of a ground with things on it, from where `pose` would see a device."""
    plane = turned(behind(pose, 0.0), between(rng, 0, 2 * np.pi))
    picture, low, mm_per_px = _drawn(pose, plane, grounds, 1.0, rng)
    picture = _laid(picture, draw_clutter(None, mm_per_px, picture.shape[0], picture.shape[1], rng))
    return _focused(as_photographed(picture, low, mm_per_px, plane, pose), plane, pose, pose.distance_mm, 2.0)


def _lying(
    pose: Pose,
    plane: Plane,
    depth_mm: float,
    grounds: tuple[str, ...] | None,
    aperture_mm: float,
    cluttered: bool,
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """The plane under a device, with things on it."""
    picture, low, mm_per_px = _drawn(pose, plane, grounds, 1.0, rng)
    if cluttered:
        footprint = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * np.array(pose.size_mm) / 2
        axes = np.column_stack([plane.across[:2], plane.away[:2]])
        corners = (footprint @ axes - low) / mm_per_px
        layer = draw_clutter(corners, mm_per_px, picture.shape[0], picture.shape[1], rng)
        picture = _laid(picture, layer)
    projected = as_photographed(picture, low, mm_per_px, plane, pose)
    return _focused(projected, plane, pose, pose.distance_mm - between(rng, -0.3, 0.5) * depth_mm, aperture_mm)


def _on_table(
    pose: Pose, plane: Plane, grounds: tuple[str, ...] | None, aperture_mm: float, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """A table top that ends somewhere behind the device, and the room beyond."""
    h, w = pose.photo_hw
    picture, low, mm_per_px = _drawn(pose, plane, grounds, 1.0, rng)
    table = _focused(as_photographed(picture, low, mm_per_px, plane, pose), plane, pose, pose.distance_mm, aperture_mm)
    end_mm = pose.distance_mm * between(rng, 1.4, 4.0)
    a, b, c = plane.nearness(pose)
    lean = float(rng.normal(0, 0.03)) / pose.distance_mm / w
    steep = float(np.hypot(a, b))
    beyond_px = (1 / end_mm - c - (a + lean) * np.arange(w) - (b * np.arange(h))[:, None]) / max(steep, 1e-9)
    blur = float(np.clip(aperture_mm * pose.focal_px * (1 / pose.distance_mm - 1 / end_mm) / 2, 1.0, 60))
    share = np.clip(beyond_px / blur + 0.5, 0, 1).astype(np.float32)
    if share.max() == 0:
        return table
    room = draw_background(h, w, 1.0, rng, _ROOMS)
    lip = np.exp(-(((beyond_px + blur) / (0.6 * blur + 2)) ** 2)).astype(np.float32) * np.float32(between(rng, 0, 0.5))
    table = np.asarray(table * (1 - lip[..., None]), np.uint8)
    return np.asarray(cv2.blendLinear(room, table, share, 1 - share), np.uint8)


def _far_away(
    pose: Pose, depth_mm: float, grounds: tuple[str, ...] | None, aperture_mm: float, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """A floor, a wall or a table some way behind a held device."""
    gap = float(np.exp(rng.uniform(np.log(60), np.log(900))))
    plane = turned(behind(pose, depth_mm + gap), float(rng.normal(0, 0.5)))
    plane = leant(plane, float(rng.normal(0, 0.3)), int(rng.integers(2)))
    blur = aperture_mm * pose.focal_px * gap / (pose.distance_mm * (pose.distance_mm + gap)) / 2
    picture, low, mm_per_px = _drawn(pose, plane, grounds, max(1.0, blur / 2), rng)
    if chance(rng, 0.3):
        layer = draw_clutter(None, mm_per_px, picture.shape[0], picture.shape[1], rng)
        picture = _laid(picture, layer)
    return _focused(as_photographed(picture, low, mm_per_px, plane, pose), plane, pose, pose.distance_mm, aperture_mm)


def _drawn(
    pose: Pose, plane: Plane, grounds: tuple[str, ...] | None, coarser: float, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.float64], float]:
    """A picture of the part of `plane` that the frame shows, where it starts, and its mm per pixel."""
    h, w = pose.photo_hw
    reach = 1 / max(float(plane.nearness(pose) @ [pose.principal_px[0], pose.principal_px[1], 1]), 1e-6)
    low, high = plane.visible_mm(pose, 2.5 * float(np.clip(reach, pose.distance_mm, 6 * pose.distance_mm)))
    span = np.clip(high - low, 1.0, None)
    mm_per_px = float(np.sqrt(span.prod() / (h * w))) * coarser
    width, height = np.ceil(span / mm_per_px).astype(int).tolist()
    return draw_background(max(height, 2), max(width, 2), mm_per_px, rng, grounds), low, mm_per_px


def _laid(picture: NDArray[np.uint8], layer: NDArray[np.uint8]) -> NDArray[np.uint8]:
    alpha = layer[..., 3].astype(np.float32) / 255
    return np.asarray(cv2.blendLinear(np.ascontiguousarray(layer[..., :3]), picture, alpha, 1 - alpha), np.uint8)


def _focused(
    picture: NDArray[np.uint8], plane: Plane, pose: Pose, focus_mm: float, aperture_mm: float
) -> NDArray[np.uint8]:
    """`picture` blurred as a lens of that aperture does that is focused at `focus_mm`."""
    h, w = pose.photo_hw
    a, b, c = plane.nearness(pose)
    near = np.maximum(a * np.arange(w) + (b * np.arange(h))[:, None] + c, 0)
    blur = np.abs(near - 1 / focus_mm).astype(np.float32) * np.float32(aperture_mm * pose.focal_px / 3)
    sharp, low = picture, 0.0
    least, most = float(blur.min()), float(blur.max())
    for sigma in _BLURS_PX:
        if most > low + 0.2 and least < sigma * 4:
            share = np.clip((blur - low) / (sigma - low), 0, 1)
            if share.max() > 0.05:
                sharp = np.asarray(cv2.blendLinear(_blurred(picture, sigma), sharp, share, 1 - share), np.uint8)
        low = sigma
    return sharp


def _blurred(picture: NDArray[np.uint8], sigma_px: float) -> NDArray[np.uint8]:
    h, w = picture.shape[:2]
    reduction = max(int(sigma_px / 1.5), 1)
    size = (max(w // reduction, 1), max(h // reduction, 1))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA) if reduction > 1 else picture
    small = cv2.GaussianBlur(small, (0, 0), max(sigma_px / reduction, 0.5), borderType=cv2.BORDER_REFLECT)
    return np.asarray(cv2.resize(small, (w, h), interpolation=cv2.INTER_LINEAR) if reduction > 1 else small, np.uint8)


def _grounded(
    picture: NDArray[np.uint8], table: Plane, pose: Pose, depth_mm: float, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """The shade that a device standing on `table` throws round its foot."""
    h, w = pose.photo_hw
    half = float(np.abs(np.cross(table.origin / np.linalg.norm(table.origin), [*pose.size_mm, 0])[2])) / 2
    shade = np.zeros((h // 4 + 1, w // 4 + 1), np.float32)
    for grow, sigma_mm, strength in ((4.0, 9.0, between(rng, 0.2, 0.5)), (0.3, 1.2, between(rng, 0.4, 0.8))):
        side, near, far = half + grow, -grow, depth_mm + grow
        foot = np.array([[-side, near], [side, near], [side, far], [-side, far]])
        projected = cv2.perspectiveTransform(foot[None], table.photo_from_plane(pose))[0]
        mask = np.zeros_like(shade)
        cv2.fillConvexPoly(mask, fixed(projected / 4), 1.0, cv2.LINE_8, FRACTION_BITS)
        soft = cv2.GaussianBlur(mask, (0, 0), max(sigma_mm / pose.mm_per_px / 4, 0.5))
        shade = np.maximum(shade, soft * np.float32(strength))
    dark = 1 - cv2.resize(shade, (w, h), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.multiply(picture, cv2.merge((dark, dark, dark)), dtype=cv2.CV_8U), np.uint8)
