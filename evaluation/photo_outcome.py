"""Compares one rendered photo's ground truth with the predictions of the whole ONNX pipeline."""

import time
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.devices.catalogue import catalogue_device
from phonegrade.core.geometry import transform
from phonegrade.core.inspection import Defect, Dirt, Inspection, Point
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import SEGMENTER_CLASSES, DefectKind
from phonegrade.datasets.manifest import PhotoRecord
from phonegrade.evaluation.matching import (
    NEAR_MM,
    TRUE_SHARE,
    MaskPatch,
    MatchedDetection,
    detected_from,
    grown,
    ignore_region,
    reach,
    verdict,
)
from phonegrade.evaluation.outcome import Box, Detection, Located, PhotoOutcome, VisibleDefect
from phonegrade.evaluation.pixel_tally import PixelTally
from phonegrade.evaluation.truth import RectifiedSample, TrueDefect, read_truth
from phonegrade.inference.defects.segment import segment
from phonegrade.inference.inspector import Inspector

DAMAGE = tuple(kind.value for kind in DefectKind)
CUT_OFF = "cut_off"
ALONE = 0.8
"""Share of a defect under a detection, and of the detection's rim near the defect, from which they match one to one."""
FAR_PX = 1e5
"""Bound on projected points: those beyond the horizon of the surface's plane project anywhere."""


class Bench:
    """Measures an inspector photo by photo."""

    def __init__(self, inspector: Inspector) -> None:
        self.inspector = inspector

    def measure(self, root: Path, record: PhotoRecord) -> PhotoOutcome:
        """Inspect one photo of the set under `root`, with its surface and device given as in `grade`."""
        file = PhotoFile(record.photo, (root / record.photo).read_bytes(), record.surface)
        device = None if record.surface is None else catalogue_device(record.device.rsplit(" #", 1)[0])
        start = time.perf_counter()
        inspection = self.inspector.inspect(file, device=device)
        inspect_s = time.perf_counter() - start
        truth = read_truth(root, record)
        matched = None
        if truth is not None:
            unfiltered = self.inspector.inspect(file, device=device, min_confidence=0.0)
            matched = MatchedPhoto(truth, inspection, unfiltered)
        return PhotoOutcome(
            photo=record.photo,
            device_id=record.device_id,
            preset=record.preset,
            route=record.route,
            surface="none" if record.surface is None else record.surface.value,
            px_per_mm=None if record.mm_per_px is None else 1 / record.mm_per_px,
            located=locate_outcome(record, inspection),
            is_defect_free=not any(mark.kind in DAMAGE for mark in record.annotations),
            is_dirty=any(mark.kind not in DAMAGE for mark in record.annotations),
            detections=() if matched is None else matched.evaluated(matched.reported),
            all_detections=() if matched is None else matched.evaluated(matched.unfiltered),
            visible_defects=() if matched is None else matched.visible_defects(),
            pixels={} if truth is None else self.pixels(root, record, truth),
            inspect_s=inspect_s,
        )

    def pixels(self, root: Path, record: PhotoRecord, truth: RectifiedSample) -> dict[str, PixelTally]:
        """Count the segmenter's masks alone, on the surface rectified by its ground truth at the segmenter's scale."""
        segmenter = self.inspector.segmenter_of(record.view)
        card = segmenter.card
        if card.px_per_mm != truth.px_per_mm:
            truth = read_truth(root, record, card.px_per_mm) or truth
        probability = segment(truth.rgb, segmenter)
        tallies = {}
        for plane, name in zip(probability, card.classes, strict=True):
            fine = cv2.resize(plane, truth.valid_mask.shape[::-1], interpolation=cv2.INTER_LINEAR)
            mask = np.asarray((fine >= card.mask_threshold[name]) & truth.valid_mask)
            tallies[name] = PixelTally()
            tallies[name].add(mask, truth.classes[name], truth.ignored, truth.px_per_mm)
        return tallies


class _CanvasDetection:
    """A detection with its pixels on the truth's canvas."""

    def __init__(self, source: Defect | Dirt, truth: RectifiedSample) -> None:
        self.source, self.kind = source, source.kind.value
        self.matched = MatchedDetection(source.confidence, on_canvas(source.polygon, truth))
        self.rim = self.matched.patch.rim


