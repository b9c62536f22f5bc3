"""Centre lines of thin marks, and their length along the curve."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
NEIGHBOURS = np.array([[128, 1, 2], [64, 0, 4], [32, 16, 8]], np.float32)
"""Bit of each neighbour, clockwise from the north; `cv2.filter2D` correlates, so the sum is the neighbourhood's
code."""
PAD_PX = 2
TANGENT_PX = 11
"""Window in which the centre line's direction is read."""


def _guo_hall_tables() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """For both passes, 1 at each neighbourhood code whose centre pixel may go."""
    tables = np.zeros((2, 256), np.uint8)
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
    image = np.pad(mask.astype(np.uint8), 1)
    while True:
        before = int(cv2.countNonZero(image))
        for table in PASSES:
            codes = cv2.filter2D(image.astype(np.float32), cv2.CV_32F, NEIGHBOURS, borderType=cv2.BORDER_CONSTANT)
            image = image & (1 - table[codes.astype(np.uint8)])
        if int(cv2.countNonZero(image)) == before:
            return image[1:-1, 1:-1].astype(np.bool_)


def shorten(line: Mask, length_px: int) -> Mask:
    """The centre line with `length_px` taken off every end: side branches up to that length vanish."""
    line = line.copy()
    for _ in range(length_px):
        line &= ~_ends(line)
    return line


def _ends(line: Mask) -> Mask:
    """Pixels of the line with at most one neighbour on it, or two that touch each other: the tip of a stair."""
    codes = cv2.filter2D(line.astype(np.float32), cv2.CV_32F, NEIGHBOURS, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(line & TIPS[codes.astype(np.uint8)])


@dataclass(frozen=True)
class Line:
    """The centre line of a thin mark's mask, in the mask's own pixels."""

    points: NDArray[np.float64]
    """(N, 2) x, y of its pixels, in no order."""
    directions: NDArray[np.float64]
    """(N, 2) unit vectors along it."""
    length_px: float
    """Along the curve, all branches summed, from tip to tip of the mask."""
    tips: NDArray[np.float64]
    """(E, 2) x, y where its free ends reach the mask's border."""
    outward: NDArray[np.float64]
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
    ends = np.argwhere(_ends(line))[:, ::-1]
    last = [_to_border(padded, line, (int(x), int(y))) for x, y in ends]
    outward = np.array([away for away, _ in last], np.float64).reshape(-1, 2)
    beyond = np.array([distance for _, distance in last], np.float64)
    angle = _direction(line)
    along = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    length = float((1.0 / np.abs(along).max(axis=1)).sum() + beyond.sum())
    points = np.argwhere(line)[:, ::-1].astype(np.float64) - PAD_PX
    return Line(points, along, length, ends + outward * beyond[:, None] - PAD_PX, outward, half)


def _to_border(mask: Mask, line: Mask, end: tuple[int, int]) -> tuple[NDArray[np.float64], float]:
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


def _direction(line: Mask) -> NDArray[np.float64]:
    """Angle of the local direction at each pixel of the line, in the order of `np.argwhere`."""
    height, width = line.shape
    weight = line.astype(np.float64)
    x = np.arange(width, dtype=np.float64)[None] * weight
    y = np.arange(height, dtype=np.float64)[:, None] * weight

    def near(values: NDArray[np.float64]) -> NDArray[np.float64]:
        window = (TANGENT_PX, TANGENT_PX)
        total = cv2.boxFilter(values, -1, window, normalize=False, borderType=cv2.BORDER_CONSTANT)
        return np.asarray(total, np.float64)[line]

    count = np.maximum(near(weight), 1.0)
    mean_x, mean_y = near(x) / count, near(y) / count
    xx = near(x * np.arange(width)[None]) / count - mean_x**2
    yy = near(y * np.arange(height)[:, None]) / count - mean_y**2
    xy = near(x * np.arange(height)[:, None]) / count - mean_x * mean_y
    return np.asarray(0.5 * np.arctan2(2 * xy, xx - yy), np.float64)
