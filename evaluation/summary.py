"""Summarises the outcomes of single photos as the figures of a rendered evaluation."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from phonegrade.core.vocabulary import SEGMENTER_CLASSES, View
from phonegrade.evaluation.bootstrap import Bootstrap, Estimate, average_precision, calibration_error, rounded
from phonegrade.evaluation.figures import (
    CalibrationFigures,
    Cell,
    ConfusionRow,
    ContrastRecall,
    GroupFigures,
    KindFigures,
    LocatorFigures,
    ReliabilityBin,
    RenderedFigures,
    SizeError,
)
from phonegrade.evaluation.key_metrics import (
    DAMAGE,
    ECE_BINS,
    LINEAR,
    error_coverage,
    key_metrics,
    length_pairs,
    mean_of,
    quantile_of,
    visible,
    width_pairs,
)
from phonegrade.evaluation.outcome import Detection, PhotoOutcome
from phonegrade.evaluation.pixel_tally import PixelTally

SIZES_MM = {"crack": (10, 40), "scratch": (3, 7, 20), "scuff": (5, 20), "chip": (1, 2), "dent": (1, 2)}
"""Bounds of the bins of true length, near the limits that decide grades."""
SCALES_PX_PER_MM = (6, 8, 10, 12)
GREY_LEVELS = (10, 20, 40)
"""Bounds of the bins of a defect's contrast."""
SURFACES = {
    "front": ("front",),
    "back": ("back",),
    "edges": ("left", "right", "top", "bottom"),
}


def summarise(outcomes: Sequence[PhotoOutcome], data_sha256: str) -> RenderedFigures:
    """Return every figure of a rendered test split, with intervals by device."""
    bootstrap = Bootstrap([o.device_id for o in outcomes])
    return RenderedFigures(
        data_sha256=data_sha256,
        photos=len(outcomes),
        devices=len(bootstrap.number),
        key_metrics=key_metrics(outcomes, bootstrap),
        kinds={kind: kind_figures(kind, outcomes, bootstrap) for kind in SEGMENTER_CLASSES},
        cells=cells(outcomes, bootstrap),
        contrasts=contrasts(outcomes, bootstrap),
        length_errors=length_errors(outcomes, bootstrap),
        width_errors=width_errors(outcomes, bootstrap),
        error_coverage=error_coverage(outcomes, bootstrap),
        groups=groups(outcomes, bootstrap),
        calibration=calibration(outcomes, bootstrap),
        confusion=confusion(outcomes),
        locator=locator_figures(outcomes, bootstrap),
        inspect_s=round(float(np.median([o.inspect_s for o in outcomes])), 3),
    )


