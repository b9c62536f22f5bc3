"""Measures each extracted instance and writes its record: photo pixels, millimetres, zone."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import Points
from phonegrade.core.geometry import transform
from phonegrade.core.inspection import Defect, Dirt, Point
from phonegrade.core.vocabulary import Contamination, DefectKind
from phonegrade.inference.card import EndpointBias, SegmenterCard
from phonegrade.inference.defects.extract import PlacedInstance
from phonegrade.inference.defects.instances import Instance
from phonegrade.inference.defects.measure import Measures, hull_area_px, measure_px
from phonegrade.inference.defects.width import Source
from phonegrade.inference.locating.rectify import Canvas
from phonegrade.inference.locating.surface import RectifiedSurface
from phonegrade.inference.photo.photo import Photo

MAX_DEVIATION_PX = 0.5
"""How far a polygon may stray from its mask's contour, in canvas pixels."""
CAMERA_BLUR_PX = 1.0
"""Point spread of lens, sensor and demosaicing, in full-size pixels: a phone's usual photo in focus."""
DECODING_BLUR_PX = 0.35
"""Point spread that decoding at a reduced scale adds, in decoded pixels."""


def measure_instances(
    placed: Sequence[PlacedInstance], surface: RectifiedSurface, card: SegmenterCard, id_prefix: str
) -> tuple[tuple[Defect, ...], tuple[Dirt, ...]]:
    """Measure the instances on their `surface`; return defects and contamination, each in the order given."""
    defects: list[Defect] = []
    dirt: list[Dirt] = []
    for one in placed:
        polygon = _polygon(one.instance, surface.photo, surface.canvas)
        sizes = measures_mm(one.instance, surface.photo, surface.canvas, card.endpoint_bias)
        match one.instance.kind:
            case DefectKind() as kind:
                name = f"{id_prefix}{len(defects) + 1}"
                defects.append(defect_record(name, kind, one, polygon, sizes, surface.canvas))
            case Contamination() as contamination:
                patch = Dirt(
                    kind=contamination,
                    confidence=round(one.instance.confidence, 4),
                    polygon=polygon,
                    area_mm2=None if sizes is None else round(sizes.area, 3),
                    counts_from=one.counts_from,
                )
                dirt.append(patch)
    return tuple(defects), tuple(dirt)


def defect_record(
    name: str,
    kind: DefectKind,
    one: PlacedInstance,
    polygon: tuple[Point, ...],
    sizes: Measures | None,
    canvas: Canvas,
) -> Defect:
    """Return the record of an instance; `sizes` are in millimetres, None without a scale."""
    return Defect(
        id=name,
        kind=kind,
        confidence=round(one.instance.confidence, 4),
        polygon=polygon,
        length_mm=None if sizes is None else round(sizes.length, 3),
        width_mm=None if sizes is None or sizes.width is None else round(sizes.width, 3),
        area_mm2=None if sizes is None else round(sizes.area, 3),
        zone=one.zone,
        length_error_mm=None if sizes is None else _error(sizes.length_error),
        width_error_mm=None if sizes is None or sizes.width_error is None else _error(sizes.width_error),
        surface_share=_surface_share(one.instance, canvas),
        counts_from=one.counts_from,
    )


def _surface_share(instance: Instance, canvas: Canvas) -> float | None:
    """Return the share of the surface under the hull of a crack; None for other kinds and without a scale."""
    if instance.kind is not DefectKind.CRACK or canvas.px_per_mm is None:
        return None
    height, width = canvas.rgb.shape[:2]
    return min(round(hull_area_px(instance.mask) / int(height * width), 4), 1.0)


def measures_mm(
    instance: Instance, photo: Photo, canvas: Canvas, endpoint_bias: EndpointBias | None
) -> Measures | None:
    """Return the sizes of an instance in millimetres; None where the canvas has no scale.

    `endpoint_bias` is how far a scratch's mask goes on beyond its tips; None: as far as beyond its sides.
    """
    if canvas.px_per_mm is None:
        return None
    blur_px = float(np.hypot(CAMERA_BLUR_PX * photo.scale, DECODING_BLUR_PX))
    sizes = measure_px(
        instance.kind.value,
        instance.mask,
        bridges=instance.bridges,
        origin=instance.origin,
        endpoint_bias=endpoint_bias if instance.kind is DefectKind.SCRATCH else None,
        source=Source(photo.rgb, canvas.photo_from_canvas, blur_px),
    )
    # no defect is longer than its surface, which the border of the last pixels may add to
    height, width = canvas.rgb.shape[:2]
    if instance.kind is DefectKind.CRACK:
        sizes = replace(sizes, length=min(sizes.length, float(np.hypot(height, width))))
    return sizes.scaled(1.0 / canvas.px_per_mm)


def _polygon(instance: Instance, photo: Photo, canvas: Canvas) -> tuple[Point, ...]:
    """Return the outer contour of the largest part, in full-size photo pixels; at least three points."""
    contours, _ = cv2.findContours(instance.mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    contour = max(contours, key=cv2.contourArea).astype(np.int32)
    simple = cv2.approxPolyDP(contour, MAX_DEVIATION_PX, True)[:, 0].astype(np.float64)
    if len(simple) < 3:
        simple = _box_around(contour[:, 0])
    on_photo = photo.to_full(transform(canvas.photo_from_canvas, simple + np.asarray(instance.origin)))
    height, width = photo.full_hw
    clipped = np.clip(on_photo, 0.0, [width - 1, height - 1])
    return tuple((round(float(x), 1), round(float(y), 1)) for x, y in clipped)


def _error(size_mm: float) -> float:
    """Return a standard error as it is recorded: never rounded down to none."""
    return max(round(size_mm, 3), 0.001)


def _box_around(points: NDArray[np.int32]) -> Points:
    """Return the pixels' own extent: a defect one pixel wide has a contour without area."""
    low, high = points.min(axis=0) - 0.5, points.max(axis=0) + 0.5
    return np.array([low, [high[0], low[1]], high, [low[0], high[1]]], np.float64)
