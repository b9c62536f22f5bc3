"""Writes down the truth: marks of a phone in millimetres, and what one photo shows of them."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.vocabulary import DefectKind, Surface, View, Zone
from phonegrade.datasets.annotations.annotation import (
    CLASS_BIT,
    Annotation,
    annotation_of,
    canvas_hw,
    local_mask,
)
from phonegrade.datasets.labels import LABEL_PX_PER_MM
from phonegrade.datasets.manifest import AnnotationRecord, AnnotationTruth, DeviceRecord, PhotoRecord, SurfaceTruth
from phonegrade.inference.defects.extract import zone_of
from phonegrade.inference.locating.zones import ZoneMap, zone_map
from phonegrade.rendering.camera import Pose
from phonegrade.rendering.device.screens import Screen
from phonegrade.rendering.device.surfaces import draw_surface
from phonegrade.rendering.phone import Phone
from phonegrade.rendering.photo import RenderedPhoto
from phonegrade.rendering.set_plan import DevicePlan
from phonegrade.rendering.wear.paint_lines import scratch_width_mm

LEAST_SHOWN = 0.1
"""A mark of which a photo shows less is not visible in it."""
LEAST_BODY = 0.08
"""A photo with less of it under the device is one of no view."""
_ZONE_STRIDE = 4


def device_record(plan: DevicePlan, phone: Phone) -> DeviceRecord:
    """Complete truth of one phone."""
    return DeviceRecord(
        device_id=plan.device_id,
        device=plan.name,
        split=plan.split,
        preset=plan.place,
        route=plan.route,
        level=phone.level,
        failed_tests=phone.failed_tests,
        surfaces={surface: _surface_truth(phone, surface) for surface in Surface},
    )


def photo_record(
    plan: DevicePlan,
    device: DeviceRecord,
    shot: int,
    surface: Surface,
    pose: Pose,
    photo: RenderedPhoto | None,
    has_clean: bool,
) -> PhotoRecord:
    """Truth of one photo; without `photo` it shows no device. `has_clean`: it was written without marks too."""
    stem = photo_stem(plan, shot, surface)
    h, w = pose.photo_hw
    marks: tuple[AnnotationRecord, ...] = ()
    view, cropped = View.NONE, False
    if photo is not None:
        told = zip(
            device.surfaces[surface].marks, photo.grey_levels, photo.noise_grey_levels, photo.visible, strict=True
        )
        marks = tuple(
            _mark_record(truth, level, noise, is_visible, photo.label, pose) for truth, level, noise, is_visible in told
        )
        cropped = not bool(((pose.corners_px > 0) & (pose.corners_px < (w, h))).all())
        seen = surface.view is View.EDGE or bool((photo.regions & 1).mean() > LEAST_BODY)
        view = surface.view if seen else View.NONE
    return PhotoRecord(
        photo=f"photos/{stem}.jpg",
        clean=f"clean/{stem}.jpg" if has_clean else None,
        label=None if photo is None else f"labels/{stem}.png",
        regions=f"regions/{stem}.png",
        device_id=plan.device_id,
        shot=shot,
        preset=plan.place,
        route=plan.route,
        level=device.level,
        device=plan.name,
        split=plan.split,
        surface=None if photo is None else surface,
        view=view,
        cropped=cropped,
        size_mm=None if photo is None else pose.size_mm,
        label_px_per_mm=LABEL_PX_PER_MM,
        photo_from_mm=None if photo is None else tuple(float(x) for x in pose.photo_from_mm.ravel()),
        corners_px=None if photo is None else tuple((float(x), float(y)) for x, y in pose.corners_px),
        mm_per_px=None if photo is None else pose.mm_per_px,
        photo_wh=(w, h),
        marks=marks,
        seed=plan.photo_seed(shot, surface),
    )


def photo_stem(plan: DevicePlan, shot: int, surface: Surface) -> str:
    """Name, without folder and ending, of every file of one photo."""
    return f"{plan.index:06d}-{surface}-{shot:02d}"


def _surface_truth(phone: Phone, surface: Surface) -> SurfaceTruth:
    size_mm, zones = phone.size_mm(surface), _zones(phone, surface)
    marks = [
        _mark_truth(f"{surface}-{number}", mark, _width_mm(phone, surface, number), _zone(zones, mark, size_mm))
        for number, mark in enumerate(phone.marks[surface])
    ]
    return SurfaceTruth(size_mm=size_mm, marks=tuple(marks))


def _width_mm(phone: Phone, surface: Surface, number: int) -> float:
    """Width of a mark as it is painted."""
    mark = phone.marks[surface][number]
    return scratch_width_mm(mark, phone.paint_rng(surface, number)) if mark.kind == "scratch" else mark.width_mm


def _mark_truth(name: str, mark: Annotation, width_mm: float, zone: Zone) -> AnnotationTruth:
    is_line = mark.kind in (DefectKind.SCRATCH, DefectKind.CRACK)
    stroke_area = mark.length_mm * width_mm if is_line else sum(one.length_mm * one.width_mm for one in mark.strokes)
    region_area = sum(float(cv2.contourArea(region.astype(np.float32))) for region in mark.regions)
    is_patch = bool(mark.regions) and not is_line
    return AnnotationTruth(
        id=name,
        kind=mark.kind,
        style=mark.style,
        length_mm=mark.length_mm,
        width_mm=width_mm,
        area_mm2=region_area if is_patch else stroke_area + region_area,
        depth_mm=mark.depth_mm,
        zone=zone,
        strokes=tuple(_rounded(stroke.points) for stroke in mark.strokes),
        stroke_widths_mm=tuple(stroke.width_mm for stroke in mark.strokes),
        regions=tuple(_rounded(region) for region in mark.regions),
    )


def _rounded(points: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    return tuple((round(float(x), 3), round(float(y), 3)) for x, y in points)


def _mark_record(
    truth: AnnotationTruth, grey_levels: float, noise: float, visible: bool, label: NDArray[np.uint16], pose: Pose
) -> AnnotationRecord:
    mask, (x, y) = local_mask(annotation_of(truth), (label.shape[0], label.shape[1]), LABEL_PX_PER_MM)
    window = label[y : y + mask.shape[0], x : x + mask.shape[1]]
    rows, columns = np.nonzero(mask & ((window & CLASS_BIT[truth.kind]) > 0))
    shown_share = 0.0
    if rows.size:
        canvas = np.stack([columns + x + 0.5, rows + y + 0.5], axis=1)[None] / LABEL_PX_PER_MM
        at = cv2.perspectiveTransform(canvas, pose.photo_from_mm)[0]
        in_frame = ((at >= 0) & (at <= np.array(pose.photo_hw[::-1]) - 1)).all(axis=1)
        shown_share = float(in_frame.sum() / mask.sum())
    return AnnotationRecord(
        **truth.model_dump(),
        exists=True,
        visible=visible and shown_share >= LEAST_SHOWN,
        grey_levels=round(grey_levels, 2),
        noise_grey_levels=round(noise, 2),
        shown_share=round(shown_share, 4),
    )


def _zones(phone: Phone, surface: Surface) -> ZoneMap:
    """The zones of a surface by its own design, under the rules that measured defects are put into zones by."""
    size_mm, px_per_mm = phone.size_mm(surface), LABEL_PX_PER_MM / _ZONE_STRIDE
    display = camera = np.zeros(canvas_hw(size_mm, px_per_mm), np.float32)
    if surface.view is not View.EDGE:
        maps = draw_surface(phone.style, surface, size_mm, px_per_mm, Screen.OFF, phone.rng(surface))
        display, camera = maps.display.astype(np.float32), maps.camera.astype(np.float32)
    radius_share = phone.style.corner_mm / min(size_mm)
    return zone_map(
        surface.view, display, camera, px_per_mm=LABEL_PX_PER_MM, stride=_ZONE_STRIDE, radius_share=radius_share
    )


def _zone(zones: ZoneMap, mark: Annotation, size_mm: tuple[float, float]) -> Zone:
    mask, origin = local_mask(mark, canvas_hw(size_mm, LABEL_PX_PER_MM), LABEL_PX_PER_MM)
    if not mask.any():
        mask[mask.shape[0] // 2, mask.shape[1] // 2] = True
    return zone_of(zones, mask, origin)