class MatchedPhoto:
    """One photo's ground truth beside its detections: at the models' own limits, and down to confidence 0."""

    def __init__(self, truth: RectifiedSample, inspection: Inspection, unfiltered: Inspection) -> None:
        self.truth = truth
        self.reported = [_CanvasDetection(one, truth) for one in _detections(inspection)]
        self.unfiltered = [_CanvasDetection(one, truth) for one in _detections(unfiltered)]
        self.photo_from_canvas = np.asarray(np.linalg.inv(truth.canvas_from_photo), np.float64)
        by_px = NEAR_MM * truth.px_per_mm
        self.near = {kind: grown(truth.classes[kind], by_px) for kind in SEGMENTER_CLASSES}
        self.ignore = ignore_region(truth.ignored, truth.px_per_mm)
        self.near_damage = np.logical_or.reduce([self.near[kind] for kind in DAMAGE])
        self.dirt = [mark for mark in truth.annotations if mark.record.kind not in DAMAGE]
        self.around_dirt = [mark.patch.grown(by_px) for mark in self.dirt]

    def evaluated(self, detections: list[_CanvasDetection]) -> tuple[Detection, ...]:
        """Return the detections that are not on the ignore region."""
        judged = ((one, verdict(one.matched.patch, self.near[one.kind], self.ignore)) for one in detections)
        return tuple(self._detection(one, is_true) for one, is_true in judged if is_true is not None)

    def _detection(self, one: _CanvasDetection, is_true: bool) -> Detection:
        is_damage = one.rim.share_on(self.near_damage) >= TRUE_SHARE
        is_false_defect = isinstance(one.source, Defect) and not is_damage
        below = [
            dirt
            for dirt, patch in zip(self.dirt, self.around_dirt, strict=True)
            if one.rim.share_in(patch) >= TRUE_SHARE
        ]
        return Detection(
            kind=one.kind,
            confidence=one.source.confidence,
            is_true=is_true,
            is_damage=is_damage,
            length_mm=one.source.length_mm if isinstance(one.source, Defect) else None,
            on_dirt=f"{below[0].record.kind} {below[0].record.style}" if is_false_defect and below else None,
            box=_box(np.array(one.source.polygon)),
        )

    def visible_defects(self) -> tuple[VisibleDefect, ...]:
        """Return the visible ground-truth defects and dirt, each with how it was detected."""
        unfiltered = self._reach_by_kind(self.unfiltered)
        reported = self._reach_by_kind(self.reported)
        false = [one for one in self.reported if verdict(one.matched.patch, self.near[one.kind], self.ignore) is False]
        false_reach = self._reach_by_kind(false)
        return tuple(
            self._visible_defect(defect, unfiltered, reported, false_reach, false) for defect in self.truth.annotations
        )

    def _visible_defect(
        self,
        defect: TrueDefect,
        unfiltered: dict[str, NDArray[np.float32]],
        reported: dict[str, NDArray[np.float32]],
        false_reach: dict[str, NDArray[np.float32]],
        false: list[_CanvasDetection],
    ) -> VisibleDefect:
        record, px_per_mm, patch = defect.record, self.truth.px_per_mm, defect.patch
        same_kind = [one for one in self.reported if one.kind == record.kind]
        around = patch.grown(NEAR_MM * px_per_mm)
        covers = [patch.share_in(one.matched.patch.grown(NEAR_MM / 2 * px_per_mm)) for one in same_kind]
        detected = detected_from(patch, reported[record.kind]) > 0
        best = same_kind[int(np.argmax(covers))] if detected and covers else None
        others = {kind: float((patch.of(plane > 0) & patch.mask).mean()) for kind, plane in false_reach.items()}
        other = max(others, key=others.__getitem__)
        is_misnamed = detected_from(patch, false_reach[other]) > 0
        sizes = best.source if best is not None and isinstance(best.source, Defect) else None
        length_error_mm = None if sizes is None else _difference(sizes.length_mm, defect.length_mm)
        width_error_mm = None if sizes is None else _difference(sizes.width_mm, record.width_mm)
        return VisibleDefect(
            kind=record.kind,
            style=record.style,
            length_mm=defect.length_mm,
            width_mm=record.width_mm,
            grey_levels=record.grey_levels,
            has_length=defect.has_length,
            detected_from=detected_from(patch, unfiltered[record.kind]),
            detected_from_any=max(detected_from(patch, unfiltered[kind]) for kind in DAMAGE),
            detected=detected,
            detected_any=any(detected_from(patch, reported[kind]) > 0 for kind in DAMAGE),
            pieces=sum(one.rim.share_in(around) >= TRUE_SHARE for one in same_kind),
            predicted_kind=record.kind if detected else other if is_misnamed else "nothing",
            false_defects=sum(one.kind in DAMAGE and one.rim.share_in(around) >= TRUE_SHARE for one in false),
            length_error=None
            if length_error_mm is None or defect.length_mm <= 0
            else length_error_mm / defect.length_mm,
            width_error_mm=width_error_mm,
            box=_box(transform(self.photo_from_canvas, _corners(patch))),
            alone=best is not None and max(covers) >= ALONE and best.rim.share_in(around) >= ALONE,
            length_z=None if sizes is None else _z(length_error_mm, sizes.length_error_mm),
            width_z=None if sizes is None else _z(width_error_mm, sizes.width_error_mm),
        )

    def _reach_by_kind(self, detections: list[_CanvasDetection]) -> dict[str, NDArray[np.float32]]:
        hw, px_per_mm = self.truth.valid_mask.shape, self.truth.px_per_mm
        return {
            kind: reach([one.matched for one in detections if one.kind == kind], hw, px_per_mm)
            for kind in SEGMENTER_CLASSES
        }


