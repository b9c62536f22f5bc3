"""Hands that hold a phone: a palm and fingers behind it, finger tips and a thumb over its edges."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.datasets.scene.finger import Finger, Skin, draw_skin, paint_finger
from phonegrade.datasets.scene.texture import between, chance

FINEST_PX_PER_MM = 5.0
_Points = NDArray[np.float64]


@dataclass(frozen=True)
class Layers:
    """Straight-alpha sRGB layers (H, W, 4) 0..255: `behind` lies under the phone, `over` covers it."""

    behind: NDArray[np.uint8]
    over: NDArray[np.uint8]


class _Hand:
    """The phone's place, the hand's scale and skin, and the two canvases while they are painted."""

    def __init__(self, quad_px: _Points, height_px: int, width_px: int, rng: np.random.Generator) -> None:
        self.quad = quad_px
        self.mm_px = _px_per_mm(quad_px)
        self.skin: Skin = draw_skin(rng)
        self.soft_px = max(1.2, between(rng, 0.3, 1.2) * self.mm_px)
        self.behind = np.zeros((height_px, width_px, 4), np.float32)
        self.over = np.zeros((height_px, width_px, 4), np.float32)
        self.reach_mm = 0.33 * _shorter(quad_px) / self.mm_px

    def side(self, number: int) -> tuple[_Points, _Points, _Points]:
        """Start, run and outward unit normal of side 0 top, 1 right, 2 bottom, 3 left of the phone."""
        start, run = self.quad[number % 4], self.quad[(number + 1) % 4] - self.quad[number % 4]
        normal = np.array([run[1], -run[0]]) / max(float(np.hypot(*run)), 1e-6)
        return start, run, normal

    def lay(
        self, points: tuple[_Points, _Points, _Points], radii: tuple[float, float], nail: bool, rng: np.random.Generator
    ) -> None:
        """A finger whose root part stays behind the phone while its last part comes over it."""
        root, joint, tip = ((float(point[0]), float(point[1])) for point in points)
        paint_finger(self.behind, Finger(root, joint, tip, *radii, nail), self.skin, self.soft_px, rng)
        middle = (radii[0] + radii[1]) * 0.52
        paint_finger(self.over, Finger(joint, joint, tip, middle, radii[1], nail), self.skin, self.soft_px, rng)

    def lay_whole(
        self,
        canvas: NDArray[np.float32],
        points: tuple[_Points, _Points, _Points],
        radii: tuple[float, float],
        nail: bool,
        rng: np.random.Generator,
    ) -> None:
        """A finger wholly on one side of the phone."""
        root, joint, tip = ((float(point[0]), float(point[1])) for point in points)
        paint_finger(canvas, Finger(root, joint, tip, *radii, nail), self.skin, self.soft_px, rng)

    def lay_arm(
        self, points: tuple[_Points, _Points, _Points], radii: tuple[float, float], rng: np.random.Generator
    ) -> None:
        """Palm, wrist or ball of the thumb, behind the phone."""
        root, joint, tip = ((float(point[0]), float(point[1])) for point in points)
        paint_finger(self.behind, Finger(root, joint, tip, *radii, False, flush=0.15), self.skin, self.soft_px, rng)


def _shorter(quad: _Points) -> float:
    lengths = np.hypot(*(np.roll(quad, -1, 0) - quad).T)
    return float(min(lengths[0] + lengths[2], lengths[1] + lengths[3]) / 2)


def _px_per_mm(quad: _Points) -> float:
    """Pixels per mm, told from the outline's proportions: a face, a top or bottom edge, a left or right edge."""
    lengths = np.hypot(*(np.roll(quad, -1, 0) - quad).T)
    pairs = sorted((float(lengths[0] + lengths[2]) / 2, float(lengths[1] + lengths[3]) / 2))
    ratio = pairs[1] / max(pairs[0], 1e-6)
    if ratio < 4:
        return pairs[0] / 72
    return pairs[1] / (72 if ratio < 12 else 148)


def _grip(hand: _Hand, flat: bool, rng: np.random.Generator) -> None:
    """One hand from below: palm behind, thumb over one long side, finger tips over the other unless `flat`."""
    thumb_side = 1 if chance(rng, 0.5) else 3
    mm = hand.mm_px
    start, run, outward = hand.side(thumb_side)
    down = run if thumb_side == 1 else -run
    unit = down / max(float(np.hypot(*down)), 1e-6)
    across = float(np.hypot(*hand.side(0)[1]))
    palm = hand.quad.mean(0) + outward * across * between(rng, 0.05, 0.22) + down * between(rng, 0.08, 0.3)
    aim = unit + outward * between(rng, -0.1, 0.75)
    wrist = palm + aim * between(rng, 70, 90) * mm
    arm = wrist + aim * 320 * mm
    hand.lay_arm((arm, wrist, palm), (between(rng, 30, 38) * mm, between(rng, 36, 42) * mm), rng)
    if not flat:
        _finger_tips(hand, 4 - thumb_side, rng)
    else:
        _spread_fingers(hand, palm, unit, outward, rng)
    radius = between(rng, 9, 11.5) * mm
    low = start if thumb_side == 3 else start + run
    edge = low - down * between(rng, 0.12, 0.6)
    joint = edge + outward * (radius * between(rng, 0.5, 1.1)) + unit * between(rng, 12, 24) * mm
    base = joint + (unit + outward * between(rng, -0.25, 0.25)) * between(rng, 34, 48) * mm
    tip = edge - outward * (min(between(rng, 3, 15), hand.reach_mm) * mm - radius * 0.9)
    hand.lay_arm((wrist, (wrist + base) / 2, base), (radius * 2.2, radius * 1.35), rng)
    hand.lay((base, joint, tip), (radius * 1.35, radius * 0.88), chance(rng, 0.8), rng)


