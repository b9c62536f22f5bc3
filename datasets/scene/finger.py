"""One finger as pixels: shadow, round shading, joint creases, flush, nail."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phonegrade.datasets.scene.texture import between, chance, soft_noise

_Array = NDArray[np.float32]


@dataclass(frozen=True)
class Finger:
    """One finger or arm from root to tip, in pixels, with its radius at either end; flush reddens its tip."""

    root: tuple[float, float]
    joint: tuple[float, float]
    tip: tuple[float, float]
    root_px: float
    tip_px: float
    nail: bool
    flush: float = 1.0


@dataclass(frozen=True)
class Skin:
    """sRGB colours 0..1 of one hand, and the direction its light comes from."""

    base: tuple[float, float, float]
    flush: tuple[float, float, float]
    nail: tuple[float, float, float]
    light: tuple[float, float]


def draw_skin(rng: np.random.Generator) -> Skin:
    """A skin from very light to very dark, along the brown-pink line that measured skin follows."""
    depth = between(rng, 0, 1)
    light, dark = np.array([0.96, 0.80, 0.70]), np.array([0.25, 0.15, 0.10])
    middle = np.array([0.72, 0.49, 0.36])
    base = light + (middle - light) * min(1, depth * 2) if depth < 0.5 else middle + (dark - middle) * (depth * 2 - 1)
    base = np.clip(base * rng.uniform(0.92, 1.06, 3), 0, 1)
    flush = np.clip(base * [1.04, 0.82, 0.78], 0, 1)
    nail = np.clip(base * 0.6 + np.array([0.95, 0.72, 0.68]) * 0.4, 0, 1)
    if chance(rng, 0.12):
        nail = rng.uniform(0.1, 0.9, 3)
    angle = between(rng, 0, 2 * np.pi)
    red, green, blue = base.tolist()
    return Skin(
        (red, green, blue),
        (float(flush[0]), float(flush[1]), float(flush[2])),
        (float(nail[0]), float(nail[1]), float(nail[2])),
        (float(np.cos(angle)), float(np.sin(angle))),
    )


def _segment(
    xs: _Array, ys: _Array, start: tuple[float, float], end: tuple[float, float]
) -> tuple[_Array, _Array, _Array]:
    """Place 0..1 along start-end (unclipped) and the offset vector of every pixel from the segment."""
    along_x, along_y = end[0] - start[0], end[1] - start[1]
    square = max(along_x**2 + along_y**2, 1e-6)
    place = ((xs - start[0]) * along_x + (ys - start[1]) * along_y) / square
    held = np.clip(place, 0, 1)
    across_x, across_y = xs - start[0] - held * along_x, ys - start[1] - held * along_y
    return place.astype(np.float32), across_x.astype(np.float32), across_y.astype(np.float32)


def _finger_field(finger: Finger, xs: _Array, ys: _Array) -> tuple[_Array, _Array, _Array, _Array]:
    """Signed distance (negative inside), place 0 (root) .. 2 (tip), and the outward normal over the radius."""
    middle_px = (finger.root_px + finger.tip_px) * 0.5
    place_a, dx_a, dy_a = _segment(xs, ys, finger.root, finger.joint)
    place_b, dx_b, dy_b = _segment(xs, ys, finger.joint, finger.tip)
    radius_a = finger.root_px + (middle_px * 1.04 - finger.root_px) * np.clip(place_a, 0, 1)
    radius_b = middle_px * 1.04 + (finger.tip_px - middle_px * 1.04) * np.clip(place_b, 0, 1)
    dist_a, dist_b = np.hypot(dx_a, dy_a) - radius_a, np.hypot(dx_b, dy_b) - radius_b
    near = dist_b < dist_a
    place = np.where(near, 1 + place_b, np.minimum(place_a, 1))
    radius = np.where(near, radius_b, radius_a)
    normal_x, normal_y = np.where(near, dx_b, dx_a) / radius, np.where(near, dy_b, dy_a) / radius
    distance = np.asarray(np.minimum(dist_a, dist_b), np.float32)
    return distance, place.astype(np.float32), normal_x.astype(np.float32), normal_y.astype(np.float32)


def _window(finger: Finger, height: int, width: int, margin: float) -> tuple[slice, slice]:
    points = np.array([finger.root, finger.joint, finger.tip])
    reach = max(finger.root_px, finger.tip_px) + margin
    low, high = points.min(0) - reach, points.max(0) + reach
    rows = slice(int(np.clip(low[1], 0, height)), int(np.clip(high[1] + 1, 0, height)))
    return rows, slice(int(np.clip(low[0], 0, width)), int(np.clip(high[0] + 1, 0, width)))


def _lay(canvas: _Array, window: tuple[slice, slice], colour: _Array, cover: _Array) -> None:
    """Composite `colour` (h, w, 3) by `cover` on the straight-alpha canvas (H, W, 4)."""
    below = canvas[window]
    alpha = cover + below[..., 3] * (1 - cover)
    mixed = colour * cover[..., None] + below[..., :3] * (below[..., 3] * (1 - cover))[..., None]
    canvas[window][..., :3] = mixed / np.maximum(alpha, 1e-4)[..., None]
    canvas[window][..., 3] = alpha


def _nail(colour: _Array, finger: Finger, skin: Skin, xs: _Array, ys: _Array) -> None:
    """The nail near the tip, with a pale moon, a free edge and a gleam."""
    direction = np.array(finger.tip) - np.array(finger.joint)
    direction /= max(float(np.hypot(*direction)), 1e-6)
    centre = np.array(finger.tip) + direction * finger.tip_px * 0.2
    along = (xs - centre[0]) * direction[0] + (ys - centre[1]) * direction[1]
    across = (ys - centre[1]) * direction[0] - (xs - centre[0]) * direction[1]
    half_long, half_wide = finger.tip_px * 0.72, finger.tip_px * 0.6
    shape = (np.abs(along / half_long) ** 3 + np.abs(across / half_wide) ** 3) ** (1 / 3)
    soft = finger.tip_px * 0.12
    cover = np.clip((1 - shape) * half_wide / soft, 0, 1)
    rim = np.clip(1 - np.abs(shape - 1.05) * 9, 0, 1) * (along < half_long * 0.7)
    colour *= (1 - 0.22 * rim)[..., None]
    tone = 1 - 0.18 * (across / half_wide) ** 2 + 0.22 * np.exp(-(((across / half_wide) + 0.25) ** 2) * 14)
    tone = tone + 0.15 * np.clip(along / half_long - 0.72, 0, 1) * 4
    colour += (np.array(skin.nail, np.float32) * tone[..., None] - colour) * cover[..., None]


def paint_finger(canvas: _Array, finger: Finger, skin: Skin, soft_px: float, rng: np.random.Generator) -> None:
    """Lay a finger with its shadow on the straight-alpha sRGB canvas (H, W, 4) 0..1, in place.

    Round shading, creases at the joint, mottled skin that reddens towards the tip, and a nail; edges soft_px wide.
    """
    height, width = canvas.shape[:2]
    window = _window(finger, height, width, 1.2 * max(finger.root_px, finger.tip_px))
    ys, xs = np.mgrid[window].astype(np.float32)
    if not xs.size:
        return
    rows, columns = xs.shape[0], xs.shape[1]
    distance, place, normal_x, normal_y = _finger_field(finger, xs, ys)
    strength = np.float32(between(rng, 0.2, 0.9))
    shade_field = _finger_field(
        finger, xs + skin.light[0] * finger.tip_px * 0.35, ys + skin.light[1] * finger.tip_px * 0.35
    )[0]
    shadow = np.clip(0.4 - shade_field / (finger.tip_px * 1.6), 0, 0.4) * strength
    _lay(canvas, window, np.zeros((*xs.shape, 3), np.float32), shadow.astype(np.float32))
    facing = np.sqrt(np.clip(1 - normal_x**2 - normal_y**2, 0.0, 1))
    lit = 0.52 + 0.4 * facing + 0.3 * (normal_x * skin.light[0] + normal_y * skin.light[1])
    mottle = soft_noise(rows, columns, finger.tip_px * 0.4, rng) * 0.03 + soft_noise(rows, columns, 1.6, rng) * 0.025
    flush = np.clip(place - 1.3, 0, 0.6)[..., None] + np.clip(0.6 - facing, 0, 1)[..., None] * 0.7
    base, red = np.array(skin.base, np.float32), np.array(skin.flush, np.float32)
    colour = (base + (red - base) * np.clip(flush * finger.flush, 0, 1)) * (lit + mottle)[..., None]
    for crease in (0.9, 1.0, 1.1):
        wave = (place - crease) * 40 + soft_noise(rows, columns, finger.tip_px * 0.5, rng)
        colour = colour * (1 - 0.13 * np.exp(-(wave**2)))[..., None]
    colour = np.ascontiguousarray(colour, np.float32)
    if finger.nail:
        _nail(colour, finger, skin, xs, ys)
    cover = np.clip(0.5 - distance / soft_px, 0, 1).astype(np.float32)
    _lay(canvas, window, np.clip(colour, 0, 1), cover)
