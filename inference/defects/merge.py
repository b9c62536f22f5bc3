"""Tells scratches one by one: crossing ones apart, the pieces of an interrupted one together."""

from dataclasses import dataclass

import cv2
import numpy as np

from phonegrade.core.arrays import Points
from phonegrade.core.vocabulary import DefectKind
from phonegrade.inference.defects.crossings import part_crossings
from phonegrade.inference.defects.instances import Instance
from phonegrade.inference.defects.skeleton import centre_line

MAX_GAP_MM = 3.0
MAX_BEND_DEG = 25.0
"""How much two pieces may bend over their gap."""
MAX_ASIDE_DEG = 15.0
"""How far aside of a piece's own course its continuation may lie."""
MIN_ELONGATION = 3.0
"""A piece must be this much longer than wide for its direction to mean anything."""
STRAIGHT = 1.25
"""A piece whose extent across is less than so many widths is straight, and its axis tells its tips."""


@dataclass(frozen=True)
class _Piece:
    """A scratch reduced to its tips, in canvas pixels."""

    instance: Instance
    tips: Points
    """(E, 2) x, y."""
    outward: Points
    """(E, 2) unit vectors in which it ends."""
    length: float
    width: float


def single_scratches(instances: list[Instance], px_per_mm: float) -> list[Instance]:
    """The same marks, with scratches parted where they cross and joined where they only pause.

    Two tips are joined that lead into one another over a gap below 3 mm that is no longer than the longer piece; the
    nearest first, each tip once. Surest first.
    """
    parted = [part for i in instances for part in _parts(i, px_per_mm)]
    pieces = [piece for i in parted if i.kind is DefectKind.SCRATCH if (piece := _piece(i)) is not None]
    group = list(range(len(pieces)))
    gaps: list[tuple[int, Points]] = []
    for a, b, gap in _joints(pieces, MAX_GAP_MM * px_per_mm):
        if _root(group, a) != _root(group, b):
            group[_root(group, b)] = _root(group, a)
            gaps.append((a, gap))
    merged, joined = [], set()
    for root in {_root(group, a) for a, _ in gaps}:
        members = [p.instance for i, p in enumerate(pieces) if _root(group, i) == root]
        joined |= {id(member) for member in members}
        merged.append(_union(members, [gap for a, gap in gaps if _root(group, a) == root]))
    rest = [i for i in parted if id(i) not in joined]
    return sorted(rest + merged, key=lambda i: -i.confidence)


def _parts(instance: Instance, px_per_mm: float) -> list[Instance]:
    return part_crossings(instance, px_per_mm) if instance.kind is DefectKind.SCRATCH else [instance]


def _root(group: list[int], index: int) -> int:
    while group[index] != index:
        index = group[index]
    return index


def _piece(instance: Instance) -> _Piece | None:
    """Tips of a piece: those of its axis where it is straight, else those of its centre line."""
    points = np.argwhere(instance.mask)[:, ::-1] + np.asarray(instance.origin)
    if len(points) < 4:
        return None
    centre = points.mean(axis=0)
    across, axis = np.linalg.eigh(np.cov((points - centre).T))[1].T
    along = (points - centre) @ axis
    length = float(np.ptp(along)) + 1.0
    width = len(points) / length
    if float(np.ptp((points - centre) @ across)) < STRAIGHT * width + 1.0:
        tips = centre + np.outer([along.min() - 0.5, along.max() + 0.5], axis)
        outward = np.stack([-axis, axis])
    else:
        line = centre_line(instance.mask)
        if line is None:
            return None
        tips, outward, length = line.tips + instance.origin, line.outward, line.length_px
        width = len(points) / length
    return None if length < MIN_ELONGATION * width else _Piece(instance, tips, outward, length, width)


def _joints(pieces: list[_Piece], max_gap_px: float) -> list[tuple[int, int, Points]]:
    """Pairs of pieces that continue one another and the two tips (2, 2) where they do; the nearest first."""
    if sum(len(p.tips) for p in pieces) < 2:
        return []
    owner = np.repeat(np.arange(len(pieces)), [len(p.tips) for p in pieces])
    tips, outward = np.concatenate([p.tips for p in pieces]), np.concatenate([p.outward for p in pieces])
    width, length = np.array([[pieces[i].width, pieces[i].length] for i in owner]).T
    step = tips[None] - tips[:, None]
    gap = np.linalg.norm(step, axis=2)
    slack = np.maximum(width[:, None], width[None])
    aside = np.abs(step[..., 0] * outward[:, None, 1] - step[..., 1] * outward[:, None, 0])
    ahead = (step * outward[:, None]).sum(axis=2)
    leads = (aside <= slack + np.sin(np.deg2rad(MAX_ASIDE_DEG)) * gap) & (ahead >= -slack)
    near = gap <= np.minimum(max_gap_px, np.maximum(length[:, None], length[None]))
    straight = outward @ outward.T <= -np.cos(np.deg2rad(MAX_BEND_DEG))
    fits = np.triu(near & straight & leads & leads.T & (owner[:, None] != owner[None]))
    found, taken = list[tuple[int, int, Points]](), set[int]()
    for _, a, b in sorted((float(gap[a, b]), int(a), int(b)) for a, b in np.argwhere(fits)):
        if a not in taken and b not in taken:
            taken |= {a, b}
            found.append((int(owner[a]), int(owner[b]), tips[[a, b]]))
    return found


def _union(instances: list[Instance], gaps: list[Points]) -> Instance:
    """One instance over all of them, bridged at the gaps."""
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
