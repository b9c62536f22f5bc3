"""Holds one rendered photo's truth against what the whole ONNX pipeline says of it."""

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
    around_hidden,
    found_from,
    grown,
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
"""Share of a mark under the found one, and of the found one's rim near the mark, from which one was told as one."""
FAR_PX = 1e5
"""Points beyond the horizon of the surface's plane come out anywhere."""


class Bench:
    """Measures an inspector photo by photo."""

    def __init__(self, inspector: Inspector) -> None:
        self.inspector = inspector

    def measure(self, root: Path, record: PhotoRecord) -> PhotoOutcome:
        """Inspect one photo of the set under `root`, its surface and device promised as `grade` has them."""
        file = PhotoFile(record.photo, (root / record.photo).read_bytes(), record.surface)
        device = None if record.surface is None else catalogue_device(record.device.rsplit(" #", 1)[0])
        start = time.perf_counter()
        told = self.inspector.inspect(file, device=device)
        inspect_s = time.perf_counter() - start
        truth = read_truth(root, record)
        sheet = None
        if truth is not None:
            everything = self.inspector.inspect(file, device=device, min_confidence=0.0)
            sheet = RectifiedTruth(truth, told, everything)
        return PhotoOutcome(
            photo=record.photo,
            device_id=record.device_id,
            preset=record.preset,
            route=record.route,
            surface="none" if record.surface is None else record.surface.value,
            px_per_mm=None if record.mm_per_px is None else 1 / record.mm_per_px,
            located=locate_outcome(record, told),
            sound=not any(mark.kind in DAMAGE for mark in record.marks),
            dirty=any(mark.kind not in DAMAGE for mark in record.marks),
            found=() if sheet is None else sheet.found_marks(sheet.told),
            everything=() if sheet is None else sheet.found_marks(sheet.everything),
            visible=() if sheet is None else sheet.visible_marks(),
            pixels={} if truth is None else self.pixels(root, record, truth),
            inspect_s=inspect_s,
        )

    def pixels(self, root: Path, record: PhotoRecord, truth: RectifiedSample) -> dict[str, PixelTally]:
        """The segmenter's masks alone, on the surface laid flat by its truth, as fine as it wants it."""
        segmenter = self.inspector.segmenter_of(record.view)
        card = segmenter.card
        if card.px_per_mm != truth.px_per_mm:
            truth = read_truth(root, record, card.px_per_mm) or truth
        probability = segment(truth.rgb, segmenter)
        tallies = {}
        for plane, name in zip(probability, card.classes, strict=True):
            fine = cv2.resize(plane, truth.inside.shape[::-1], interpolation=cv2.INTER_LINEAR)
            found = np.asarray((fine >= card.mask_threshold[name]) & truth.inside)
            tallies[name] = PixelTally()
            tallies[name].add(found, truth.classes[name], truth.ignored, truth.px_per_mm)
        return tallies


def _marks(told: Inspection) -> list[Defect | Dirt]:
    return [*told.defects, *told.contamination]


class _Placed:
    """A found mark with its pixels on the truth's canvas."""

    def __init__(self, mark: Defect | Dirt, truth: RectifiedSample) -> None:
        self.mark, self.kind = mark, mark.kind.value
        self.found = MatchedDetection(mark.confidence, on_canvas(mark.polygon, truth))


