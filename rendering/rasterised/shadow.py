"""The shade that a lying device throws on the ground: from the brightest lamp, and from being in the ceiling's way."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.camera import Pose
from phonegrade.rendering.pictures import FRACTION_BITS, fixed
from phonegrade.rendering.rasterised.side_walls import BodyOutline
from phonegrade.rendering.scene.lighting import Environment

_SCALE = 4
_LONGEST = 1.3
"""Longest shadow, as a multiple of the device's height."""


def light_on_ground(
    environment: Environment,
    outline: BodyOutline,
    pose: Pose,
    depth_mm: float,
    turn_rad: float,
    rng: np.random.Generator,
) -> FloatMap:
    """Return the share (H, W) of light that reaches the plane `depth_mm` behind the surface round a device on it."""
    c, s = np.cos(turn_rad), np.sin(turn_rad)
    away = -(np.array([[c, s], [-s, c]]) @ environment.lamp_slope)
    length = float(np.linalg.norm(away))
    cast = away * min(1.0, _LONGEST / max(length, 1e-6)) * depth_mm
    h, w = pose.photo_hw
    size = (w // _SCALE + 1, h // _SCALE + 1)
    size_px = _SCALE * pose.mm_per_px
    foot = outline.points + np.array(pose.size_mm) / 2
    to_photo = pose.photo_from_plane(depth_mm)

    def soft(shift: NDArray[np.float64], sigma_mm: float) -> FloatMap:
        both = np.concatenate([foot, foot + shift])
        hull = cv2.convexHull(both.astype(np.float32))[:, 0].astype(np.float64)
        projected = cv2.perspectiveTransform(hull[None], to_photo)[0]
        mask = np.zeros((size[1], size[0]), np.uint8)
        cv2.fillConvexPoly(mask, fixed(projected / _SCALE), 255, cv2.LINE_AA, FRACTION_BITS)
        blurred = cv2.GaussianBlur(mask, (0, 0), float(np.clip(sigma_mm / size_px, 0.5, 60)))
        return np.asarray(blurred.astype(np.float32) / 255, np.float32)

    hard = rng.uniform(0.05, 0.3)
    lamp = soft(cast, hard * depth_mm) * np.float32(environment.lamp_share * rng.uniform(0.8, 1.2))
    ceiling = soft(np.zeros(2), rng.uniform(0.5, 0.9) * min(depth_mm, 20)) * np.float32(rng.uniform(0.4, 0.7))
    touching = soft(np.zeros(2), 0.7) * np.float32(rng.uniform(0.3, 0.7))
    light = (1 - np.clip(lamp, 0, 0.95)) * (1 - ceiling * np.float32(1 - environment.lamp_share)) * (1 - touching)
    return np.asarray(cv2.resize(light, (size[0] * _SCALE, size[1] * _SCALE))[:h, :w], np.float32)