def kind_figures(kind: str, outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> KindFigures:
    """Return the figures of one class, over all photos."""
    defects = [(one, o) for one, o in visible(outcomes) if one.kind == kind]
    reported = [(one, o) for o in outcomes for one in o.detections if one.kind == kind]
    unfiltered = [(one, o) for o in outcomes for one in o.all_detections if one.kind == kind]
    ap = average_precision(
        [one.confidence for one, _ in unfiltered],
        [one.is_true for one, _ in unfiltered],
        [one.detected_from for one, _ in defects],
    )
    pixels = sum((o.pixels[kind] for o in outcomes if kind in o.pixels), PixelTally())
    any_damage = ((one.detected_any, o.device_id) for one, o in defects)
    pieces = [one.pieces for one, _ in defects if one.detected]
    owners = [[o.device_id for _, o in part] for part in (unfiltered, defects)]
    lengths = length_pairs(outcomes, (kind,))
    widths = width_pairs(outcomes, 0.0, float("inf"), (kind,))
    return KindFigures(
        recall=mean_of(bootstrap, ((one.detected, o.device_id) for one, o in defects)),
        recall_any=mean_of(bootstrap, any_damage) if kind in DAMAGE else None,
        precision=mean_of(bootstrap, ((one.is_true, o.device_id) for one, o in reported)),
        average_precision=bootstrap.estimate(ap, *owners),
        mask_iou=rounded(pixels.both / pixels.either) if pixels.true else None,
        pixel_f1=None if pixels.f1() is None else rounded(pixels.f1() or 0.0),
        pieces_per_detected_defect=rounded(float(np.mean(pieces))) if pieces else None,
        length_error=quantile_of(bootstrap, lengths, 0.5),
        length_error_p90=quantile_of(bootstrap, lengths, 0.9),
        width_error_mm=quantile_of(bootstrap, widths, 0.5),
        width_error_mm_p90=quantile_of(bootstrap, widths, 0.9),
    )


def size_names(kind: str) -> list[str]:
    """Return the names of the kind's bins of length, from the smallest on."""
    edges = SIZES_MM[kind]
    inner = [f"{low}-{high} mm" for low, high in pairwise(edges)]
    return [f"< {edges[0]} mm", *inner, f">= {edges[-1]} mm"]


def size_name(kind: str, length_mm: float | None) -> str:
    """Return the bin that a length falls in; `no scale` where there is none."""
    if length_mm is None:
        return "no scale"
    return size_names(kind)[int(np.searchsorted(SIZES_MM[kind], length_mm, side="right"))]


def bin_name(low: float, high: float) -> str:
    """Return the name of the bin from `low`, 0 being no bound, to below `high`, which may be infinite."""
    return f">= {low:g}" if high == float("inf") else f"< {high:g}" if low == 0 else f"{low:g}-{high:g}"


def cells(outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> tuple[Cell, ...]:
    """Return recall by true size and precision by predicted size, for each kind on each group of surfaces."""
    rows = []
    for kind in DAMAGE:
        for group, surfaces in SURFACES.items():
            here = [o for o in outcomes if o.surface in surfaces]
            defects = [(one, o) for one, o in visible(here) if one.kind == kind]
            detections = [(one, o) for o in here for one in o.detections if one.kind == kind]
            for size in (*size_names(kind), "no scale"):
                detected = [(one.detected, o.device_id) for one, o in defects if size_name(kind, one.length_mm) == size]
                are_true = [
                    (one.is_true, o.device_id) for one, o in detections if size_name(kind, one.length_mm) == size
                ]
                if detected or are_true:
                    recall, precision = mean_of(bootstrap, detected), mean_of(bootstrap, are_true)
                    rows.append(Cell(kind=kind, surface=group, size=size, recall=recall, precision=precision))
    return tuple(rows)


def contrasts(outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> tuple[ContrastRecall, ...]:
    """Return recall by contrast, for each kind."""
    rows = []
    for kind in DAMAGE:
        defects = [(one, o.device_id) for one, o in visible(outcomes) if one.kind == kind]
        for low, high in pairwise((0.0, *GREY_LEVELS, float("inf"))):
            here = [(one, owner) for one, owner in defects if low <= one.grey_levels < high]
            if here:
                recall = mean_of(bootstrap, ((one.detected, owner) for one, owner in here))
                recall_any = mean_of(bootstrap, ((one.detected_any, owner) for one, owner in here))
                rows.append(ContrastRecall(kind=kind, bin=bin_name(low, high), recall=recall, recall_any=recall_any))
    return tuple(rows)


def length_errors(outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> tuple[SizeError, ...]:
    """Return length errors by kind and true length, over detected defects that their photos show whole."""
    errors = []
    for kind in DAMAGE:
        for size in size_names(kind):
            pairs = [
                (abs(one.length_error), o.device_id)
                for one, o in visible(outcomes)
                if one.kind == kind
                and one.has_length
                and one.length_error is not None
                and size_name(kind, one.length_mm) == size
            ]
            errors += _size_error(kind, size, pairs, bootstrap)
    return tuple(errors)


def width_errors(outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> tuple[SizeError, ...]:
    """Return width errors by linear kind and the photo's own scale."""
    errors = []
    bounds = (0.0, *SCALES_PX_PER_MM, float("inf"))
    for kind in LINEAR:
        for low, high in pairwise(bounds):
            name = f"{bin_name(low, high)} px/mm"
            errors += _size_error(kind, name, width_pairs(outcomes, low, high, (kind,)), bootstrap)
    return tuple(errors)


def _size_error(kind: str, name: str, pairs: list[tuple[float, str]], bootstrap: Bootstrap) -> list[SizeError]:
    if not pairs:
        return []
    median, p90 = quantile_of(bootstrap, pairs, 0.5), quantile_of(bootstrap, pairs, 0.9)
    return [SizeError(kind=kind, bin=name, median=median, p90=p90)]


def groups(outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> tuple[GroupFigures, ...]:
    """Return the key metrics by route, by preset and by surface."""
    names = {
        "route": [o.route for o in outcomes],
        "preset": [o.preset for o in outcomes],
        "surface": [next((g for g, inside in SURFACES.items() if o.surface in inside), "no device") for o in outcomes],
    }
    rows = []
    for by, named in names.items():
        for name in sorted(set(named)):
            part = [o for o, own in zip(outcomes, named, strict=True) if own == name]
            rows.append(GroupFigures(by=by, name=name, photos=len(part), figures=key_metrics(part, bootstrap)))
    return tuple(rows)


def calibration(outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> CalibrationFigures:
    """Return how far confidences are from the share of true detections, down to confidence 0."""
    defects = [(one, o.device_id) for o in outcomes for one in o.all_detections if one.kind in DAMAGE]

    def error(part: list[tuple[Detection, str]]) -> Estimate:
        statistic = calibration_error([m.confidence for m, _ in part], [m.is_true for m, _ in part], ECE_BINS)
        return bootstrap.estimate(statistic, [owner for _, owner in part])

    bins = []
    for index in range(ECE_BINS):
        low, high = index / ECE_BINS, (index + 1) / ECE_BINS
        here = [m for m, _ in defects if min(int(m.confidence * ECE_BINS), ECE_BINS - 1) == index]
        confidence = rounded(float(np.mean([m.confidence for m in here]))) if here else None
        share_true = rounded(float(np.mean([m.is_true for m in here]))) if here else None
        bins.append(ReliabilityBin(low=low, high=high, count=len(here), confidence=confidence, share_true=share_true))
    by_kind = {kind: error([(m, owner) for m, owner in defects if m.kind == kind]) for kind in DAMAGE}
    return CalibrationFigures(error=error(defects), by_kind=by_kind, bins=tuple(bins))


def confusion(outcomes: Sequence[PhotoOutcome]) -> tuple[ConfusionRow, ...]:
    """Return what defects, by kind, and dirt, by kind and style, are predicted as."""
    defects = [one for one, _ in visible(outcomes)]
    named = [(one.kind if one.kind in DAMAGE else f"{one.kind}: {one.style}", one) for one in defects]
    order = {kind: number for number, kind in enumerate(SEGMENTER_CLASSES)}
    rows = []
    for name in sorted({name for name, _ in named}, key=lambda name: (order[name.split(":")[0]], name)):
        here = [one for label, one in named if label == name]
        counts = Counter(one.predicted_kind for one in here)
        predicted = {kind: counts[kind] for kind in (*SEGMENTER_CLASSES, "nothing") if counts[kind]}
        false = None if name in DAMAGE else rounded(float(np.mean([one.false_defects for one in here])))
        rows.append(ConfusionRow(true=name, count=len(here), predicted=predicted, false_defects_each=false))
    return tuple(rows)


def locator_figures(outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> LocatorFigures:
    """Return the figures of views, cut-off devices and outlines."""
    located = [o.located for o in outcomes]
    views = {
        view.value: {
            other.value: sum(one.view == view and one.predicted_view == other for one in located) for other in View
        }
        for view in View
    }
    with_device = [one for one in located if one.view != View.NONE]
    cut_off = {
        "true positive": sum(one.cropped and one.predicted_cut_off for one in with_device),
        "false negative": sum(one.cropped and not one.predicted_cut_off for one in with_device),
        "false positive": sum(not one.cropped and one.predicted_cut_off for one in with_device),
        "true negative": sum(not one.cropped and not one.predicted_cut_off for one in with_device),
    }
    ious = [(o.located.iou, o.device_id) for o in outcomes if o.located.iou is not None]
    corners = [(o.located.corner_error, o.device_id) for o in outcomes if o.located.corner_error is not None]
    return LocatorFigures(
        views=views,
        cut_off=cut_off,
        outline_iou=(quantile_of(bootstrap, ious, 0.05), quantile_of(bootstrap, ious, 0.5)),
        corner_error=(quantile_of(bootstrap, corners, 0.5), quantile_of(bootstrap, corners, 0.9)),
        outlines_missed=sum(one.iou is not None and not one.has_outline for one in located),
    )
