"""One rendered photo with its truth: surface, marks, light, pose, surroundings and camera put together."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.configs.rendering import RenderSettings
from phonegrade.configs.vocabulary import Surface
from phonegrade.datasets.camera import Pose, expose, meter, to_linear, to_srgb
from phonegrade.datasets.device.device_style import DeviceStyle
from phonegrade.datasets.device.screens import Screen
from phonegrade.datasets.device.surfaces import SurfaceMaps, draw_surface
from phonegrade.datasets.scene.backgrounds import draw_background
from phonegrade.datasets.scene.clutter import draw_clutter
from phonegrade.datasets.scene.hands import draw_hand
from phonegrade.datasets.scene.lighting import draw_environment
from phonegrade.datasets.shading import Mirror, draw_waviness, shade
from phonegrade.datasets.wear.marks import CLASS_BIT, IGNORE_BIT, Mark, canvas_hw, mark_mask
from phonegrade.datasets.wear.paint import Layers, paint

FloatMap = NDArray[np.float32]
LABEL_PX_PER_MM = 8.0
REGION_LONG_SIDE_PX = 512
FADED_SHARE = 0.6
"""A stretch of a line is ignored where its change falls below this share of the visibility gate."""


@dataclass(frozen=True)
class RenderedPhoto:
    """A photo (H, W, 3) RGB with its label on the canvas, its region mask, and each mark's change in grey levels."""

    rgb: NDArray[np.uint8]
    label: NDArray[np.uint16]
    regions: NDArray[np.uint8]
    grey_levels: tuple[float, ...]


def render_photo(
    style: DeviceStyle,
    surface: Surface,
    size_mm: tuple[float, float],
    marks: list[Mark],
    screen: Screen,
    pose: Pose,
    settings: RenderSettings,
    rng: np.random.Generator,
) -> RenderedPhoto:
    """Renders one surface as one photo. Same arguments and generator state, same bytes."""
    finest = settings.texels_per_mm if surface in (Surface.FRONT, Surface.BACK) else settings.edge_texels_per_mm
    px_per_mm = float(np.clip(1.3 / pose.mm_per_px, 4.0, finest))
    maps = draw_surface(style, surface, size_mm, px_per_mm, screen, rng)
    layers = _painted(maps, marks, px_per_mm, rng)
    environment, mirror = draw_environment(rng), Mirror.draw(rng)
    waviness = draw_waviness(maps.gloss.shape, px_per_mm, rng)
    sound = shade(maps, None, environment, mirror, px_per_mm, waviness)
    light = shade(maps, layers, environment, mirror, px_per_mm, waviness) if marks else sound
    photo, over = _composed(light, maps, style, pose, px_per_mm, environment.ambient, settings, rng)
    metered = light if rng.random() < 0.6 else photo
    gain = meter(metered[::4, ::4], rng)
    rgb = expose(photo, gain, settings.camera, rng)
    change = _change(sound, light, gain, px_per_mm, pose.mm_per_px)
    levels = tuple(_grey_level(change, mark, px_per_mm) for mark in marks)
    label = _label(marks, levels, change, maps, size_mm, settings.wear.visible_grey_levels)
    if over is not None:
        label[_on_canvas(over, pose, label.shape) > 0.5] = 0
    return RenderedPhoto(rgb, label, _regions(maps, pose, px_per_mm), levels)


def render_surroundings(pose: Pose, settings: RenderSettings, rng: np.random.Generator) -> NDArray[np.uint8]:
    """A photo (H, W, 3) that shows no device at all."""
    h, w = pose.photo_hw
    background = draw_background(h, w, float(10 ** rng.uniform(-1.2, -0.3)), rng, settings.grounds)
    light = to_linear(background) * np.float32(rng.uniform(0.2, 1.0))
    light = _over(light, draw_clutter(pose.corners_px.astype(np.float32), h, w, rng))
    return expose(light, meter(light[::4, ::4], rng), settings.camera, rng)


def _painted(maps: SurfaceMaps, marks: list[Mark], px_per_mm: float, rng: np.random.Generator) -> Layers:
    layers = Layers.empty(maps.gloss.shape)
    for mark in (mark for mark in marks if mark.kind == "crack"):
        paint(layers, mark, px_per_mm, rng)
    glass = maps.glass.astype(np.float32)
    for part in (layers.cover, layers.white, layers.dark, layers.slope_x, layers.slope_y, layers.rough):
        part *= glass
    for mark in (mark for mark in marks if mark.kind != "crack"):
        paint(layers, mark, px_per_mm, rng)
    return layers


