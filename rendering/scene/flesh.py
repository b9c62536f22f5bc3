"""Limbs as the camera sees them: tapered bones melted into one height field, with what their skin needs to know."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap, Points
from phonegrade.rendering.camera import Pose

_NOWHERE_MM = -2000.0
_FALL = 3.0
"""How steeply the field drops past a limb's outline, mm per mm."""


class Part(IntEnum):
    """What covers a bone."""

    FINGER = 0
    TIP = 1
    PALM = 2
    ARM = 3
    SLEEVE = 4


@dataclass(frozen=True)
class Bone:
    """A stretch of a limb from `start` to `end` (3,), mm in the surface's frame, with its radius at either end."""

    start: Points
    end: Points
    radii_mm: tuple[float, float]
    dorsal: Points
    """Unit vector (3,) that the back of the hand faces here."""
    part: Part
    nail: bool = False


Limb = tuple[Bone, ...]


@dataclass
class Field:
    """Maps (H, W) over a window of the photo: height towards the camera in mm, distance outside the outline in px.

    Of the uppermost bone: `part`, `along` in mm past its end, the share `dorsal` (-1..1) of the skin's normal that
    faces the back of the hand and `lateral` (-1..1) that faces sideways, and `nail` where the bone bears one.
    """

    height: FloatMap
    outside: FloatMap
    part: NDArray[np.uint8]
    along: FloatMap
    dorsal: FloatMap
    lateral: FloatMap
    nail: NDArray[np.bool_]

    @classmethod
    def empty(cls, hw: tuple[int, int]) -> "Field":
        """Nothing anywhere."""
        height, outside = np.full(hw, _NOWHERE_MM, np.float32), np.full(hw, 1e3, np.float32)
        return cls(height, outside, np.zeros(hw, np.uint8), *_zeros(hw), np.zeros(hw, np.bool_))

    def window(self, rows: slice, cols: slice) -> "Field":
        """A part of the field that shares its memory."""
        at = (rows, cols)
        return Field(
            self.height[at],
            self.outside[at],
            self.part[at],
            self.along[at],
            self.dorsal[at],
            self.lateral[at],
            self.nail[at],
        )

    def melt(self, other: "Field", reach_mm: float, mm_per_px: float) -> None:
        """Lay `other` of the same window over this, in place; what is nearer than `reach_mm` flows together."""
        # past its outline a limb only melts with what is near: it hides nothing
        mine_alone, new_alone = self.outside <= 0, other.outside <= 0
        fall = np.float32(_FALL * mm_per_px)
        higher = other.height - self.height
        above_me, above_new = higher + fall * other.outside > reach_mm, fall * self.outside - higher > reach_mm
        farther = ~mine_alone & ~new_alone & (other.outside > self.outside)
        new_height = np.where((mine_alone & ~new_alone & above_me) | farther, np.float32(_NOWHERE_MM), other.height)
        hidden = ~mine_alone & ((new_alone & above_new) | (~new_alone & ~farther))
        np.copyto(self.height, np.float32(_NOWHERE_MM), where=hidden)
        above = new_height > self.height
        for mine, new in (
            (self.part, other.part),
            (self.along, other.along),
            (self.dorsal, other.dorsal),
            (self.lateral, other.lateral),
            (self.nail, other.nail),
        ):
            np.copyto(mine, new, where=above)
        self.height[:] = _smooth_max(self.height, new_height, reach_mm)
        self.outside[:] = -_smooth_max(-self.outside, -other.outside, reach_mm / mm_per_px)


def _zeros(hw: tuple[int, int]) -> tuple[FloatMap, FloatMap, FloatMap]:
    return np.zeros(hw, np.float32), np.zeros(hw, np.float32), np.zeros(hw, np.float32)


@dataclass(frozen=True)
class _Joint:
    """A joint in the photo: place (2,) in px, depth in mm, radius in mm and px."""

    at: Points
    depth: float
    radius_mm: float
    radius_px: float


def melt_limbs(limbs: Sequence[Limb], pose: Pose, webbing_mm: float) -> tuple[Field, tuple[slice, slice]]:
    """All limbs as one field, and the window of the photo that it covers; empty (0, 0) out of sight.

    The bones of one limb flow into one another, different limbs touch with a crease `webbing_mm` wide.
    """
    h, w = pose.photo_hw
    mm_per_px = pose.mm_per_px
    boxes = [_box(limb, pose) for limb in limbs]
    rows, cols = _clipped(np.concatenate(boxes), (h, w))
    field = Field.empty((rows.stop - rows.start, cols.stop - cols.start))
    for limb, box in zip(limbs, boxes, strict=True):
        own_rows, own_cols = _clipped(box, (h, w))
        if own_rows.start >= own_rows.stop or own_cols.start >= own_cols.stop:
            continue
        own = Field.empty((own_rows.stop - own_rows.start, own_cols.stop - own_cols.start))
        for bone in limb:
            _melt_bone(own, bone, pose, (own_rows.start, own_cols.start), mm_per_px)
        here = field.window(
            slice(own_rows.start - rows.start, own_rows.stop - rows.start),
            slice(own_cols.start - cols.start, own_cols.stop - cols.start),
        )
        here.melt(own, 7.0 if limb[-1].part in (Part.PALM, Part.ARM) else webbing_mm, mm_per_px)
    return field, (rows, cols)


