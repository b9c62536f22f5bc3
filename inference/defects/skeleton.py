"""Centre lines of thin marks, and their length along the curve."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from phonegrade.core.arrays import RGB, Floats, Indices, Mask

PAD_PX = 2
TANGENT_PX = 11
"""Window in which the centre line's direction is read."""
LEAST_ELONGATION = 1.4
"""A mark must be so many times longer than wide, by its spread, for its axis to mean anything."""


def _guo_hall_tables() -> tuple[Mask, Mask]:
    """For both passes, true at each neighbourhood's code whose centre pixel may go."""
    tables = np.zeros((2, 256), np.bool_)
    for code in range(256):
        n, ne, e, se, s, sw, w, nw = ((code >> bit) & 1 for bit in range(8))
        crossings = (~n & (ne | e)) + (~e & (se | s)) + (~s & (sw | w)) + (~w & (nw | n))
        neighbours = min((nw | n) + (ne | e) + (se | s) + (sw | w), (n | ne) + (e | se) + (s | sw) + (w | nw))
        if crossings == 1 and 2 <= neighbours <= 3:
            tables[0, code] = ((n | ne | (1 - se)) & e) == 0
            tables[1, code] = ((s | sw | (1 - nw)) & w) == 0
    return tables[0], tables[1]


PASSES = _guo_hall_tables()
TIPS = np.array([code.bit_count() < 2 or code in {3 << i & 255 | 3 << i >> 8 for i in range(8)} for code in range(256)])
"""Whether a line ends at a pixel, by its neighbourhood's code."""


def thin(mask: Mask) -> Mask:
    """Eight-connected centre line, one pixel wide, of a mask (H, W).

    Guo and Hall, "Parallel thinning with two-subiteration algorithms", CACM 32(3), 1989, by table look-up. Written out
    here because the headless OpenCV has no thinning and scikit-image would double the base install.
    """
    image = np.pad(mask, 1)
    left, count = np.flatnonzero(image), -1
    while len(left) != count:
        count = len(left)
        for goes in PASSES:
            gone = goes[neighbourhoods(image, left)]
            image.flat[left[gone]] = False
            left = left[~gone]
    return image[1:-1, 1:-1]


def neighbourhoods(image: Mask, at: Indices) -> RGB:
    """Code (N,) of the neighbours of each pixel of an image (H, W), given by flat index: clockwise from the north, one
    bit each.

    No pixel may lie on the image's rim.
    """
    row = image.shape[1]
    steps = np.array([-row, 1 - row, 1, row + 1, row, row - 1, -1, -1 - row])
    return np.packbits(image.ravel()[at[:, None] + steps], axis=1, bitorder="little")[:, 0]


def shorten(line: Mask, length_px: int) -> Mask:
    """The centre line with `length_px` taken off every end: side branches up to that length vanish."""
    line = line.copy()
    for _ in range(length_px):
        line.flat[_ends(line)] = False
    return line


def _ends(line: Mask) -> Indices:
    """Flat indices of the line's pixels with one neighbour on it or none, or two that touch: the tip of a stair."""
    at = np.flatnonzero(line)
    return np.asarray(at[TIPS[neighbourhoods(line, at)]], np.intp)


@dataclass(frozen=True)
class Line:
    """The centre line of a thin mark's mask, in the mask's own pixels."""

    points: Floats
    """(N, 2) x, y of its pixels, in no order."""
    directions: Floats
    """(N, 2) unit vectors along it."""
    length_px: float
    """Along the curve, all branches summed, from tip to tip of the mask."""
    tips: Floats
    """(E, 2) x, y where its free ends reach the mask's border."""
    outward: Floats
    """(E, 2) unit vectors in which it ends there."""
    half_px: float
    """Median distance from the centre line to the mask's border."""


