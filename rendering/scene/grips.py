"""How hands hold phones: skeletons in mm in the frame of the photographed surface (x right, y down, z into it)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import Points
from phonegrade.rendering.scene.flesh import Bone, Limb, Part
from phonegrade.rendering.texture import between, chance

_FINGER_RADII = (9.6, 9.0, 8.0, 6.9)
_THUMB_RADII = (13.0, 10.8, 9.8, 8.1)
_SLIM = (0.96, 1.03, 0.98, 0.86)
"""Thickness of index, middle, ring and little finger."""


_ARM_MM = 520.0


@dataclass(frozen=True)
class Grip:
    """A place to hold: unit axes (3,) `out` and `down` of the surface, and half the device's reach along them."""

    out: Points
    down: Points
    half_out: float
    half_down: float
    depth: float
    size: float
    """Of the hand, 1 is medium."""

    def at(self, out: float, down: float, deep: float) -> Points:
        """The point (3,) that far from the surface's centre."""
        return np.asarray(self.out * out + self.down * down + np.array([0.0, 0.0, deep]), np.float64)


def _chain(joints: list[Points], radii: tuple[float, ...], dorsal: Points, *, nail: bool) -> Limb:
    """A finger from root to tip; its last bone is the tip."""
    last = len(joints) - 2
    return tuple(
        Bone(a, b, (ra, rb), dorsal, Part.TIP if k == last else Part.FINGER, nail and k == last)
        for k, (a, b, ra, rb) in enumerate(zip(joints, joints[1:], radii, radii[1:], strict=False))
    )


def _palm(points: list[tuple[Points, Points]], radii: tuple[float, float], dorsal: Points) -> Limb:
    return tuple(Bone(a, b, radii, dorsal, Part.PALM) for a, b in points)


def _arm(wrist: Points, way: Points, side: Points, size: float, dorsal: Points, rng: np.random.Generator) -> list[Limb]:
    """A flat wrist and a forearm that leaves the picture, at times in a sleeve."""
    way = way / np.linalg.norm(way)
    spread = side * 11 * size
    lines = [(wrist + sign * spread, wrist + way * _ARM_MM + 2 * sign * spread) for sign in (-1, 1)]
    slim, thick = 17 * size, 33 * size
    limbs: list[Limb] = [tuple(Bone(start, end, (slim, thick), dorsal, Part.ARM) for start, end in lines)]
    if chance(rng, 0.45):
        bare, loose = between(rng, 25, 130) / _ARM_MM, between(rng, 3, 9)
        radii = (slim + (thick - slim) * bare + loose, thick + loose)
        cuffs = [(start + (end - start) * bare, end) for start, end in lines]
        limbs.append(tuple(Bone(start, end, radii, dorsal, Part.SLEEVE) for start, end in cuffs))
    return limbs


def cradle(grip: Grip, rng: np.random.Generator) -> list[Limb]:
    """The palm behind, four finger tips over one long side, the thumb along the other or on the glass.

    `grip.out` points to the thumb's side, `grip.down` to the arm.
    """
    s, a, deep, size = grip, grip.half_out, grip.depth, grip.size
    away = np.array([0.0, 0.0, 1.0])
    middle = between(rng, -0.15, 0.5) * grip.half_down
    wrist = s.at(0.35 * a, middle + 66 * size, deep + 24)
    lean, curl = between(rng, -0.25, 0.15), between(rng, 2, 9)
    limbs: list[Limb] = []
    knuckles = []
    reach = between(rng, -2, 8)
    for k in range(4):
        root = s.at(-a + between(rng, 28, 38) * size, middle + (19.0 * k - 36) * size, deep + 12)
        knuckles.append(root)
        if (k == 3 and chance(rng, 0.3)) or (k == 0 and chance(rng, 0.12)):
            continue
        thick = size * _SLIM[k]
        radii = tuple(r * thick for r in _FINGER_RADII)
        place = middle + (17.6 * k - 38 + rng.normal(0, 1.2)) * size
        over = reach + rng.normal(0, 1.6) - (3 if k == 3 else 0)
        joints = [
            root,
            s.at(-a - between(rng, 3, 7) * size, place + curl, deep + between(rng, 2, 5)),
            s.at(-a - between(rng, 5, 8) * size, place + lean * 9, between(rng, -4, 1)),
            s.at(-a + over - radii[3], place + lean * 24 + rng.normal(0, 1.2), -radii[3] * between(rng, 0.75, 0.95)),
        ]
        limbs.append(_chain(joints, radii, -grip.out * 0.9 - away * 0.45, nail=chance(rng, 0.4)))
    base = s.at(a + between(rng, 6, 12) * size, middle + 30 * size, deep * 0.5 + 10)
    limbs.insert(0, _palm([(wrist, root) for root in knuckles], (15 * size, 11.5 * size), away))
    limbs.insert(1, _palm([(wrist, base), (s.at(0.5 * a, middle + 10, deep + 16), base)], (20 * size, 14 * size), away))
    limbs.append(_thumb_beside(s, base, middle, rng))
    way = grip.down + grip.out * between(rng, -0.15, 0.75) + away * between(rng, 0.0, 0.3)
    return _arm(wrist, way, grip.out, size, away, rng) + limbs


