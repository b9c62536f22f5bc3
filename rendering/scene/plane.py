"""A plane before the camera: a table top, a wall, the floor behind a held phone."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.rendering.camera import Pose


@dataclass(frozen=True)
class Plane:
    """`origin` and the unit axes `across` and `away`, all (3,), in mm from the centre of the surface of a pose."""

    origin: NDArray[np.float64]
    across: NDArray[np.float64]
    away: NDArray[np.float64]

    def photo_from_plane(self, pose: Pose) -> NDArray[np.float64]:
        """Homography (3, 3) from mm on the plane, from its origin, to photo pixels."""
        lens = np.array([[pose.focal_px, 0, pose.principal_px[0]], [0, pose.focal_px, pose.principal_px[1]], [0, 0, 1]])
        middle = pose.turn @ self.origin + [0, 0, pose.distance_mm]
        matrix = lens @ np.column_stack([pose.turn @ self.across, pose.turn @ self.away, middle])
        return np.asarray(matrix, np.float64)

    def nearness(self, pose: Pose) -> NDArray[np.float64]:
        """(a, b, c) of a pixel's inverse depth a x + b y + c, per mm; not positive where it looks past the plane."""
        normal = np.cross(self.across, self.away)
        facing = pose.turn @ normal
        height = float(normal @ self.origin + pose.distance_mm * normal @ pose.turn[2])
        x, y = facing[:2] / pose.focal_px
        middle = facing[2] - x * pose.principal_px[0] - y * pose.principal_px[1]
        return np.array([x, y, middle]) / (height if abs(height) > 1e-6 else 1e-6)

    def visible_mm(self, pose: Pose, farthest_mm: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Least and greatest coordinates (2,) on the plane that the frame shows up to a depth of `farthest_mm`."""
        h, w = pose.photo_hw
        sides = np.linspace(0, 1, 5)
        rim = np.concatenate([[(s * w, 0), (s * w, h), (0, s * h), (w, s * h)] for s in sides])
        near = np.maximum(np.column_stack([rim, np.ones(len(rim))]) @ self.nearness(pose), 1 / farthest_mm)
        rays = np.column_stack([(rim - pose.principal_px) / pose.focal_px, np.ones(len(rim))])
        points = (rays / near[:, None] - [0, 0, pose.distance_mm]) @ pose.turn - self.origin
        on_plane = points @ np.column_stack([self.across, self.away])
        return on_plane.min(axis=0), on_plane.max(axis=0)


def behind(pose: Pose, depth_mm: float) -> Plane:
    """The plane that a device lies on: `depth_mm` behind its surface, its axes along the photo's as far as they can."""
    right = np.array([*pose.turn[0, :2], 0.0])
    right /= max(float(np.linalg.norm(right)), 1e-6)
    return Plane(np.array([0.0, 0.0, depth_mm]), right, np.array([-right[1], right[0], 0.0]))


def underneath(pose: Pose) -> Plane | None:
    """The table top on which the surface's lowest side stands upright in the photo; None where none is level."""
    sides = [np.array(side, np.float64) for side in ((0, 1, 0), (0, -1, 0), (1, 0, 0), (-1, 0, 0))]
    down = max(sides, key=lambda side: float(pose.turn[1] @ side))
    if pose.turn[1] @ down < 0.93:
        return None
    half = np.array([*pose.size_mm, 0.0]) / 2
    plane = Plane(down * half, np.cross(down, [0.0, 0.0, 1.0]), np.array([0.0, 0.0, 1.0]))
    return plane if _is_above(plane, down, pose) else None


def _is_above(plane: Plane, down: NDArray[np.float64], pose: Pose) -> bool:
    """Whether the camera stands clear above the plane."""
    eye = -pose.distance_mm * pose.turn[2]
    return float((plane.origin - eye) @ down) > 0.06 * pose.distance_mm


def turned(plane: Plane, angle_rad: float) -> Plane:
    """The same plane with axes turned by `angle_rad`."""
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    return Plane(plane.origin, c * plane.across + s * plane.away, c * plane.away - s * plane.across)


def leant(plane: Plane, angle_rad: float, axis: int) -> Plane:
    """The plane leant over one of its own axes, 0 or 1."""
    normal = np.cross(plane.across, plane.away)
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    if axis == 0:
        return Plane(plane.origin, plane.across, c * plane.away + s * normal)
    return Plane(plane.origin, c * plane.across + s * normal, plane.away)


def as_photographed(
    picture: NDArray[np.uint8], low_mm: NDArray[np.float64], mm_per_px: float, plane: Plane, pose: Pose
) -> NDArray[np.uint8]:
    """`picture` of the plane from `low_mm` on, as the photo shows it (H, W, 3); mirrored where it ends."""
    h, w = pose.photo_hw
    half = mm_per_px / 2
    plane_from_picture = np.array([[mm_per_px, 0, low_mm[0] + half], [0, mm_per_px, low_mm[1] + half], [0, 0, 1]])
    matrix = plane.photo_from_plane(pose) @ plane_from_picture
    return np.asarray(
        cv2.warpPerspective(picture, matrix, (w, h), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.uint8
    )
