"""Parts scratches that cross: each goes straight on where they meet."""

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import Mask, Points
from phonegrade.inference.defects.instances import Instance
from phonegrade.inference.defects.skeleton import neighbourhoods, thin

MAX_BEND_DEG = 35.0
"""Two arms that bend less where they meet go on in one another."""
MIN_ARM_MM = 1.5
"""A shorter arm is a spur and stays with its stem."""
TANGENT_MM = 1.5
"""Stretch of an arm in which its direction is read."""
BRIDGE_WIDTHS = 6.0
"""Lines that cross at a small angle run together for so many widths."""


@dataclass(frozen=True)
class _Tip:
    """Where an arm of the centre line runs into a crossing."""

    arm: int
    at: Points
    towards: Points
    """Unit vector, from the arm into the crossing."""


def _branch_table() -> Mask:
    """Whether three or more lines leave a pixel, by its neighbourhood's code: changes from off to on, going round."""
    bits = (np.arange(256)[:, None] >> np.arange(8)) & 1
    return np.asarray(((bits == 0) & (np.roll(bits, -1, axis=1) == 1)).sum(axis=1) >= 3)


BRANCHES = _branch_table()


def part_crossings(instance: Instance, px_per_mm: float) -> list[Instance]:
    """The scratches that one connected mark is made of: itself alone, unless arms of it cross.

    The centre line is cut where it branches. At each crossing the two arms that bend least go on in one another, then
    the next two. An arm without a partner is a scratch of its own where it leaves at an angle, and otherwise, like
    every spur, part of what it leaves.
    """
    if float(np.hypot(*instance.mask.shape)) < 2 * MIN_ARM_MM * px_per_mm:
        return [instance]
    mask = np.pad(instance.mask, 1)
    line = thin(mask)
    at = np.flatnonzero(line)
    branching = np.zeros_like(line)
    branching.flat[at[BRANCHES[neighbourhoods(line, at)]]] = True
    if not branching.any():
        return [instance]
    inside = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    width = max(2.0, 2.0 * float(np.median(inside[line])) - 1.0)
    arms, tips = _arms(line, branching, width, px_per_mm)
    owner, joints = _owners(len(arms), tips)
    if len(set(owner)) < 2:
        return [instance]
    masks = _cut(mask, arms, owner, joints, width)
    x, y = instance.origin
    return [replace(instance, mask=part, origin=(x + left - 1, y + top - 1)) for part, left, top in masks]


def _arms(line: Mask, branching: Mask, width: float, px_per_mm: float) -> tuple[list[Points], list[list[_Tip]]]:
    """The arms' pixels (N, 2), and the tips that meet at each crossing."""
    reach = 2 * round(width / 2) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    zone = cv2.dilate(branching.astype(np.uint8), disc)
    _, first = cv2.connectedComponents(zone, connectivity=8)
    count, labels = cv2.connectedComponents((line & (zone == 0)).astype(np.uint8), connectivity=8)
    pieces = [np.argwhere(labels == label)[:, ::-1] for label in range(1, count)]
    arms = []
    for piece in pieces:
        if len(piece) < BRIDGE_WIDTHS * width and len(_touched(piece, first)) > 1:
            zone[piece[:, 1], piece[:, 0]] = 1
        elif len(piece) >= MIN_ARM_MM * px_per_mm:
            arms.append(piece)
    count, crossings = cv2.connectedComponents(zone, connectivity=8)
    tips: list[list[_Tip]] = [[] for _ in range(count)]
    for number, piece in enumerate(arms):
        for crossing in _touched(piece, crossings):
            tips[crossing].append(_tip(number, piece.astype(np.float64), crossings == crossing, TANGENT_MM * px_per_mm))
    return [piece.astype(np.float64) for piece in arms], tips


def _touched(piece: NDArray[np.int64], labels: NDArray[Any]) -> list[int]:
    """Labels other than 0 among the pixels next to those of `piece` (N, 2)."""
    found: set[int] = set()
    for x, y in piece.tolist():
        found |= set(labels[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2].ravel().tolist())
    return sorted(found - {0})


def _tip(arm: int, points: Points, crossing: Mask, stretch_px: float) -> _Tip:
    centre = np.argwhere(crossing)[:, ::-1].mean(axis=0)
    at = points[np.linalg.norm(points - centre, axis=1).argmin()]
    near = points[np.linalg.norm(points - at, axis=1) <= stretch_px]
    away = at - near.mean(axis=0)
    return _Tip(arm, at, away / max(float(np.linalg.norm(away)), 1e-9))


def _owners(arms: int, crossings: list[list[_Tip]]) -> tuple[list[int], list[tuple[int, Points, Points]]]:
    """The scratch that each arm belongs to, and the joints (arm, from, to) across the crossings."""
    owner, joints = list(range(arms)), list[tuple[int, Points, Points]]()

    def join(a: _Tip, b: _Tip) -> None:
        old, new = owner[b.arm], owner[a.arm]
        owner[:] = [new if one == old else one for one in owner]
        joints.append((a.arm, a.at, b.at))

    for tips in crossings:
        pairs = [(_bend_deg(a, b), a, b) for a, b in combinations(tips, 2)]
        # two tips alone are a bend with a spur
        straight = sorted((p for p in pairs if p[0] <= MAX_BEND_DEG or len(tips) == 2), key=lambda pair: pair[0])
        taken: set[int] = set()
        for _, a, b in straight:
            if id(a) not in taken and id(b) not in taken:
                taken |= {id(a), id(b)}
                join(a, b)
        for _, a, b in straight:  # a fork: what lost its partner to another still goes on there
            if (id(a) in taken) != (id(b) in taken):
                taken |= {id(a), id(b)}
                join(a, b)
    return owner, joints


def _bend_deg(a: _Tip, b: _Tip) -> float:
    """How far from straight the way from one arm into the other is."""
    return float(np.rad2deg(np.arccos(np.clip(-(a.towards @ b.towards), -1.0, 1.0))))


def _cut(
    mask: Mask, arms: list[Points], owner: list[int], joints: list[tuple[int, Points, Points]], width: float
) -> list[tuple[Mask, int, int]]:
    """Mask, left and top of each scratch: the pixels nearest to its arms, and what its joints cover."""
    scratches = sorted(set(owner))
    drawn = np.zeros((len(scratches), *mask.shape), np.uint8)
    for arm, points in enumerate(arms):
        x, y = points.astype(int).T
        drawn[scratches.index(owner[arm]), y, x] = 1
    for arm, start, end in joints:
        a, b = (tuple(int(v) for v in point) for point in (start, end))
        cv2.line(drawn[scratches.index(owner[arm])], a, b, 1, 1)
    distance = np.stack([cv2.distanceTransform(1 - layer, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) for layer in drawn])
    own = mask & ((distance <= distance.min(axis=0)) | (distance <= width / 2))
    parts = []
    for layer in own:
        left, top, w, h = cv2.boundingRect(layer.astype(np.uint8))
        parts.append((layer[top : top + h, left : left + w], left, top))
    return parts