def _change(sound: FloatMap, light: FloatMap, gain: float, px_per_mm: float, mm_per_px: float) -> FloatMap:
    """What the marks change (H, W), in sRGB grey levels, at the photo's sharpness."""
    change = np.abs(_coded(light, gain) - _coded(sound, gain))
    return np.asarray(cv2.GaussianBlur(change, (0, 0), max(0.5 * mm_per_px * px_per_mm, 0.3)) * 255, np.float32)


def _grey_level(change: FloatMap, mark: Mark, px_per_mm: float) -> float:
    inside = change[mark_mask(mark, change.shape, px_per_mm)]
    return float(np.percentile(inside, 80)) if inside.size else 0.0


def _coded(light: FloatMap, gain: float) -> FloatMap:
    return to_srgb(np.clip(light.mean(axis=2) * np.float32(gain), 0, 1))


def _label(
    marks: list[Mark],
    levels: tuple[float, ...],
    change: FloatMap,
    maps: SurfaceMaps,
    size_mm: tuple[float, float],
    visible_from: float,
) -> NDArray[np.uint16]:
    """Classes of what can be seen; invisible marks, and the stretches where a visible line fades out, are ignored."""
    label = np.zeros(canvas_hw(size_mm, LABEL_PX_PER_MM), np.uint16)
    glass = cv2.resize(maps.glass.astype(np.uint8), label.shape[::-1], interpolation=cv2.INTER_NEAREST).astype(bool)
    near = cv2.resize(cv2.dilate(change, np.ones((5, 5), np.uint8)), label.shape[::-1], interpolation=cv2.INTER_LINEAR)
    faded = cv2.blur(near, (9, 9)) < visible_from * FADED_SHARE
    ignored = np.zeros(label.shape, bool)
    for mark, level in zip(marks, levels, strict=True):
        mask = mark_mask(mark, label.shape, LABEL_PX_PER_MM)
        if mark.kind == "crack":
            mask &= glass
        seen = mask if level >= visible_from else np.zeros_like(mask)
        if mark.kind in ("crack", "scratch"):
            seen = seen & ~faded
        label[seen] |= CLASS_BIT[mark.kind]
        ignored |= mask & ~seen
    label[ignored & (label == 0)] |= IGNORE_BIT
    return label


def _composed(
    light: FloatMap,
    maps: SurfaceMaps,
    style: DeviceStyle,
    pose: Pose,
    px_per_mm: float,
    ambient: FloatMap,
    settings: RenderSettings,
    rng: np.random.Generator,
) -> tuple[FloatMap, FloatMap | None]:
    """Linear photo (H, W, 3) and, where a hand covers the device, that hand's alpha (H, W)."""
    h, w = pose.photo_hw
    background = to_linear(draw_background(h, w, pose.mm_per_px, rng, settings.grounds))
    photo = np.asarray(background * ambient * np.float32(rng.uniform(0.5, 1.6)), np.float32)
    held = rng.random() < settings.hand_share
    hand = draw_hand(pose.corners_px.astype(np.float32), h, w, rng) if held else None
    if hand is not None:
        photo = _over(photo, hand.behind)
    elif rng.random() < settings.clutter_share:
        photo = _over(photo, draw_clutter(pose.corners_px.astype(np.float32), h, w, rng))
    if not held:
        photo *= 1 - _shadow(pose, rng)[..., None]
    photo = _sides(photo, pose, style, ambient, rng)
    warp = pose.photo_from_mm @ np.diag([1 / px_per_mm, 1 / px_per_mm, 1.0])
    texture = np.dstack([light * maps.body[..., None], maps.body]).astype(np.float32)
    device = cv2.warpPerspective(texture, warp, (w, h), flags=cv2.INTER_LINEAR)
    photo = photo * (1 - device[..., 3:]) + device[..., :3]
    if hand is None:
        return photo, None
    return _over(photo, hand.over), np.asarray(hand.over[..., 3] / 255, np.float32)


def _over(photo: FloatMap, layer: NDArray[np.uint8]) -> FloatMap:
    """`layer` (H, W, 4), sRGB and alpha, composited over linear `photo`."""
    alpha = layer[..., 3:].astype(np.float32) / 255
    colour = to_linear(layer[..., :3])
    return np.asarray(photo * (1 - alpha) + colour * alpha, np.float32)


