"""Plane geometry of quadrilaterals: lines, homographies, the rounded rectangle."""

import cv2
import numpy as np

from phonegrade.core.arrays import Matrix, Points, Quad
from phonegrade.core.vocabulary import View

ARC_STEPS = 8
HUBER_PX = 1.345
"""Distance from a line beyond which a point counts as an outlier."""
HUBER_STEPS = 8
SAME_WEIGHT = 1e-3
"""The fit has converged when no point's weight changes by more."""
FOCAL_SHARE = 0.75
"""Focal length over the photo's long side: a phone's main camera, 26 mm on a 36 mm wide frame."""
CENTRE = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
"""From pixel centres at whole numbers to the continuous plane where pixel 0 spans 0..1."""


def homography(source: Quad, target: Quad) -> Matrix:
    """Return the matrix (3, 3) that maps the four corners of `source` onto those of `target`."""
    return np.asarray(cv2.getPerspectiveTransform(source.astype(np.float32), target.astype(np.float32)), np.float64)


def transform(matrix: Matrix, points: Points) -> Points:
    """Apply a homography (3, 3) to points (..., 2)."""
    flat = points.reshape(-1, 1, 2).astype(np.float64)
    return np.asarray(cv2.perspectiveTransform(flat, matrix), np.float64).reshape(points.shape)


def small_from_large(factor: float) -> Matrix:
    """Return the affine map (3, 3) from a picture's pixels to those of the same one made `factor` times smaller."""
    shift = 0.5 / factor - 0.5
    return np.array([[1 / factor, 0, shift], [0, 1 / factor, shift], [0, 0, 1.0]])


def box(width: float, height: float) -> Quad:
    """Return the corners of an upright rectangle from (0, 0), clockwise from the top left."""
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)


def side_lengths(quad: Quad) -> tuple[float, float]:
    """Return the mean length of the sides 0-1 and 2-3, and of the sides 1-2 and 3-0."""
    length = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
    return float(length[0] + length[2]) / 2, float(length[1] + length[3]) / 2


def area(quad: Quad) -> float:
    """Return the area of the quadrilateral, in squared units of its corners."""
    return float(cv2.contourArea(quad.astype(np.float32)))


def mean_scale(quad: Quad, size: tuple[float, float]) -> float:
    """Return how many units of `quad` (4, 2) one unit of the rectangle of `size` (width, height) makes, on average."""
    return float(np.sqrt(area(quad) / (size[0] * size[1])))


def aspect(quad: Quad, photo_hw: tuple[int, int]) -> float:
    """Return width over height of the rectangle that appears as `quad`, foreshortening undone.

    Takes a camera with square pixels, a centred axis and `FOCAL_SHARE`; after Zhang and He, "Whiteboard scanning and
    image enhancement", 2007, but with the focal length assumed, because a nearly frontal quad does not determine it.
    """
    centre = np.array([photo_hw[1] - 1, photo_hw[0] - 1]) / 2
    focal = FOCAL_SHARE * max(photo_hw)
    matrix = homography(box(1.0, 1.0), (quad - centre) / focal)
    return float(np.linalg.norm(matrix[:, 0]) / np.linalg.norm(matrix[:, 1]))


def is_in_photo(quad: Quad, photo_hw: tuple[int, int]) -> bool:
    """Return True when all corners lie in the photo."""
    return bool((quad >= 0).all() and (quad <= np.array([photo_hw[1], photo_hw[0]]) - 1.0).all())


def scale_spread(quad: Quad) -> float:
    """Return the larger over the smaller of the opposite sides: 1 in a frontal photo, more in a tilted one."""
    length = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
    pairs = length.reshape(2, 2)
    return float((pairs.max(axis=0) / np.maximum(pairs.min(axis=0), 1e-9)).max())


def intersection(first: tuple[Quad, Quad], second: tuple[Quad, Quad]) -> Quad | None:
    """Return where two lines, each (point, direction), meet; None when they are nearly parallel."""
    (p, d), (q, e) = first, second
    cross = d[0] * e[1] - d[1] * e[0]
    if abs(cross) < 0.05 * float(np.linalg.norm(d) * np.linalg.norm(e)):
        return None
    t = ((q[0] - p[0]) * e[1] - (q[1] - p[1]) * e[0]) / cross
    return np.asarray(p + t * d)


def robust_line(points: Points) -> tuple[Quad, Quad]:
    """Fit the line (point, direction) through points (N, 2) that outliers hardly bend.

    Total least squares, reweighted after Huber, "Robust estimation of a location parameter", 1964. `cv2.fitLine` does
    the same from twenty random starts, which a convex loss does not need, at a hundred times the cost.
    """
    weight = np.ones(len(points))
    for _ in range(HUBER_STEPS):
        middle = weight @ points / weight.sum()
        off = points - middle
        xx, xy, yy = weight @ off[:, 0] ** 2, weight @ (off[:, 0] * off[:, 1]), weight @ off[:, 1] ** 2
        angle = 0.5 * float(np.arctan2(2 * xy, xx - yy))
        direction = np.array([np.cos(angle), np.sin(angle)])
        distance = np.abs(off[:, 0] * direction[1] - off[:, 1] * direction[0])
        before, weight = weight, HUBER_PX / np.maximum(distance, HUBER_PX)
        if np.abs(weight - before).max() < SAME_WEIGHT:
            break
    return middle, direction


def is_convex(quad: Quad) -> bool:
    """Return True for a convex quadrilateral given clockwise."""
    side = np.roll(quad, -1, axis=0) - quad
    following = np.roll(side, -1, axis=0)
    return bool(np.all(side[:, 0] * following[:, 1] - side[:, 1] * following[:, 0] > 0))


def rounded_polygon(quad: Quad, radius_share: float, ratio: float) -> Quad:
    """Return the rounded rectangle (N, 2) whose bounding box appears as `quad`.

    `radius_share` is the corner radius over the shorter side, `ratio` the rectangle's width over its height.
    """
    width, height = ratio, 1.0
    r = radius_share * min(width, height)
    angles = np.linspace(0, np.pi / 2, ARC_STEPS)
    centres = ((r, r, np.pi), (width - r, r, 1.5 * np.pi), (width - r, height - r, 0.0), (r, height - r, 0.5 * np.pi))
    points = np.concatenate(
        [np.stack([x + r * np.cos(start + angles), y + r * np.sin(start + angles)], axis=-1) for x, y, start in centres]
    )
    return transform(homography(box(width, height), quad), points)


def upright(quad: Quad, photo_hw: tuple[int, int], view: View) -> Quad:
    """Roll the corners so that the surface stands as on its canvas: fronts and backs tall, edges wide.

    Of the two ways round it takes the one that stands nearest to the photo's own upright.
    """
    wide = aspect(quad, photo_hw) > 1.0
    if wide != (view is View.EDGE):
        quad = np.roll(quad, -1, axis=0)
    top, bottom = quad[0] + quad[1], quad[3] + quad[2]
    left, right = quad[0] + quad[3], quad[1] + quad[2]
    rises, tie = ((right - left)[0], (right - left)[1]) if view is View.EDGE else ((bottom - top)[1], (top - bottom)[0])
    return np.roll(quad, -2, axis=0) if rises + 1e-3 * tie < 0 else quad
