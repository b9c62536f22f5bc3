"""The camera: where the surface lies in the photo, and how light is coded."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.configs.rendering import CameraSettings

FloatMap = NDArray[np.float32]


@dataclass(frozen=True)
class Pose:
    """A pinhole camera over a surface: x right, y down, z into the device, in mm from the surface's centre.

    Photo pixels have their centres at whole numbers, as OpenCV counts them.
    """

    photo_hw: tuple[int, int]
    size_mm: tuple[float, float]
    turn: NDArray[np.float64]
    """Rotation (3, 3) from the surface's frame to the camera's."""
    distance_mm: float
    """From the pinhole to the surface's centre, which lies on the camera's axis."""
    focal_px: float
    principal_px: tuple[float, float]

    @property
    def photo_from_mm(self) -> NDArray[np.float64]:
        """Homography (3, 3) from surface mm, origin at its top left, to photo pixels."""
        return self.photo_from_plane(0.0)

    def photo_from_plane(self, depth_mm: float) -> NDArray[np.float64]:
        """The same homography from a plane that lies `depth_mm` behind the surface."""
        lens = np.array([[self.focal_px, 0, self.principal_px[0]], [0, self.focal_px, self.principal_px[1]], [0, 0, 1]])
        centred = np.array([[1, 0, -self.size_mm[0] / 2], [0, 1, -self.size_mm[1] / 2], [0, 0, 1]])
        to_camera = self.turn[:, :2] @ centred[:2] + np.outer(
            self.turn[:, 2] * depth_mm + [0, 0, self.distance_mm], centred[2]
        )
        matrix = lens @ to_camera
        return np.asarray(matrix / matrix[2, 2], np.float64)

    @property
    def corners_px(self) -> NDArray[np.float64]:
        """(4, 2), clockwise from the surface's top left."""
        w, h = self.size_mm
        return np.asarray(
            cv2.perspectiveTransform(np.array([[[0, 0], [w, 0], [w, h], [0, h]]]), self.photo_from_mm)[0], np.float64
        )

    @property
    def tilt_deg(self) -> float:
        """Angle between the surface's normal and the camera's axis."""
        return float(np.rad2deg(np.arccos(np.clip(self.turn[2, 2], -1, 1))))

    @property
    def mm_per_px(self) -> float:
        """Mean millimetres per photo pixel: square root of the areas' ratio."""
        size = cv2.perspectiveTransform(self.corners_px[None], np.linalg.inv(self.photo_from_mm))[0]
        area_px = cv2.contourArea(self.corners_px.astype(np.float32))
        return float(np.sqrt(cv2.contourArea(size.astype(np.float32)) / max(area_px, 1e-6)))


def draw_pose(size_mm: tuple[float, float], settings: CameraSettings, rng: np.random.Generator) -> Pose:
    """A pinhole camera looking down on a tilted, turned surface that fills part of the frame, all or more than it."""
    w_mm, h_mm = size_mm
    long_px = int(rng.integers(settings.long_side_px[0], settings.long_side_px[1] + 1))
    short_px = round(long_px * float(rng.choice([0.5625, 0.75, 0.6667])))
    portrait = rng.random() < 0.5
    photo_hw = (long_px, short_px) if portrait else (short_px, long_px)
    spin = (
        rng.normal(0, 4.0) + rng.choice([0, 90, 180, 270])
        if rng.random() >= settings.turned_share
        else rng.uniform(0, 360)
    )
    tilt = float(np.clip(rng.normal(0, settings.tilt_deg), -60, 60)) if rng.random() < 0.75 else 0.0
    axis = rng.uniform(0, 2 * np.pi)
    turn, _ = cv2.Rodrigues(np.deg2rad(tilt) * np.array([np.cos(axis), np.sin(axis), 0.0]))
    c, s = np.cos(np.deg2rad(spin)), np.sin(np.deg2rad(spin))
    turn = turn @ np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])
    corners = np.array([[0, 0], [w_mm, 0], [w_mm, h_mm], [0, h_mm]], np.float64)
    centred = np.column_stack([corners - np.array(size_mm) / 2, np.zeros(4)]) @ turn.T
    distance = max(size_mm) * float(rng.uniform(1.4, 3.2))
    seen = centred[:, :2] / (1 + centred[:, 2:] / distance)
    span = seen.max(axis=0) - seen.min(axis=0)
    cropped = rng.random() < settings.cropped_share
    fill = rng.uniform(1.1, 2.2) if cropped else rng.uniform(*settings.fill)
    scale = fill * min(photo_hw[1] / span[0], photo_hw[0] / span[1])
    offset = rng.uniform(-0.42, 0.42, 2) * np.abs(np.array([photo_hw[1], photo_hw[0]]) - span * scale)
    principal = np.array([photo_hw[1], photo_hw[0]]) / 2 - (seen.max(axis=0) + seen.min(axis=0)) / 2 * scale + offset
    return Pose(photo_hw, size_mm, turn, distance, scale * distance, (float(principal[0]), float(principal[1])))


def to_srgb(linear: FloatMap) -> FloatMap:
    """sRGB transfer (IEC 61966-2-1) of linear 0..1, by the usual 1/2.2 power above the toe."""
    return np.where(
        linear <= 0.0031308, linear * 12.92, 1.055 * np.power(np.maximum(linear, 1e-8), 1 / 2.4) - 0.055
    ).astype(np.float32)


_TO_LINEAR = np.power((np.arange(256) / 255 + 0.055) / 1.055, 2.4).astype(np.float32)
_TO_LINEAR[:11] = np.arange(11, dtype=np.float32) / 255 / 12.92


def to_linear(coded: NDArray[np.uint8]) -> FloatMap:
    """Linear 0..1 of an sRGB picture."""
    return np.asarray(_TO_LINEAR[coded], np.float32)
