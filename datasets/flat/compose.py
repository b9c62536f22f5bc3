"""The fast route to a photo: the surface shaded as a flat texture, warped into the picture, with a painted flank."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.datasets.camera import Pose
from phonegrade.datasets.device.device_style import DeviceStyle
from phonegrade.datasets.flat.shading import Mirror, draw_waviness, shade
from phonegrade.datasets.lit import Lit, Scene

FloatMap = NDArray[np.float32]


def flat_light(scene: Scene, rng: np.random.Generator) -> Lit:
    """Shades and composes `scene` without tracing a ray."""
    maps, pose = scene.maps, scene.pose
    mirror = Mirror.draw(rng)
    waviness = draw_waviness(maps.gloss.shape, scene.px_per_mm, rng)
    sound = shade(maps, None, scene.environment, mirror, scene.px_per_mm, waviness)
    marked = sound
    if scene.layers is not None:
        marked = shade(maps, scene.layers, scene.environment, mirror, scene.px_per_mm, waviness)
    photo = scene.ground * scene.environment.ambient * np.float32(rng.uniform(0.75, 1.2))
    if scene.lies_on_ground:
        photo = photo * (1 - _shadow(pose, rng)[..., None])
    photo = _sides(photo, pose, scene.style, scene.environment.ambient, rng)

    def laid(surface: FloatMap) -> FloatMap:
        texture = np.dstack([surface * maps.body[..., None], maps.body]).astype(np.float32)
        device = cv2.warpPerspective(texture, scene.photo_from_texel, pose.photo_hw[::-1], flags=cv2.INTER_LINEAR)
        return np.asarray(photo * (1 - device[..., 3:]) + device[..., :3], np.float32)

    return Lit(laid(marked), marked, sound, lambda: laid(sound))


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
