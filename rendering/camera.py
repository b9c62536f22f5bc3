"""The camera: where the surface lies in the photo, and how light is coded."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.configs.render_settings import CameraSettings
from phonegrade.core.arrays import FloatMap

LONG_EDGE_ASPECT = 12
"""Surfaces more drawn-out than this are a device's long edges."""
ALONG_SHARE = 0.78
"""Frames that stand upright where the surface does, and lie where it lies."""
NEAREST_MM = 110.0
BY_HAND_DEG = 12.0
"""Where the tilt varies by more, a hand holds the camera: near, and at times from the side."""


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
        """Return the same homography from a plane that lies `depth_mm` behind the surface."""
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
    """Draw a phone's camera over a tilted, turned surface that fills part of the frame, all or more than it.

    The frame mostly stands as the surface does. Long edges, which would be hair-thin, are mostly shot in part.
    """
    long_edge = max(size_mm) > LONG_EDGE_ASPECT * min(size_mm)
    spin = float(rng.normal(0, 4.0) + rng.choice([0, 90, 180, 270], p=[0.55, 0.18, 0.09, 0.18]))
    if rng.random() < settings.turned_share:
        spin = float(rng.uniform(0, 360))
    turn = _draw_turn(spin, settings.tilt_deg, rng)
    long_px = int(rng.integers(settings.long_side_px[0], settings.long_side_px[1] + 1))
    short_px = round(long_px * float(rng.choice([0.5625, 0.75, 0.6667], p=[0.3, 0.55, 0.15])))
    longer = int(size_mm[1] > size_mm[0])
    upright = abs(turn[1, longer]) > abs(turn[0, longer])
    portrait = upright == (rng.random() < ALONG_SHARE)
    photo_hw = (long_px, short_px) if portrait else (short_px, long_px)
    cropped_share = settings.cropped_share
    if long_edge and cropped_share > 0:
        cropped_share = max(cropped_share, 0.4)
    cropped = rng.random() < cropped_share
    low, high = ((1.3, 3.2) if long_edge else (1.1, 2.2)) if cropped else settings.fill
    fill = float(low + (high - low) * rng.random() ** (1.0 if cropped else 0.7))
    by_hand = settings.tilt_deg > BY_HAND_DEG
    focal_px = long_px * float(np.exp(rng.uniform(np.log(0.75 if by_hand else 1.2), np.log(2.4))))
    return _framed(photo_hw, size_mm, turn, focal_px, fill, rng.uniform(-0.42, 0.42, 2))


def _draw_turn(spin_deg: float, tilt_deg: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Rotation (3, 3) of a surface turned by `spin_deg` and tilted by about `tilt_deg`, now and then steeply."""
    tilt = float(np.clip(rng.normal(0, tilt_deg), -60, 60)) if rng.random() < 0.8 else 0.0
    steep = float(rng.uniform(42, 62))
    if rng.random() < 0.08 and tilt_deg > BY_HAND_DEG:
        tilt = steep
    axis = rng.uniform(0, 2 * np.pi)
    if rng.random() < 0.6:  # people lean towards what lies before them, seldom sideways
        axis = rng.normal(0, 0.35)
    turn, _ = cv2.Rodrigues(np.deg2rad(tilt) * np.array([np.cos(axis), np.sin(axis), 0.0]))
    c, s = np.cos(np.deg2rad(spin_deg)), np.sin(np.deg2rad(spin_deg))
    return np.asarray(turn @ np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]]), np.float64)


def _framed(
    photo_hw: tuple[int, int],
    size_mm: tuple[float, float],
    turn: NDArray[np.float64],
    focal_px: float,
    fill: float,
    shift: NDArray[np.float64],
) -> Pose:
    """The camera so near that the surface spans `fill` of the frame along its tighter side.

    `shift` (2,) is how far from the frame's middle it stands, as a share of the room there is. Phones do not focus
    nearer than a hand's width: what would need that is cut out of a larger picture.
    """
    frame = np.array(photo_hw[::-1], np.float64)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * np.array(size_mm) / 2
    placed = corners @ turn[:, :2].T
    distance = 3.0 * max(size_mm)
    for _ in range(3):
        projected = placed[:, :2] / (1 + placed[:, 2:] / distance)
        span = projected.max(axis=0) - projected.min(axis=0)
        scale = fill * float((frame / span).min())
        distance = max(focal_px / scale, NEAREST_MM + float(-placed[:, 2].min()))
    projected = placed[:, :2] / (1 + placed[:, 2:] / distance)
    span = projected.max(axis=0) - projected.min(axis=0)
    scale = fill * float((frame / span).min())
    room = shift * np.abs(frame - span * scale)
    principal = frame / 2 - (projected.max(axis=0) + projected.min(axis=0)) / 2 * scale + room
    return Pose(photo_hw, size_mm, turn, distance, scale * distance, (float(principal[0]), float(principal[1])))


def to_srgb(linear: FloatMap) -> FloatMap:
    """Apply the sRGB transfer (IEC 61966-2-1) of linear 0..1, by the usual 1/2.2 power above the toe."""
    return np.where(
        linear <= 0.0031308, linear * 12.92, 1.055 * np.power(np.maximum(linear, 1e-8), 1 / 2.4) - 0.055
    ).astype(np.float32)


_TO_LINEAR = np.power((np.arange(256) / 255 + 0.055) / 1.055, 2.4).astype(np.float32)
_TO_LINEAR[:11] = np.arange(11, dtype=np.float32) / 255 / 12.92


def to_linear(coded: NDArray[np.uint8]) -> FloatMap:
    """Return linear 0..1 of an sRGB picture."""
    return np.asarray(_TO_LINEAR[coded], np.float32)