def _thumb_beside(s: Grip, base: Points, middle: float, rng: np.random.Generator) -> Limb:
    """Along the phone's side with its tip on the rim, or laid over the glass."""
    a, size = s.half_out, s.size
    radii = tuple(r * size for r in _THUMB_RADII)
    lay = between(rng, 8, 26) if chance(rng, 0.35) else between(rng, -6, 6)
    bend = between(rng, 6, 13)
    first = s.at(a + bend * size, middle + between(rng, -2, 8) * size, between(rng, -4, 3))
    second = s.at(a + (bend - 3 - 0.3 * lay) * size, middle - between(rng, 22, 30) * size, -between(rng, 4, 9))
    tip = s.at(a - lay + radii[3] * 0.3, middle - between(rng, 40, 52) * size, -radii[3] * 0.85)
    dorsal = s.out * between(rng, 0.2, 1.0) - np.array([0.0, 0.0, between(rng, 0.5, 1.0)])
    return _chain([base, first, second, tip], radii, dorsal / np.linalg.norm(dorsal), nail=True)


def clamp(grip: Grip, rng: np.random.Generator) -> list[Limb]:
    """From one side: the thumb on the glass, the fingers behind; `grip.out` points to the hand."""
    s, a, deep, size = grip, grip.half_out, grip.depth, grip.size
    away = np.array([0.0, 0.0, 1.0])
    radii = tuple(r * size for r in _THUMB_RADII)
    place = between(rng, -0.7, 0.7) * grip.half_down
    inset = min(between(rng, 5, 22), 0.6 * a)
    turn = between(rng, -0.5, 0.5)
    joints = [
        s.at(a + 62 * size, place + 26 * size, deep + 4),
        s.at(a + between(rng, 26, 34) * size, place + 12 * size + 20 * turn, between(rng, -8, 0)),
        s.at(a + between(rng, 4, 12) * size, place + 4 * turn, -between(rng, 10, 15)),
        s.at(a - inset + radii[3], place - 12 * turn, -radii[3] * 0.85),
    ]
    dorsal = -away + grip.down * between(rng, -0.5, 0.5)
    limbs = [_chain(joints, radii, dorsal / np.linalg.norm(dorsal), nail=True)]
    knuckles = []
    for k in range(int(rng.integers(2, 5))):
        thick = size * _SLIM[k]
        row = place + (6 - 18.0 * k) * size + rng.normal(0, 1.5)
        knuckles.append(s.at(a + 68 * size, row + 8, deep + 14))
        middle = s.at(a + between(rng, 20, 32) * size, row, deep + between(rng, 14, 22))
        tip = s.at(a - between(rng, 5, 30) * size, row, deep + 8)
        limbs.append(_chain([knuckles[-1], middle, tip], tuple(r * thick for r in _FINGER_RADII[1:]), away, nail=False))
    wrist = s.at(a + between(rng, 115, 135) * size, place + between(rng, 5, 45), deep + 14)
    limbs.insert(0, _palm([(wrist, root) for root in (*knuckles, joints[0])], (17 * size, 12.5 * size), away))
    way = grip.out + grip.down * between(rng, -0.2, 0.9)
    return _arm(wrist, way, grip.down, size, away, rng) + limbs


