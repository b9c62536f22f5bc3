"""Turns marks on a canvas into the records of an inspection: photo pixels, millimetres, zone."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.geometry import transform
from phonegrade.core.inspection import Defect, Dirt, Point
from phonegrade.core.vocabulary import Contamination, DefectKind, Zone
from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.defects.instances import Instance
from phonegrade.inference.defects.measure import Measures, hull_area_px, measure_px
from phonegrade.inference.defects.width import Source
from phonegrade.inference.locating.rectify import Canvas
from phonegrade.inference.locating.zones import ZoneMap
from phonegrade.inference.photo.decode import Photo

MAX_DEVIATION_PX = 0.5
"""How far a polygon may stray from its mask's contour, in canvas pixels."""
CAMERA_BLUR_PX = 1.0
"""Point spread of lens, sensor and demosaicing, in full-size pixels: a phone's usual photo in focus."""
DECODING_BLUR_PX = 0.35
"""Point spread that decoding at a reduced scale adds, in decoded pixels."""


@dataclass(frozen=True)
class Reader:
    """Reads the marks of one canvas."""

    photo: Photo
    canvas: Canvas
    zones: ZoneMap | None
    id_prefix: str
    card: SegmenterCard
    """Of the segmenter that found the marks."""
    lit: bool
    """They lie on a front whose display is lit."""

    def read(self, instances: list[Instance]) -> tuple[tuple[Defect, ...], tuple[Dirt, ...]]:
        """Defects and contamination, each in the order given."""
        defects: list[Defect] = []
        dirt: list[Dirt] = []
        for instance in instances:
            polygon = self._polygon(instance)
            measures = self._measures_mm(instance)
            match instance.kind:
                case DefectKind():
                    defects.append(self._defect(f"{self.id_prefix}{len(defects) + 1}", instance, polygon, measures))
                case Contamination():
                    patch = Dirt(
                        kind=instance.kind,
                        confidence=round(instance.confidence, 4),
                        polygon=polygon,
                        area_mm2=None if measures is None else round(measures.area, 3),
                        counts_from=self.counts_from(instance),
                    )
                    dirt.append(patch)
        return tuple(defects), tuple(dirt)

    def counts_from(self, instance: Instance) -> float:
        """The confidence from which on the model reports such a mark in such a place."""
        return self.card.counts_from(instance.kind.value, self._zone_of(instance), lit=self.lit)

    def _zone_of(self, instance: Instance) -> Zone | None:
        return None if self.zones is None else self.zones.zone_of(instance)

    def dirt_px(self, instances: list[Instance]) -> int:
        """Canvas pixels that contamination covers which the model reports."""
        covered = np.zeros(self.canvas.rgb.shape[:2], np.bool_)
        for instance in instances:
            if isinstance(instance.kind, Contamination) and instance.confidence >= self.counts_from(instance):
                x, y = instance.origin
                part = covered[y : y + instance.mask.shape[0], x : x + instance.mask.shape[1]]
                part |= instance.mask[: part.shape[0], : part.shape[1]]
        return int(covered.sum())

    def _defect(self, name: str, instance: Instance, polygon: tuple[Point, ...], sizes: Measures | None) -> Defect:
        return Defect(
            id=name,
            kind=DefectKind(instance.kind.value),
            confidence=round(instance.confidence, 4),
            polygon=polygon,
            length_mm=None if sizes is None else round(sizes.length, 3),
            width_mm=None if sizes is None or sizes.width is None else round(sizes.width, 3),
            area_mm2=None if sizes is None else round(sizes.area, 3),
            zone=self._zone_of(instance),
            length_error_mm=None if sizes is None else _error(sizes.length_error),
            width_error_mm=None if sizes is None or sizes.width_error is None else _error(sizes.width_error),
            surface_share=self._surface_share(instance),
            counts_from=self.counts_from(instance),
        )

    def _surface_share(self, instance: Instance) -> float | None:
        """Share of the surface under the hull of a crack; None for other kinds and without a scale."""
        if instance.kind is not DefectKind.CRACK or self.canvas.px_per_mm is None:
            return None
        height, width = self.canvas.rgb.shape[:2]
        return min(round(hull_area_px(instance.mask) / int(height * width), 4), 1.0)

    def _measures_mm(self, instance: Instance) -> Measures | None:
        if self.canvas.px_per_mm is None:
            return None
        blur_px = float(np.hypot(CAMERA_BLUR_PX * self.photo.scale, DECODING_BLUR_PX))
        source = Source(self.photo.rgb, self.canvas.photo_from_canvas, blur_px)
        sizes = measure_px(
            instance.kind.value,
            instance.mask,
            bridges=instance.bridges,
            origin=instance.origin,
            tips=self.card.endpoint_bias if instance.kind is DefectKind.SCRATCH else None,
            source=source,
        )
        # no mark is longer than its surface, which the border of the last pixels may add to
        height, width = self.canvas.rgb.shape[:2]
        if instance.kind is DefectKind.CRACK:
            sizes = replace(sizes, length=min(sizes.length, float(np.hypot(height, width))))
        return sizes.scaled(1.0 / self.canvas.px_per_mm)

    def _polygon(self, instance: Instance) -> tuple[Point, ...]:
        """Outer contour of the largest part, in full-size photo pixels; at least three points."""
        contours, _ = cv2.findContours(instance.mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        contour = max(contours, key=cv2.contourArea).astype(np.int32)
        simple = cv2.approxPolyDP(contour, MAX_DEVIATION_PX, True)[:, 0].astype(np.float64)
        if len(simple) < 3:
            simple = _box_around(contour[:, 0])
        on_photo = self.photo.to_full(transform(self.canvas.photo_from_canvas, simple + np.asarray(instance.origin)))
        height, width = self.photo.full_hw
        clipped = np.clip(on_photo, 0.0, [width - 1, height - 1])
        return tuple((round(float(x), 1), round(float(y), 1)) for x, y in clipped)


def _error(size_mm: float) -> float:
    """A standard error as it is recorded: never rounded down to none."""
    return max(round(size_mm, 3), 0.001)


def _box_around(points: NDArray[np.int32]) -> NDArray[np.float64]:
    """The pixels' own extent: a mark one pixel wide has a contour without area."""
    low, high = points.min(axis=0) - 0.5, points.max(axis=0) + 0.5
    return np.array([low, [high[0], low[1]], high, [low[0], high[1]]], np.float64)
