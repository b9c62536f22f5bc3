"""The device's shape: a flat surface towards the camera and a wall behind its outline, in mm from the centre."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap

FILLET_MM = 0.25
"""The rounded step from the surface to the wall."""
STEEP = 0.6
"""From this share of its normal on, a wall faces up or down the canvas."""
_SMOOTH_TEXELS = 4.0


@dataclass(frozen=True)
class Mesh:
    """Triangles `faces` (F, 3) over `points`, unit `normals` (both (N, 3), x right, y down, z into the device)."""

    points: FloatMap
    normals: FloatMap
    uv: FloatMap
    """(N, 2), 0..1 from the texture's top left."""
    faces: NDArray[np.uint32]


def outline_of(body: FloatMap, size_mm: tuple[float, float]) -> FloatMap:
    """The rim (N, 2) of a coverage map (H, W), in mm from the surface's centre, smoothed below the texel."""
    padded = cv2.copyMakeBorder((body > 0.5).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    contours, _ = cv2.findContours(padded, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    rim = max(contours, key=cv2.contourArea)[:, 0].astype(np.float32)
    reach = int(3 * _SMOOTH_TEXELS)
    closed = np.concatenate([rim[-reach:], rim, rim[:reach]])
    smooth = cv2.GaussianBlur(closed, (1, 0), sigmaX=0.01, sigmaY=_SMOOTH_TEXELS)[reach:-reach][::2]
    # the contour runs through the centres of the outermost pixels, half a pixel inside the rim
    h, w = body.shape
    centred = (smooth - 1 + 0.5) / (w, h) - 0.5
    grown = centred * (1 + 1 / np.array([w, h]))
    return np.asarray(grown * size_mm, np.float32)


def face(outline: FloatMap, size_mm: tuple[float, float]) -> Mesh:
    """The surface itself: flat at z = 0, up to the fillet."""
    rim = _inset(outline, FILLET_MM)
    flat = np.concatenate([[rim.mean(axis=0)], rim])
    count = len(rim)
    ring = np.arange(count)
    faces = np.stack([np.zeros(count), 1 + ring, 1 + (ring + 1) % count], axis=1)
    points = np.column_stack([flat, np.zeros(len(flat))])
    normals = np.tile([0, 0, -1], (len(points), 1))
    return _mesh(points, normals, flat / size_mm + 0.5, faces)


def walls(outline: FloatMap, depth_mm: float) -> tuple[Mesh, Mesh, Mesh]:
    """From the surface's fillet down to `depth_mm`: the parts that face up, down and sideways on the canvas."""
    whole = _wall(outline, depth_mm)
    away = whole.normals[whole.faces].mean(axis=1)
    up, down = away[:, 1] < -STEEP, away[:, 1] > STEEP
    parts = (whole.faces[up], whole.faces[down], whole.faces[~up & ~down])
    return tuple(replace(whole, faces=part) for part in parts)  # type: ignore[return-value]


def _wall(outline: FloatMap, depth_mm: float) -> Mesh:
    outward = _outward(outline)
    rings = [(FILLET_MM * (1 - np.sin(a)), FILLET_MM * (1 - np.cos(a)), a) for a in np.linspace(0, np.pi / 2, 4)]
    rings += [(0.0, depth_mm - FILLET_MM, np.pi / 2), (0.0, depth_mm, np.pi / 2)]
    points, normals = [], []
    for inset, z, angle in rings:
        points.append(np.column_stack([outline - outward * inset, np.full(len(outline), z)]))
        normals.append(np.column_stack([outward * np.sin(angle), np.full(len(outline), -np.cos(angle))]))
    count, layers = len(outline), len(rings)
    at = np.arange(count)
    faces = []
    for layer in range(layers - 1):
        a, b = layer * count + at, layer * count + (at + 1) % count
        faces += [np.stack([a, a + count, b], axis=1), np.stack([b, a + count, b + count], axis=1)]
    uv = np.zeros((count * layers, 2))
    return _mesh(np.concatenate(points), np.concatenate(normals), uv, np.concatenate(faces))


def case_round(outline: FloatMap, lip_mm: float, depth_mm: float) -> tuple[Mesh, ...]:
    """A case that stands out round the surface by `lip_mm`: its lip, level with the surface, and its walls."""
    rim = np.asarray(outline + _outward(outline) * np.float32(lip_mm), np.float32)
    count = len(outline)
    at = np.arange(count)
    after = (at + 1) % count
    faces = np.concatenate([np.stack([at, at + count, after], 1), np.stack([after, at + count, after + count], 1)])
    flat = np.concatenate([outline, _inset(rim, FILLET_MM)])
    points = np.column_stack([flat, np.zeros(2 * count)])
    lip = _mesh(points, np.tile([0, 0, -1], (2 * count, 1)), np.zeros((2 * count, 2)), faces)
    return lip, _wall(rim, depth_mm)


def sheet(corners: FloatMap) -> Mesh:
    """A flat quad through `corners` (4, 3), clockwise from the texture's top left."""
    uv = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    return _mesh(corners, np.tile([0, 0, -1], (4, 1)), uv, np.array([[0, 1, 2], [0, 2, 3]]))


def _mesh(points: NDArray[np.floating], normals: NDArray[np.floating], uv: NDArray[np.floating], faces: object) -> Mesh:
    return Mesh(
        np.asarray(points, np.float32),
        np.asarray(normals, np.float32),
        np.asarray(uv, np.float32),
        np.asarray(faces, np.uint32),
    )


def _outward(outline: FloatMap) -> FloatMap:
    along = np.roll(outline, -1, axis=0) - np.roll(outline, 1, axis=0)
    side = np.column_stack([along[:, 1], -along[:, 0]])
    if (side * outline).sum() < 0:
        side = -side
    return np.asarray(side / np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-9), np.float32)


def _inset(outline: FloatMap, by_mm: float) -> FloatMap:
    return np.asarray(outline - _outward(outline) * np.float32(by_mm), np.float32)