def _detections(inspection: Inspection) -> list[Defect | Dirt]:
    return [*inspection.defects, *inspection.contamination]


def _difference(measured: float | None, true: float) -> float | None:
    return None if measured is None else measured - true


def _z(difference: float | None, standard_error: float | None) -> float | None:
    """Return an error in its own standard errors; None where either is unknown."""
    return None if difference is None or not standard_error else difference / standard_error


def on_canvas(polygon: tuple[Point, ...], truth: RectifiedSample) -> MaskPatch:
    """Return the pixels of the truth's canvas under a polygon on the photo; none where it lies beside the device."""
    points = np.clip(transform(truth.canvas_from_photo, np.array(polygon, np.float64)), -FAR_PX, FAR_PX)
    height, width = truth.valid_mask.shape
    low = np.clip(np.floor(points.min(axis=0)), 0, (width, height)).astype(int)
    high = np.clip(np.ceil(points.max(axis=0)) + 1, low, (width, height)).astype(int)
    mask = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
    if mask.size:
        cv2.fillPoly(mask, [np.round(points - low).astype(np.int32)], 1)
    return MaskPatch(mask > 0, (int(low[0]), int(low[1])))


def locate_outcome(record: PhotoRecord, inspection: Inspection) -> Located:
    """Return view and outline by the locator, beside the ground truth."""
    iou = corner_error = None
    if record.surface is not None and not record.cropped and record.corners_px is not None:
        iou = 0.0
        if inspection.outline is not None:
            iou, corner_error = outline_errors(
                np.array(inspection.outline), np.array(record.corners_px), record.photo_wh
            )
    return Located(
        view=record.view.value,
        predicted_view=inspection.view.value,
        cropped=record.cropped,
        predicted_cut_off=any(flag.code == CUT_OFF for flag in inspection.quality),
        has_outline=inspection.outline is not None,
        iou=iou,
        corner_error=corner_error,
    )


def outline_errors(
    predicted: NDArray[np.float64], true: NDArray[np.float64], photo_wh: tuple[int, int]
) -> tuple[float, float]:
    """Return the IoU of two quadrilaterals (4, 2), and their mean corner distance over the true one's diagonal."""
    diagonal = float(np.hypot(*(true[2] - true[0])))
    turns = [np.hypot(*(np.roll(predicted, turn, axis=0) - true).T).mean() for turn in range(4)]
    canvas = np.zeros((2, photo_wh[1], photo_wh[0]), np.uint8)
    for layer, quad in zip(canvas, (predicted, true), strict=True):
        cv2.fillPoly(layer, [np.round(quad * 16).astype(np.int32)], 1, shift=4)
    either = int((canvas[0] | canvas[1]).sum())
    return float((canvas[0] & canvas[1]).sum() / max(either, 1)), float(min(turns)) / diagonal


def _corners(patch: MaskPatch) -> NDArray[np.float64]:
    left, top, width, height = cv2.boundingRect(patch.mask.astype(np.uint8))
    x, y = patch.origin[0] + left, patch.origin[1] + top
    return np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], np.float64)


def _box(points: NDArray[np.float64]) -> Box:
    low, high = points.min(axis=0), points.max(axis=0)
    x, y = (round(float(value), 1) for value in low)
    width, height = (round(float(value), 1) for value in high - low)
    return x, y, width, height