def pointing(grip: Grip, rng: np.random.Generator) -> list[Limb]:
    """One finger tip on the surface, the others drawn in; seen from the back of the hand. `grip.out`: to the arm."""
    s, size = grip, grip.size
    up = np.array([0.0, 0.0, -1.0])
    x, y = between(rng, -0.3, 0.8) * grip.half_out, between(rng, -0.6, 0.6) * grip.half_down
    radii = tuple(r * size for r in _FINGER_RADII)
    joints = [
        s.at(x + 92 * size, y, -between(rng, 26, 40)),
        s.at(x + 50 * size, y, -between(rng, 26, 44)),
        s.at(x + 23 * size, y, -between(rng, 14, 22)),
        s.at(x, y, -radii[3]),
    ]
    limbs = [_chain(joints, radii, up, nail=True)]
    knuckles = [joints[0]]
    for k in range(1, 4):
        thick = size * _SLIM[k]
        row = y + 19.0 * k * size
        root = s.at(x + (94 + 3 * k) * size, row, -30)
        knuckles.append(root)
        folded = [root, s.at(x + (58 + 4 * k) * size, row - 2, -34), s.at(x + (66 + 3 * k) * size, row - 2, -14)]
        limbs.append(_chain(folded, tuple(r * thick for r in _FINGER_RADII[:3]), up, nail=False))
    thumb = [s.at(x + 120 * size, y - 16, -18), s.at(x + 88 * size, y - 22, -14), s.at(x + 62 * size, y - 12, -12)]
    limbs.append(_chain(thumb, tuple(r * size for r in _THUMB_RADII[1:]), -grip.down, nail=False))
    wrist = s.at(x + 165 * size, y + 30 * size, -26)
    limbs.insert(0, _palm([(wrist, root) for root in knuckles], (16 * size, 11.5 * size), up))
    return _arm(wrist, grip.out + grip.down * between(rng, -0.3, 0.5), grip.down, size, up, rng) + limbs


def pinch(grip: Grip, rng: np.random.Generator) -> list[Limb]:
    """Round an edge: the thumb on the face that `grip.down` points away from, fingers on the other, the palm behind.

    `grip.out` runs along the edge, to the arm; `grip.half_down` is half the device's thickness.
    """
    s, size, deep = grip, grip.size, grip.depth
    thin = grip.half_down
    far = min(deep, 80.0) + between(rng, 10, 30)
    at = between(rng, -0.6, 0.7) * grip.half_out
    near = between(rng, 6, 40)
    radii = tuple(r * size for r in _THUMB_RADII)
    thumb = [
        s.at(at + 24 * size, -thin - 16, far + 6),
        s.at(at + 10 * size, -thin - between(rng, 16, 24), near + 52 * size),
        s.at(at + between(rng, -4, 6), -thin - between(rng, 13, 18), near + 26 * size),
        s.at(at + between(rng, -12, 6), -thin - radii[3] * 0.9, near),
    ]
    limbs = [_chain(thumb, radii, -grip.down, nail=True)]
    knuckles = []
    tips = near + between(rng, -4, 14)
    for k in range(int(rng.integers(2, 5))):
        thick = size * _SLIM[k]
        row = at + (18.0 * k - 18) * size
        r = tuple(radius * thick for radius in _FINGER_RADII)
        knuckles.append(s.at(row + 14 * size, thin + 22, far + 14))
        joints = [
            knuckles[-1],
            s.at(row + 4, thin + between(rng, 20, 27), tips + 46 * size),
            s.at(row + rng.normal(0, 2), thin + between(rng, 12, 17), tips + 22 * size),
            s.at(row + rng.normal(0, 3), thin + r[3] * 0.9, tips + rng.normal(0, 3)),
        ]
        limbs.append(_chain(joints, r, grip.down, nail=True))
    wrist = s.at(at + between(rng, 50, 80) * size, 6, far + 60)
    back = np.array([0.0, 0.0, 1.0])
    limbs.insert(0, _palm([(wrist, root) for root in (*knuckles, thumb[0])], (19 * size, 13 * size), back))
    way = grip.out + back * between(rng, 0.1, 1.2) + grip.down * between(rng, -0.3, 0.3)
    return _arm(wrist, way, grip.down, size, back, rng) + limbs


def turned_grip(
    size_mm: tuple[float, float], out: NDArray[np.float64], down: NDArray[np.float64], depth_mm: float, size: float
) -> Grip:
    """A grip on a surface of `size_mm`, along its sides: `out` and `down` are (3,) units among its axes."""
    half = np.array([*size_mm, 0.0]) / 2
    return Grip(out, down, float(np.abs(out) @ half), float(np.abs(down) @ half), depth_mm, size)
