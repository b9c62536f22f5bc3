"""From the outcomes of single photos to the tables of a rendered evaluation."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from phonegrade.core.vocabulary import SEGMENTER_CLASSES, View
from phonegrade.evaluation.bootstrap import Bootstrap, Estimate, average_precision, calibration_error, rounded
from phonegrade.evaluation.error_coverage import error_coverage
from phonegrade.evaluation.figures import (
    CalibrationFigures,
    Call,
    Cell,
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
"""Where the bins of true length part, near the limits that grades are decided by."""
SCALES_PX_PER_MM = (6, 8, 10, 12)
GREY_LEVELS = (10, 20, 40)
"""Where the bins of a mark's contrast part."""
SURFACES = {
    "front": ("front",),
    "back": ("back",),
    "edges": ("left", "right", "top", "bottom"),
}


def summarise(outcomes: Sequence[PhotoOutcome], data_sha256: str) -> RenderedFigures:
    """Every figure of a rendered test split, with intervals by device."""
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
        calls=calls(outcomes),
        locator=locator_figures(outcomes, bootstrap),
        inspect_s=round(float(np.median([o.inspect_s for o in outcomes])), 3),
    )


def kind_figures(kind: str, outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> KindFigures:
    """Of one class, over all photos."""
    marks = [(mark, o) for mark, o in visible(outcomes) if mark.kind == kind]
    told = [(mark, o) for o in outcomes for mark in o.found if mark.kind == kind]
    everything = [(mark, o) for o in outcomes for mark in o.everything if mark.kind == kind]
    ap = average_precision(
        [mark.confidence for mark, _ in everything],
        [mark.is_true for mark, _ in everything],
        [mark.found_from for mark, _ in marks],
    )
    pixels = sum((o.pixels[kind] for o in outcomes if kind in o.pixels), PixelTally())
    pieces = [mark.pieces for mark, _ in marks if mark.found]
    lengths = length_pairs(outcomes, (kind,))
    widths = width_pairs(outcomes, 0.0, float("inf"), (kind,))
    return KindFigures(
        recall=mean_of(bootstrap, ((mark.found, o.device_id) for mark, o in marks)),
        precision=mean_of(bootstrap, ((mark.is_true, o.device_id) for mark, o in told)),
        average_precision=bootstrap.estimate(ap, [o.device_id for _, o in everything], [o.device_id for _, o in marks]),
        mask_iou=rounded(pixels.both / pixels.either) if pixels.true else None,
        pixel_f1=None if pixels.f1() is None else rounded(pixels.f1() or 0.0),
        pieces_per_found_mark=rounded(float(np.mean(pieces))) if pieces else None,
        length_error=quantile_of(bootstrap, lengths, 0.5),
        length_error_p90=quantile_of(bootstrap, lengths, 0.9),
        width_error_mm=quantile_of(bootstrap, widths, 0.5),
        width_error_mm_p90=quantile_of(bootstrap, widths, 0.9),
    )


def size_names(kind: str) -> list[str]:
    """Names of the kind's bins of length, from the smallest on."""
    edges = SIZES_MM[kind]
    inner = [f"{low}-{high} mm" for low, high in pairwise(edges)]
    return [f"< {edges[0]} mm", *inner, f">= {edges[-1]} mm"]


def size_name(kind: str, length_mm: float | None) -> str:
    """The bin that a length falls in; `no scale` where there is none."""
    if length_mm is None:
        return "no scale"
    return size_names(kind)[int(np.searchsorted(SIZES_MM[kind], length_mm, side="right"))]


def bin_name(low: float, high: float) -> str:
    """Of the bin from `low`, 0 being no bound, to below `high`, which may be infinite."""
    return f">= {low:g}" if high == float("inf") else f"< {high:g}" if low == 0 else f"{low:g}-{high:g}"


def cells(outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> tuple[Cell, ...]:
    """Recall by true size and precision by told size, for each kind on each group of surfaces."""
    found = []
    for kind in DAMAGE:
        for group, surfaces in SURFACES.items():
            here = [o for o in outcomes if o.surface in surfaces]
            marks = [(mark, o) for mark, o in visible(here) if mark.kind == kind]
            told = [(mark, o) for o in here for mark in o.found if mark.kind == kind]
            for size in (*size_names(kind), "no scale"):
                asked = [(m.found, o.device_id) for m, o in marks if size_name(kind, m.length_mm) == size]
                judged = [(m.is_true, o.device_id) for m, o in told if size_name(kind, m.length_mm) == size]
                if asked or judged:
                    recall, precision = mean_of(bootstrap, asked), mean_of(bootstrap, judged)
                    found.append(Cell(kind=kind, surface=group, size=size, recall=recall, precision=precision))
    return tuple(found)


def contrasts(outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> tuple[ContrastRecall, ...]:
    """Recall by how much a mark changes its photo, for each kind."""
    found = []
    for kind in DAMAGE:
        marks = [(mark, o.device_id) for mark, o in visible(outcomes) if mark.kind == kind]
        for low, high in pairwise((0.0, *GREY_LEVELS, float("inf"))):
            here = [(mark, owner) for mark, owner in marks if low <= mark.grey_levels < high]
            if here:
                recall = mean_of(bootstrap, ((mark.found, owner) for mark, owner in here))
                recall_any = mean_of(bootstrap, ((mark.found_any, owner) for mark, owner in here))
                found.append(ContrastRecall(kind=kind, bin=bin_name(low, high), recall=recall, recall_any=recall_any))
    return tuple(found)


def length_errors(outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> tuple[SizeError, ...]:
    """By kind and true length, over found marks that their photos show whole."""
    errors = []
    for kind in DAMAGE:
        for size in size_names(kind):
            pairs = [
                (abs(mark.length_error), o.device_id)
                for mark, o in visible(outcomes)
                if mark.kind == kind
                and mark.has_length
                and mark.length_error is not None
                and size_name(kind, mark.length_mm) == size
            ]
            errors += _size_error(kind, size, pairs, bootstrap)
    return tuple(errors)


def width_errors(outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> tuple[SizeError, ...]:
    """By linear kind and the photo's own scale."""
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
    """The headline figures by route, by preset and by surface."""
    names = {
        "route": [o.route for o in outcomes],
        "preset": [o.preset for o in outcomes],
        "surface": [next((g for g, inside in SURFACES.items() if o.surface in inside), "no device") for o in outcomes],
    }
    found = []
    for by, named in names.items():
        for name in sorted(set(named)):
            part = [o for o, own in zip(outcomes, named, strict=True) if own == name]
            found.append(GroupFigures(by=by, name=name, photos=len(part), figures=key_metrics(part, bootstrap)))
    return tuple(found)


def calibration(outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> CalibrationFigures:
    """How far confidences are from the share of marks that are true, down to confidence 0."""
    told = [(mark, o.device_id) for o in outcomes for mark in o.everything if mark.kind in DAMAGE]

    def error(part: list[tuple[Detection, str]]) -> Estimate:
        statistic = calibration_error([m.confidence for m, _ in part], [m.is_true for m, _ in part], ECE_BINS)
        return bootstrap.estimate(statistic, [owner for _, owner in part])

    bins = []
    for index in range(ECE_BINS):
        low, high = index / ECE_BINS, (index + 1) / ECE_BINS
        here = [m for m, _ in told if min(int(m.confidence * ECE_BINS), ECE_BINS - 1) == index]
        confidence = rounded(float(np.mean([m.confidence for m in here]))) if here else None
        share_true = rounded(float(np.mean([m.is_true for m in here]))) if here else None
        bins.append(ReliabilityBin(low=low, high=high, count=len(here), confidence=confidence, share_true=share_true))
    by_kind = {kind: error([(m, owner) for m, owner in told if m.kind == kind]) for kind in DAMAGE}
    return CalibrationFigures(error=error(told), by_kind=by_kind, bins=tuple(bins))


def calls(outcomes: Sequence[PhotoOutcome]) -> tuple[Call, ...]:
    """What marks are told as: defects by kind, dirt by kind and style."""
    seen = [mark for mark, _ in visible(outcomes)]
    marks = [(mark.kind if mark.kind in DAMAGE else f"{mark.kind}: {mark.style}", mark) for mark in seen]
    order = {kind: number for number, kind in enumerate(SEGMENTER_CLASSES)}
    found = []
    for name in sorted({name for name, _ in marks}, key=lambda name: (order[name.split(":")[0]], name)):
        here = [mark for label, mark in marks if label == name]
        called = Counter(mark.called for mark in here)
        told = {kind: called[kind] for kind in (*SEGMENTER_CLASSES, "nothing") if called[kind]}
        false = None if name in DAMAGE else rounded(float(np.mean([mark.false_defects for mark in here])))
        found.append(Call(true=name, marks=len(here), called=told, false_defects_per_mark=false))
    return tuple(found)


def locator_figures(outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> LocatorFigures:
    """Views, cut-off phones and outlines."""
    located = [o.located for o in outcomes]
    views = {
        view.value: {told.value: sum(one.view == view and one.told_view == told for one in located) for told in View}
        for view in View
    }
    shown = [one for one in located if one.view != View.NONE]
    cut_off = {
        "told": sum(one.cropped and one.told_cut_off for one in shown),
        "missed": sum(one.cropped and not one.told_cut_off for one in shown),
        "false": sum(not one.cropped and one.told_cut_off for one in shown),
        "rightly not told": sum(not one.cropped and not one.told_cut_off for one in shown),
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