def _shadow(pose: Pose, rng: np.random.Generator) -> FloatMap:
    h, w = pose.photo_hw
    reach = float(rng.uniform(1.0, 12.0)) / pose.mm_per_px
    shift = rng.normal(0, 0.4, 2) * reach
    small = np.zeros((h // 4 + 1, w // 4 + 1), np.float32)
    cv2.fillPoly(small, [np.round((pose.corners_px + shift) / 4).astype(np.int32)], (1.0,))
    soft = cv2.GaussianBlur(small, (0, 0), max(reach / 4, 0.6))
    return np.asarray(cv2.resize(soft, (w, h)) * np.float32(rng.uniform(0.1, 0.8)), np.float32)


def _sides(photo: FloatMap, pose: Pose, style: DeviceStyle, ambient: FloatMap, rng: np.random.Generator) -> FloatMap:
    """The device's flank where it is seen at an angle, or a case that stands out round it."""
    h, w = pose.photo_hw
    depth_px = 8.0 / pose.mm_per_px * np.sin(np.deg2rad(pose.tilt_deg)) * rng.uniform(0.5, 1.1)
    angle = rng.uniform(0, 2 * np.pi)
    shifted = pose.corners_px + depth_px * np.array([np.cos(angle), np.sin(angle)])
    colour = np.asarray(style.frame.colour, np.float32) * ambient * np.float32(rng.uniform(0.3, 1.2))
    radius = max(style.corner_mm / pose.mm_per_px, 1.0)
    both = np.concatenate([_rounded(pose.corners_px, 1.8 * radius), _rounded(shifted, 1.8 * radius)])
    outline = cv2.convexHull(both.astype(np.float32))[:, 0].astype(np.float64)
    if rng.random() < 0.1:
        centre = pose.corners_px.mean(axis=0)
        grow = 1 + float(rng.uniform(1.0, 3.0)) / pose.mm_per_px / np.abs(pose.corners_px - centre).max()
        outline = _rounded(centre + (pose.corners_px - centre) * grow, 2.2 * radius)
        colour = rng.uniform(0.01, 0.7, 3).astype(np.float32) * ambient
    elif depth_px < 1.5:
        return photo
    mask = np.zeros((h, w), np.uint8)
    cv2.fillPoly(mask, [np.round(outline).astype(np.int32)], 255, cv2.LINE_AA)
    alpha = (cv2.GaussianBlur(mask, (0, 0), 0.8).astype(np.float32) / 255)[..., None]
    return np.asarray(photo * (1 - alpha) + colour * alpha, np.float32)


def _rounded(polygon: NDArray[np.float64], radius_px: float) -> NDArray[np.float64]:
    """The polygon with each corner cut by a quadratic curve that starts `radius_px` before it."""
    points = []
    for before, corner, after in zip(np.roll(polygon, 1, 0), polygon, np.roll(polygon, -1, 0), strict=True):
        a, b = before - corner, after - corner
        start = corner + a * min(radius_px / max(np.hypot(*a), 1e-6), 0.5)
        end = corner + b * min(radius_px / max(np.hypot(*b), 1e-6), 0.5)
        t = np.linspace(0, 1, 8)[:, None]
        points.append((1 - t) ** 2 * start + 2 * t * (1 - t) * corner + t**2 * end)
    return np.concatenate(points)


def _regions(maps: SurfaceMaps, pose: Pose, px_per_mm: float) -> NDArray[np.uint8]:
    """Body, display and camera bits of the photo shrunk to a long side of REGION_LONG_SIDE_PX; hands do not count."""
    h, w = pose.photo_hw
    shrink = REGION_LONG_SIDE_PX / max(h, w)
    warp = np.diag([shrink, shrink, 1.0]) @ pose.photo_from_mm @ np.diag([1 / px_per_mm, 1 / px_per_mm, 1.0])
    small = (round(w * shrink), round(h * shrink))
    bits = np.zeros(small[::-1], np.uint8)
    for bit, region in enumerate((maps.body, maps.display, maps.camera)):
        seen = cv2.warpPerspective(region.astype(np.float32), warp, small, flags=cv2.INTER_LINEAR)
        bits[seen > 0.5] |= 1 << bit
    return bits


def _on_canvas(alpha: FloatMap, pose: Pose, canvas: tuple[int, int]) -> FloatMap:
    """A photo layer (H, W) seen on the label's canvas."""
    photo_from_canvas = pose.photo_from_mm @ np.diag([1 / LABEL_PX_PER_MM, 1 / LABEL_PX_PER_MM, 1.0])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpPerspective(alpha, photo_from_canvas, canvas[::-1], flags=flags), np.float32)