def centre_line(mask: Mask) -> Line | None:
    """Centre line of a thin mark (H, W).

    Each of its pixels stands for 1 / max(|cos t|, |sin t|) pixels of length, t its local direction: exact for straight
    lines at any angle, where counting pixel steps errs by up to 8 %. Thinning forks at blunt tips, so every end is
    first shortened by the mark's width and then carried on straight to the mark's border. None for a mark too stout to
    have a centre line.
    """
    padded = np.pad(mask, PAD_PX)
    inside = cv2.distanceTransform(padded.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    line = thin(padded)
    if not line.any():
        return None
    half = float(np.median(inside[line])) - 0.5
    line = shorten(line, round(2.0 * half))
    if int(line.sum()) < 3:
        return None
    ends = np.stack(np.unravel_index(_ends(line), line.shape)[::-1], axis=1)
    last = [_to_border(padded, line, (int(x), int(y))) for x, y in ends]
    outward = np.array([away for away, _ in last], np.float64).reshape(-1, 2)
    beyond = np.array([distance for _, distance in last], np.float64)
    points = np.argwhere(line)[:, ::-1]
    along = _directions(line, points)
    length = float((1.0 / np.abs(along).max(axis=1)).sum() + beyond.sum())
    tips = ends + outward * beyond[:, None] - PAD_PX
    return Line(points.astype(np.float64) - PAD_PX, along, length, tips, outward, half)


def axis_line(mask: Mask) -> Line | None:
    """A straight line along the axis of a mark (H, W) too short to have a centre line of its own.

    None for a mark that is about as wide as long: it lies in no direction.
    """
    points = np.argwhere(mask)[:, ::-1].astype(np.float64)
    centre = points.mean(axis=0)
    # a pixel is a square, not a point: a twelfth of a square pixel along each axis
    spread, axes = np.linalg.eigh((points - centre).T @ (points - centre) / len(points) + np.eye(2) / 12)
    if spread[1] < LEAST_ELONGATION**2 * spread[0]:
        return None
    axis, across = axes[:, 1], axes[:, 0]
    along = (points - centre) @ axis
    low, high = float(along.min()) - 0.5, float(along.max()) + 0.5
    tips = centre + np.outer([low, high], axis)
    half = max(float(np.ptp((points - centre) @ across)) / 2, 0.5)
    # the mask goes on beyond the mark's tips about as far as beside it: there is no line to look across there
    inner = min(half, (high - low) / 2 - 1.5)
    steps = np.arange(low + inner + 0.5, high - inner, 1.0) if inner > 0 else np.arange(low + 0.5, high, 1.0)
    directions = np.repeat(axis[None], len(steps), axis=0)
    return Line(centre + steps[:, None] * axis, directions, high - low, tips, np.stack([-axis, axis]), half)


def _to_border(mask: Mask, line: Mask, end: tuple[int, int]) -> tuple[Floats, float]:
    """Unit vector in which the line ends, and pixels from half a pixel beyond its end (x, y) to the mark's border."""
    x, y = end
    reach = TANGENT_PX
    window = np.argwhere(line[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1])
    rows, columns = window[:, 0] + max(0, y - reach), window[:, 1] + max(0, x - reach)
    away = np.array([x - columns.mean(), y - rows.mean()])
    norm = float(np.linalg.norm(away))
    if norm < 1e-6:
        return np.zeros(2), 0.0
    away /= norm
    steps = np.arange(0.0, 64.0, 0.25)
    px = np.clip(np.round(x + steps * away[0]).astype(int), 0, mask.shape[1] - 1)
    py = np.clip(np.round(y + steps * away[1]).astype(int), 0, mask.shape[0] - 1)
    outside = ~mask[py, px]
    beyond = float(steps[int(outside.argmax())] if outside.any() else steps[-1])
    return away, max(0.0, beyond - 0.5 / float(np.abs(away).max()))


def _directions(line: Mask, points: Indices) -> Floats:
    """Unit vector (N, 2) along the line at each of its `points` (N, 2): the axis of its pixels in a window around."""
    reach = TANGENT_PX // 2
    windows = sliding_window_view(np.pad(line, reach), (TANGENT_PX, TANGENT_PX))
    near = windows[points[:, 1], points[:, 0]].reshape(len(points), -1).astype(np.float64)
    y, x = (steps.ravel() - reach for steps in np.indices((TANGENT_PX, TANGENT_PX)))
    count, sum_x, sum_y, sum_xy, difference = (near @ np.stack([x**0, x, y, x * y, x * x - y * y], axis=1)).T
    slant = sum_xy - sum_x * sum_y / count
    angle = 0.5 * np.arctan2(2 * slant, difference - (sum_x**2 - sum_y**2) / count)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)
