"""Correspondence of defects between views: where a defect lies on its surface, and how far two of them overlap."""

import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import Points
from phonegrade.core.inspection import Defect, Dirt, Inspection, Point

STEP_MM = 0.5
"""Outlines are compared at points this far apart."""


def outline_mm(defect: Defect | Dirt, inspection: Inspection) -> Points | None:
    """Return points along a defect's outline in surface millimetres; None for a photo without outline or size.

    Raises numpy.linalg.LinAlgError for an outline that encloses nothing.
    """
    if inspection.outline is None or inspection.surface_size_mm is None or not defect.polygon:
        return None
    mm_from_px = _homography(np.array(inspection.outline), _corners(inspection.surface_size_mm))
    return _resampled(_projected(np.array(defect.polygon, np.float64), mm_from_px))


def on_other_photo(defect: Defect, own: Inspection, other: Inspection, *, turned: bool) -> tuple[Point, ...]:
    """Return the defect's polygon in the pixels of another photo of its surface, `turned` by half a turn or not.

    Unchanged where either photo has no outline or size.
    """
    if own.outline is None or other.outline is None or own.surface_size_mm is None or not defect.polygon:
        return defect.polygon
    mm_from_px = _homography(np.array(own.outline), _corners(own.surface_size_mm))
    polygon_mm = _projected(np.array(defect.polygon, np.float64), mm_from_px)
    if turned:
        polygon_mm = upside_down(polygon_mm, own.surface_size_mm)
    px_from_mm = _homography(_corners(own.surface_size_mm), np.array(other.outline))
    return tuple((round(x, 2), round(y, 2)) for x, y in _projected(polygon_mm, px_from_mm).tolist())


def overlap(one: Points, other: Points, tolerance_mm: float) -> float:
    """Return the larger share of either outline's points that lie inside the other or within the tolerance of it."""
    return max(_share_near(one, other, tolerance_mm), _share_near(other, one, tolerance_mm))


def upside_down(points: Points, size_mm: tuple[float, float]) -> Points:
    """Return the same points on a surface turned by half a turn."""
    return np.asarray(np.array(size_mm) - points)


def _share_near(points: Points, outline: Points, tolerance_mm: float) -> float:
    apart = np.linalg.norm(points[:, None] - outline[None], axis=2).min(axis=1)
    return float(((apart <= tolerance_mm + STEP_MM / 2) | _inside(points, outline)).mean())


def _inside(points: Points, polygon: Points) -> NDArray[np.bool_]:
    """Return which points lie inside, by the even-odd rule."""
    x, y = points[:, :1], points[:, 1:]
    ax, ay = polygon[:, 0], polygon[:, 1]
    bx, by = np.roll(ax, -1), np.roll(ay, -1)
    crosses = (ay > y) != (by > y)
    rise = np.where(by == ay, 1.0, by - ay)
    return np.asarray((crosses & (x < ax + (y - ay) / rise * (bx - ax))).sum(axis=1) % 2 == 1)


def _resampled(corners: Points) -> Points:
    """Return points along the closed line through `corners`, at most one step apart."""
    following = np.roll(corners, -1, axis=0)
    counts = np.maximum(np.ceil(np.linalg.norm(following - corners, axis=1) / STEP_MM).astype(int), 1)
    parts = [
        a + (b - a) * np.arange(count)[:, None] / count for a, b, count in zip(corners, following, counts, strict=True)
    ]
    return np.concatenate(parts)


def _projected(points: Points, homography: NDArray[np.float64]) -> Points:
    flat = np.column_stack([points, np.ones(len(points))]) @ homography.T
    return np.asarray(flat[:, :2] / flat[:, 2:])


def _corners(size_mm: tuple[float, float]) -> Points:
    width, height = size_mm
    return np.array([(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)])


def _homography(source: Points, target: Points) -> NDArray[np.float64]:
    """Return the homography (3, 3) that maps four points to four others."""
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(source.tolist(), target.tolist(), strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    solved = np.linalg.solve(np.array(rows), target.reshape(-1))
    return np.append(solved, 1.0).reshape(3, 3)