def _finger_tips(hand: _Hand, number: int, rng: np.random.Generator) -> None:
    """Two to four tips that come round side `number` from behind."""
    start, run, outward = hand.side(number)
    mm, length = hand.mm_px, max(float(np.hypot(*run)), 1e-6)
    place = between(rng, 0.25, 0.5)
    for _ in range(int(rng.integers(2, 5))):
        radius = between(rng, 6.5, 9) * mm
        reach = min(between(rng, 2, 13), hand.reach_mm) * mm
        lean = run * between(rng, -0.05, 0.05)
        anchor = start + run * place
        joint = anchor + outward * (between(rng, 4, 9) * mm - radius * 0.5)
        tip = anchor - outward * (reach - radius) + lean
        hand.lay((joint - outward * 18 * mm - lean, joint, tip), (radius * 1.1, radius * 0.92), chance(rng, 0.35), rng)
        place += 2 * radius / length * between(rng, 1.0, 1.2)


def _spread_fingers(hand: _Hand, palm: _Points, unit: _Points, outward: _Points, rng: np.random.Generator) -> None:
    """Stretched fingers under the phone; their tips look out beyond its far side."""
    mm = hand.mm_px
    for place in range(4):
        turn = between(rng, -0.1, 0.1) + 0.25 + 0.28 * place
        aim = -unit * np.cos(turn) - outward * np.sin(turn)
        root = palm + aim * 34 * mm + outward * (6 - 8 * place) * mm
        joint = root + aim * between(rng, 30, 42) * mm
        tip = joint + aim * between(rng, 26, 36) * mm
        hand.lay_whole(hand.behind, (root, joint, tip), (9.5 * mm, 7.5 * mm), False, rng)


def _pinch(hand: _Hand, rng: np.random.Generator) -> None:
    """Fingers from outside the picture that hold the phone at two opposite sides."""
    mm = hand.mm_px
    first = 0 if hand.reach_mm < 8 and chance(rng, 0.5) else int(rng.integers(4))
    sink = np.array([between(rng, -0.5, 0.5), 1.0])
    for number in (first, first + 2):
        start, run, outward = hand.side(number)
        anchor = start + run * between(rng, 0.15, 0.85)
        for finger in range(int(rng.integers(1, 3))):
            radius = between(rng, 7.5, 11) * mm
            turn = between(rng, -0.5, 0.5)
            unit = run / max(float(np.hypot(*run)), 1e-6)
            heading = outward * np.cos(turn) + unit * np.sin(turn)
            tip = (
                anchor
                + unit * finger * radius * 2.1
                - outward * (min(between(rng, 2, 12), hand.reach_mm) * mm - radius)
            )
            joint = tip + heading * between(rng, 26, 36) * mm
            root = joint + (heading * 0.8 + sink * 0.5) * 330 * mm
            knuckle = joint + (heading * 0.8 + sink * 0.5) * 45 * mm
            hand.lay_arm((root, root, knuckle), (radius * 3.2, radius * 2), rng)
            hand.lay_whole(hand.over, (knuckle, joint, tip), (radius * 1.35, radius * 0.9), chance(rng, 0.7), rng)


def draw_hand(body_quad_px: NDArray[np.float32], height_px: int, width_px: int, rng: np.random.Generator) -> Layers:
    """A hand for the phone at body_quad_px (4, 2): top left, top right, bottom right, bottom left, in pixels.

    The hand's scale follows from the outline's proportions. Finger tips cover 2 to 15 mm of the phone's rim and at
    most a third of its shorter side.
    """
    quad = np.asarray(body_quad_px, np.float64)
    # Skin holds no detail finer than this, and close-ups of edges would cost seconds.
    shrink = max(1.0, _px_per_mm(quad) / FINEST_PX_PER_MM)
    hand = _Hand(quad / shrink, max(1, round(height_px / shrink)), max(1, round(width_px / shrink)), rng)
    match int(rng.integers(5)) if hand.reach_mm > 8 else 4:
        case 0 | 1 | 2:
            _grip(hand, False, rng)
        case 3:
            _grip(hand, True, rng)
        case _:
            _pinch(hand, rng)
    return Layers(_layer(hand.behind, height_px, width_px), _layer(hand.over, height_px, width_px))


def _layer(canvas: NDArray[np.float32], height_px: int, width_px: int) -> NDArray[np.uint8]:
    coded = np.asarray(np.clip(canvas * 255 + 0.5, 0, 255), np.uint8)
    if coded.shape[:2] == (height_px, width_px):
        return coded
    return np.asarray(cv2.resize(coded, (width_px, height_px), interpolation=cv2.INTER_LINEAR), np.uint8)
