"""Measures a defect that a person outlined, as the models' own are measured: on the rectified surface, in its zone."""

from collections.abc import Sequence

import cv2
import numpy as np

from phonegrade.core.data_errors import OutlineError
from phonegrade.core.geometry import transform
from phonegrade.core.inspection import Defect, Point
from phonegrade.core.vocabulary import DefectKind
from phonegrade.inference.defects.extract import PlacedInstance, zone_of
from phonegrade.inference.defects.instances import Instance
from phonegrade.inference.defects.records import defect_record, measures_mm
from phonegrade.inference.locating.surface import RectifiedSurface


def measure_outline(name: str, kind: DefectKind, polygon: Sequence[Point], surface: RectifiedSurface) -> Defect:
    """Return the record of the defect inside `polygon` (x, y in full-size photo pixels), with that very outline.

    A brush goes on beyond the tips of a line as far as beyond its sides, so both are taken off alike. Sizes are None on
    a surface without a scale. Raises OutlineError for an outline that lies beside the phone.
    """
    instance = _instance(name, kind, polygon, surface)
    zone = None if surface.zones is None else zone_of(surface.zones, instance.mask, instance.origin)
    placed = PlacedInstance(instance, zone, counts_from=0.0)
    sizes = measures_mm(instance, surface.photo, surface.canvas, None)
    outline = tuple((round(float(x), 1), round(float(y), 1)) for x, y in polygon)
    return defect_record(name, kind, placed, outline, sizes, surface.canvas)


def _instance(name: str, kind: DefectKind, polygon: Sequence[Point], surface: RectifiedSurface) -> Instance:
    photo, canvas = surface.photo, surface.canvas
    to_decoded = np.array([photo.rgb.shape[1] / photo.full_hw[1], photo.rgb.shape[0] / photo.full_hw[0]])
    decoded = (np.asarray(polygon, np.float64) + 0.5) * to_decoded - 0.5
    points = transform(np.asarray(np.linalg.inv(canvas.photo_from_canvas), np.float64), decoded)
    height, width = canvas.rgb.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    # a line thinner than a pixel of the canvas still covers those that it crosses
    cv2.fillPoly(mask, [np.round(np.clip(points, -width - height, 2 * (width + height))).astype(np.int32)], 1)
    rows, columns = np.nonzero(mask)
    if len(rows) == 0:
        raise OutlineError(f"{name}: the outline lies beside the phone; draw it on the surface")
    top, left = int(rows.min()), int(columns.min())
    part = mask[top : rows.max() + 1, left : columns.max() + 1] > 0
    return Instance(kind, 1.0, part, (left, top))