class RectifiedTruth:
    """One photo's truth beside its answers: at the models' own limits, and down to confidence 0."""

    def __init__(self, truth: RectifiedSample, told: Inspection, everything: Inspection) -> None:
        self.truth = truth
        self.told = [_Placed(mark, truth) for mark in _marks(told)]
        self.everything = [_Placed(mark, truth) for mark in _marks(everything)]
        self.photo_from_canvas = np.asarray(np.linalg.inv(truth.canvas_from_photo), np.float64)
        by_px = NEAR_MM * truth.px_per_mm
        self.near = {kind: grown(truth.classes[kind], by_px) for kind in SEGMENTER_CLASSES}
        self.hidden = around_hidden(truth.ignored, truth.px_per_mm)
        self.near_damage = np.logical_or.reduce([self.near[kind] for kind in DAMAGE])
        self.dirt = [mark for mark in truth.marks if mark.record.kind not in DAMAGE]
        self.around_dirt = [mark.patch.grown(by_px) for mark in self.dirt]

    def found_marks(self, placed: list[_Placed]) -> tuple[Detection, ...]:
        """The found marks that count."""
        judged = ((one, verdict(one.found.patch, self.near[one.kind], self.hidden)) for one in placed)
        return tuple(self._found_mark(one, is_true) for one, is_true in judged if is_true is not None)

    def _found_mark(self, one: _Placed, is_true: bool) -> Detection:
        rim = one.found.patch.rim
        is_damage = rim.share_on(self.near_damage) >= TRUE_SHARE
        is_false_defect = isinstance(one.mark, Defect) and not is_damage
        below = [m for m, patch in zip(self.dirt, self.around_dirt, strict=True) if rim.share_in(patch) >= TRUE_SHARE]
        return Detection(
            kind=one.kind,
            confidence=one.mark.confidence,
            is_true=is_true,
            is_damage=is_damage,
            length_mm=one.mark.length_mm if isinstance(one.mark, Defect) else None,
            on_dirt=f"{below[0].record.kind} {below[0].record.style}" if is_false_defect and below else None,
            box=_box(np.array(one.mark.polygon)),
        )

    def visible_marks(self) -> tuple[VisibleDefect, ...]:
        """The true marks that can be seen, each with what became of it."""
        curves = {kind: self._reach([m for m in self.everything if m.kind == kind]) for kind in SEGMENTER_CLASSES}
        limits = {kind: self._reach([m for m in self.told if m.kind == kind]) for kind in SEGMENTER_CLASSES}
        wrong = [m for m in self.told if verdict(m.found.patch, self.near[m.kind], self.hidden) is False]
        calls = {kind: self._reach([m for m in wrong if m.kind == kind]) for kind in SEGMENTER_CLASSES}
        return tuple(self._visible_mark(mark, curves, limits, calls, wrong) for mark in self.truth.marks)

    def _visible_mark(
        self,
        mark: TrueDefect,
        curves: dict[str, NDArray[np.float32]],
        limits: dict[str, NDArray[np.float32]],
        calls: dict[str, NDArray[np.float32]],
        wrong: list[_Placed],
    ) -> VisibleDefect:
        record, px_per_mm = mark.record, self.truth.px_per_mm
        own = [m for m in self.told if m.kind == record.kind]
        around = mark.patch.grown(NEAR_MM * px_per_mm)
        covers = [mark.patch.share_in(m.found.patch.grown(NEAR_MM / 2 * px_per_mm)) for m in own]
        found = found_from(mark.patch, limits[record.kind]) > 0
        placed = own[int(np.argmax(covers))] if found and covers else None
        best = None if placed is None else placed.mark
        others = {kind: float((mark.patch.of(calls[kind] > 0) & mark.patch.mask).mean()) for kind in calls}
        likeliest = max(others, key=others.__getitem__)
        called = record.kind if found else likeliest if found_from(mark.patch, calls[likeliest]) > 0 else "nothing"
        sizes = best if isinstance(best, Defect) else None
        length_off = None if sizes is None else _off(sizes.length_mm, mark.length_mm)
        width_off = None if sizes is None else _off(sizes.width_mm, record.width_mm)
        return VisibleDefect(
            kind=record.kind,
            style=record.style,
            length_mm=mark.length_mm,
            width_mm=record.width_mm,
            grey_levels=record.grey_levels,
            has_length=mark.has_length,
            found_from=found_from(mark.patch, curves[record.kind]),
            found_from_any=max(found_from(mark.patch, curves[kind]) for kind in DAMAGE),
            found=found,
            found_any=any(found_from(mark.patch, limits[kind]) > 0 for kind in DAMAGE),
            pieces=sum(m.found.patch.rim.share_in(around) >= TRUE_SHARE for m in own),
            called=called,
            false_defects=sum(m.kind in DAMAGE and m.found.patch.rim.share_in(around) >= TRUE_SHARE for m in wrong),
            length_error=None if length_off is None or mark.length_mm <= 0 else length_off / mark.length_mm,
            width_error_mm=width_off,
            box=_box(transform(self.photo_from_canvas, _corners(mark.patch))),
            alone=placed is not None and max(covers) >= ALONE and placed.found.patch.rim.share_in(around) >= ALONE,
            length_z=None if sizes is None else _in_errors(length_off, sizes.length_error_mm),
            width_z=None if sizes is None else _in_errors(width_off, sizes.width_error_mm),
        )

    def _reach(self, placed: list[_Placed]) -> NDArray[np.float32]:
        return reach([one.found for one in placed], self.truth.inside.shape, self.truth.px_per_mm)


def _off(measured: float | None, true: float) -> float | None:
    return None if measured is None else measured - true


def _in_errors(off: float | None, error: float | None) -> float | None:
    """An error in its own standard errors; None where either is unknown."""
    return None if off is None or not error else off / error


def on_canvas(polygon: tuple[Point, ...], truth: RectifiedSample) -> MaskPatch:
    """The pixels that a polygon on the photo covers on the truth's canvas; none where it lies beside the device."""
    points = np.clip(transform(truth.canvas_from_photo, np.array(polygon, np.float64)), -FAR_PX, FAR_PX)
    height, width = truth.inside.shape
    low = np.clip(np.floor(points.min(axis=0)), 0, (width, height)).astype(int)
    high = np.clip(np.ceil(points.max(axis=0)) + 1, low, (width, height)).astype(int)
    mask = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
    if mask.size:
        cv2.fillPoly(mask, [np.round(points - low).astype(np.int32)], 1)
    return MaskPatch(mask > 0, (int(low[0]), int(low[1])))


def locate_outcome(record: PhotoRecord, told: Inspection) -> Located:
    """What the locator made of a photo, beside its truth."""
    iou = corner_error = None
    if record.surface is not None and not record.cropped and record.corners_px is not None:
        iou = 0.0
        if told.outline is not None:
            iou, corner_error = outline_errors(np.array(told.outline), np.array(record.corners_px), record.photo_wh)
    return Located(
        view=record.view.value,
        told_view=told.view.value,
        cropped=record.cropped,
        told_cut_off=any(flag.code == CUT_OFF for flag in told.quality),
        has_outline=told.outline is not None,
        iou=iou,
        corner_error=corner_error,
    )


def outline_errors(
    found: NDArray[np.float64], true: NDArray[np.float64], photo_wh: tuple[int, int]
) -> tuple[float, float]:
    """Overlap of two quadrilaterals (4, 2), and the mean distance of their corners over the true one's diagonal."""
    diagonal = float(np.hypot(*(true[2] - true[0])))
    turns = [np.hypot(*(np.roll(found, turn, axis=0) - true).T).mean() for turn in range(4)]
    canvas = np.zeros((2, photo_wh[1], photo_wh[0]), np.uint8)
    for layer, quad in zip(canvas, (found, true), strict=True):
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
