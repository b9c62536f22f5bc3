"""Photos of a front with defects at known positions, as any camera shows them."""

import numpy as np

from phonegrade.core.inspection import Defect, Inspection, Point
from phonegrade.core.vocabulary import DefectKind, Surface
from phonegrade.tests.grading.builders import SIZE_MM, defect, inspection

POSE = ((100.0, 50.0), (820.0, 90.0), (790.0, 1600.0), (80.0, 1520.0))
"""Another camera's view of the front: tilted, further away, elsewhere in the frame."""


def px_from_mm(point_mm: Point, outline: tuple[Point, ...], size_mm: tuple[float, float]) -> Point:
    """Where a point of the surface stands in a photo, by the projective map of the unit square."""
    a, b, c, d = (np.array(corner) for corner in outline)
    u, v = point_mm[0] / size_mm[0], point_mm[1] / size_mm[1]
    dx1, dx2, total = b - c, d - c, a - b + c - d
    denominator = dx1[0] * dx2[1] - dx2[0] * dx1[1]
    g = (total[0] * dx2[1] - dx2[0] * total[1]) / denominator
    h = (dx1[0] * total[1] - total[0] * dx1[1]) / denominator
    x, y = ((b - a + g * b) * u + (d - a + h * d) * v + a) / (g * u + h * v + 1)
    return float(x), float(y)


def drawn_defect(
    name: str,
    corner_mm: Point,
    size_mm: tuple[float, float],
    outline: tuple[Point, ...] = POSE,
    kind: DefectKind = DefectKind.SCRATCH,
    confidence: float = 0.9,
) -> Defect:
    """Return a box-shaped defect of the front as a photo with this outline shows it."""
    (left, top), (long, wide) = corner_mm, size_mm
    box = ((left, top), (left + long, top), (left + long, top + wide), (left, top + wide))
    polygon = tuple(px_from_mm(point, outline, SIZE_MM[Surface.FRONT]) for point in box)
    unplaced = defect(name, kind, long, wide, long * wide, confidence=confidence)
    return unplaced.model_copy(update={"polygon": polygon})


def front_view(
    *defects: Defect, outline: tuple[Point, Point, Point, Point] = POSE, number: int = 0, finest_mm: float = 0.1
) -> Inspection:
    """Return a photo of the front."""
    photo = inspection(Surface.FRONT, defects, resolvable_mm=finest_mm)
    return photo.model_copy(
        update={"outline": outline, "photo": f"front-{number}.jpg", "photo_sha256": f"{number:064}"}
    )