def _melt_bone(field: Field, bone: Bone, pose: Pose, origin: tuple[int, int], mm_per_px: float) -> None:
    start, end = (
        _project(point, radius, pose) for point, radius in zip((bone.start, bone.end), bone.radii_mm, strict=True)
    )
    spare = 8.0 / mm_per_px
    low = np.minimum(start.at - start.radius_px, end.at - end.radius_px) - spare
    high = np.maximum(start.at + start.radius_px, end.at + end.radius_px) + spare
    box = np.stack([low, high]) - origin[::-1]
    rows, cols = _clipped(box, field.height.shape)
    if rows.start >= rows.stop or cols.start >= cols.stop:
        return
    here = field.window(rows, cols)
    x = np.arange(cols.start, cols.stop, dtype=np.float32) + np.float32(origin[1])
    y = (np.arange(rows.start, rows.stop, dtype=np.float32) + np.float32(origin[0]))[:, None]
    reach = 1.5 if bone.part in (Part.FINGER, Part.TIP) else 9.0
    own = _bone_field(bone, start, end, pose, x, y, mm_per_px)
    if abs(end.depth - start.depth) > 0.4 * float(np.linalg.norm(bone.end - bone.start)):
        # seen end on, a joint hides the stretch behind it
        for joint in (start, end):
            ball = _bone_field(bone, joint, joint, pose, x, y, mm_per_px)
            if joint is start:
                ball.along -= np.float32(np.linalg.norm(bone.end - bone.start))
            own.melt(ball, 0.1, mm_per_px)
    here.melt(own, reach, mm_per_px)


def _bone_field(
    bone: Bone, start: _Joint, end: _Joint, pose: Pose, x: FloatMap, y: FloatMap, mm_per_px: float
) -> Field:
    """One tapered stretch, or the ball at its end where both joints are one."""
    way = (end.at - start.at).astype(np.float32)
    length_px = float(np.hypot(*way))
    from_x, from_y = x - np.float32(start.at[0]), y - np.float32(start.at[1])
    if length_px > 1e-3:
        share = np.clip((from_x * way[0] + from_y * way[1]) / np.float32(length_px**2), 0, 1)
    else:
        share = np.ones(np.broadcast_shapes(x.shape, y.shape), np.float32)
    off_x, off_y = from_x - share * way[0], from_y - share * way[1]
    radius_px = np.float32(start.radius_px) + share * np.float32(end.radius_px - start.radius_px)
    radius_mm = np.float32(start.radius_mm) + share * np.float32(end.radius_mm - start.radius_mm)
    square = (off_x * off_x + off_y * off_y) / (radius_px * radius_px)
    round_up = np.sqrt(np.maximum(1 - square, 0))
    outside = (np.sqrt(square) - 1) * radius_px
    depth = np.float32(start.depth) + share * np.float32(end.depth - start.depth)
    height = -depth + round_up * radius_mm - np.maximum(outside, 0) * np.float32(_FALL * mm_per_px)
    axis = bone.end - bone.start
    long_mm = max(float(np.linalg.norm(axis)), 1e-6)
    axis = axis / long_mm
    dorsal = bone.dorsal - axis * float(bone.dorsal @ axis)
    dorsal /= max(float(np.linalg.norm(dorsal)), 1e-6)
    in_photo = pose.turn @ np.column_stack([axis, dorsal, np.cross(axis, dorsal)])
    normal = (off_x / radius_px, off_y / radius_px, -round_up)

    def towards(axis: Points) -> FloatMap:
        x_share, y_share, z_share = (np.float32(share) for share in axis)
        return np.asarray(normal[0] * x_share + normal[1] * y_share + normal[2] * z_share, np.float32)

    along, back, side = (towards(in_photo[:, k]) for k in range(3))
    past = (share - 1) * np.float32(long_mm) + along * radius_mm
    part = np.full(height.shape, bone.part, np.uint8)
    return Field(height, outside, part, past, back, side, np.full(height.shape, bone.nail))


def _project(point: Points, radius_mm: float, pose: Pose) -> _Joint:
    x, y, z = pose.turn @ point + [0, 0, pose.distance_mm]
    z = max(float(z), 30.0)
    scale = pose.focal_px / z
    return _Joint(np.array([x, y]) * scale + pose.principal_px, z, radius_mm, radius_mm * scale)


def _box(limb: Limb, pose: Pose) -> Points:
    """Least and greatest (2, 2) photo pixels of a limb."""
    joints = [
        _project(point, radius, pose)
        for bone in limb
        for point, radius in zip((bone.start, bone.end), bone.radii_mm, strict=True)
    ]
    spare = 6.0 / pose.mm_per_px
    low = np.min([joint.at - joint.radius_px for joint in joints], axis=0) - spare
    high = np.max([joint.at + joint.radius_px for joint in joints], axis=0) + spare
    return np.stack([low, high])


def _clipped(box: Points, hw: tuple[int, ...]) -> tuple[slice, slice]:
    low, high = np.floor(box.min(axis=0)), np.ceil(box.max(axis=0)) + 1
    left, top = np.clip(low, 0, (hw[1], hw[0])).astype(int).tolist()
    right, bottom = np.clip(high, 0, (hw[1], hw[0])).astype(int).tolist()
    return slice(top, max(bottom, top)), slice(left, max(right, left))


def _smooth_max(a: FloatMap, b: FloatMap, reach: float) -> FloatMap:
    """The greater of both, rounded up where they differ by less than `reach`."""
    near = np.maximum(reach - np.abs(a - b), 0)
    return np.asarray(np.maximum(a, b) + near * near * np.float32(0.25 / reach), np.float32)
