"""Joins the pieces of one interrupted scratch."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.configs.vocabulary import DefectKind
from phonegrade.inference.instances import NOMINAL_PX_PER_MM, Instance

MAX_GAP_MM = 3.0
MAX_ANGLE_DEG = 15.0
MIN_ELONGATION = 3.0
"""A piece must be this much longer than wide for its direction to mean anything."""


@dataclass(frozen=True)
class _Piece:
    """A scratch reduced to its axis, in canvas pixels."""

    instance: Instance
    tips: NDArray[np.float64]
    direction: NDArray[np.float64]
    width: float


def merge_scratches(instances: list[Instance], px_per_mm: float | None) -> list[Instance]:
    """The same marks with collinear scratches joined: gap below 3 mm, directions within 15 degrees, gap in line too."""
    scale = px_per_mm or NOMINAL_PX_PER_MM
    pieces = [piece for i in instances if i.kind is DefectKind.SCRATCH if (piece := _piece(i)) is not None]
    group = list(range(len(pieces)))
    joints: list[tuple[int, NDArray[np.float64]]] = []
    for a in range(len(pieces)):
        for b in range(a + 1, len(pieces)):
            gap = _gap(pieces[a], pieces[b], MAX_GAP_MM * scale)
            if gap is not None and _root(group, a) != _root(group, b):
                group[_root(group, b)] = _root(group, a)
                joints.append((a, gap))
    merged, joined = [], set()
    for root in {_root(group, a) for a, _ in joints}:
        members = [p for i, p in enumerate(pieces) if _root(group, i) == root]
        joined |= {id(p.instance) for p in members}
        merged.append(_union(members, [gap for a, gap in joints if _root(group, a) == root]))
    rest = [i for i in instances if id(i) not in joined]
    return sorted(rest + merged, key=lambda i: -i.confidence)


def _root(group: list[int], index: int) -> int:
    while group[index] != index:
        index = group[index]
    return index


def _piece(instance: Instance) -> _Piece | None:
    points = np.argwhere(instance.mask)[:, ::-1] + np.asarray(instance.origin)
    if len(points) < 4:
        return None
    centre = points.mean(axis=0)
    _, vectors = np.linalg.eigh(np.cov((points - centre).T))
    direction = vectors[:, 1]
    along = (points - centre) @ direction
    length = float(np.ptp(along)) + 1.0
    width = len(points) / length
    if length < MIN_ELONGATION * width:
        return None
    return _Piece(instance, points[[int(along.argmin()), int(along.argmax())]].astype(np.float64), direction, width)


def _gap(a: _Piece, b: _Piece, max_gap_px: float) -> NDArray[np.float64] | None:
    """The two nearest tips (2, 2) where both pieces continue one another, else None."""
    cosine = np.cos(np.deg2rad(MAX_ANGLE_DEG))
    if abs(float(a.direction @ b.direction)) < cosine:
        return None
    distance = np.linalg.norm(a.tips[:, None] - b.tips[None], axis=2)
    i, j = np.unravel_index(int(distance.argmin()), distance.shape)
    if distance[i, j] > max_gap_px:
        return None
    step = b.tips[j] - a.tips[i]
    aside = max(abs(float(step[0] * d[1] - step[1] * d[0])) for d in (a.direction, b.direction))
    ahead = float(step @ (a.tips[i] - a.tips[1 - i]))
    sine = np.sin(np.deg2rad(MAX_ANGLE_DEG))
    if aside > max(a.width, b.width) + sine * float(distance[i, j]) or ahead < -max(a.width, b.width):
        return None
    return np.stack([a.tips[i], b.tips[j]])


def _union(members: list[_Piece], gaps: list[NDArray[np.float64]]) -> Instance:
    """One instance over all members, bridged at the gaps."""
    instances = [p.instance for p in members]
    x0, y0 = (min(i.origin[axis] for i in instances) for axis in (0, 1))
    x1 = max(i.origin[0] + i.mask.shape[1] for i in instances)
    y1 = max(i.origin[1] + i.mask.shape[0] for i in instances)
    mask = np.zeros((y1 - y0, x1 - x0), np.bool_)
    for i in instances:
        x, y = i.origin[0] - x0, i.origin[1] - y0
        mask[y : y + i.mask.shape[0], x : x + i.mask.shape[1]] |= i.mask
    bridge = np.zeros(mask.shape, np.uint8)
    for gap in gaps:
        a, b = (np.round(tip - (x0, y0)).astype(int).tolist() for tip in gap)
        cv2.line(bridge, a, b, 1, 2)
    confidence = max(i.confidence for i in instances)
    return Instance(DefectKind.SCRATCH, confidence, mask | (bridge > 0), (x0, y0), (bridge > 0) & ~mask)
