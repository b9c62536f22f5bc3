"""Computes the key metrics of rendered photos."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from phonegrade.evaluation import metrics
from phonegrade.evaluation.bootstrap import Bootstrap, Estimate, calibration_error, mean, quantile
from phonegrade.evaluation.figures import ErrorCoverage, KeyMetrics
from phonegrade.evaluation.outcome import Detection, PhotoOutcome, VisibleDefect

DAMAGE = ("crack", "scratch", "scuff", "chip", "dent")
LINEAR = ("crack", "scratch")
WIDTH_FROM_PX_PER_MM = 12.0
GOOD_IOU = 0.97
ECE_BINS = 10


@dataclass(frozen=True)
class Rows:
    """Values with the device that each belongs to."""

    values: tuple[float, ...]
    owners: tuple[str, ...]


def rows(pairs: Iterable[tuple[float, str]]) -> Rows:
    """Return the rows of (value, device) pairs."""
    listed = list(pairs)
    return Rows(tuple(float(value) for value, _ in listed), tuple(owner for _, owner in listed))


def mean_of(bootstrap: Bootstrap, pairs: Iterable[tuple[float, str]]) -> Estimate:
    """Return the mean of the values and its interval."""
    listed = rows(pairs)
    return bootstrap.estimate(mean(listed.values), listed.owners)


def quantile_of(bootstrap: Bootstrap, pairs: Iterable[tuple[float, str]], share: float) -> Estimate:
    """Return a quantile of the values and its interval."""
    listed = rows(pairs)
    return bootstrap.estimate(quantile(listed.values, share), listed.owners)


def visible(outcomes: Sequence[PhotoOutcome]) -> list[tuple[VisibleDefect, PhotoOutcome]]:
    """Return every visible ground-truth defect, with its photo."""
    return [(one, outcome) for outcome in outcomes for one in outcome.visible_defects]


def is_asked(defect: VisibleDefect, outcome: PhotoOutcome) -> bool:
    """Return whether a defect is large enough, and its photo fine enough, for a person to see what it is."""
    fine = (outcome.px_per_mm or 0.0) >= metrics.TOO_COARSE_PX_PER_MM.get(defect.kind, 0.0)
    return fine and defect.length_mm >= metrics.TOO_SMALL_MM.get(defect.kind, 0.0)


def predicted_defects(outcomes: Sequence[PhotoOutcome]) -> list[tuple[Detection, PhotoOutcome]]:
    """Return every defect reported at the models' own limits, with its photo."""
    return [(one, outcome) for outcome in outcomes for one in outcome.detections if one.kind in DAMAGE]


def key_metrics(outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> KeyMetrics:
    """Return the key metrics of some photos, at the limits that the models ship."""
    return {
        **_instances(outcomes, bootstrap),
        **_false_positives(outcomes, bootstrap),
        **_sizes(outcomes, bootstrap),
        **_locator(outcomes, bootstrap),
        metrics.CALIBRATION_ERROR.name: _calibration(outcomes, bootstrap),
    }


def length_pairs(outcomes: Sequence[PhotoOutcome], kinds: Sequence[str] = DAMAGE) -> list[tuple[float, str]]:
    """Return the absolute relative length error of each detected defect that its photo shows whole."""
    return [
        (abs(defect.length_error), outcome.device_id)
        for defect, outcome in visible(outcomes)
        if defect.kind in kinds and defect.has_length and defect.length_error is not None
    ]


def width_pairs(
    outcomes: Sequence[PhotoOutcome], low: float, high: float, kinds: Sequence[str] = LINEAR
) -> list[tuple[float, str]]:
    """Return the absolute width error in mm of each detected defect, on photos of `low` to `high` px/mm."""
    return [
        (abs(defect.width_error_mm), outcome.device_id)
        for defect, outcome in visible(outcomes)
        if defect.kind in kinds
        and defect.width_error_mm is not None
        and outcome.px_per_mm is not None
        and low <= outcome.px_per_mm < high
    ]


def coverage_pairs(
    outcomes: Sequence[PhotoOutcome], size: str, errors: float, kinds: Sequence[str] = DAMAGE, *, alone: bool
) -> list[tuple[bool, str]]:
    """Return whether the true length or width (`size`) of each detected defect lies within so many standard errors.

    Lengths of defects that their photo shows whole; with `alone` only defects matched one to one.
    """
    pairs = []
    for defect, outcome in visible(outcomes):
        z = defect.length_z if size == "length" else defect.width_z
        has_error = z is not None and (size == "width" or defect.has_length) and defect.kind in kinds
        if z is not None and has_error and (defect.alone or not alone):
            pairs.append((abs(z) <= errors, outcome.device_id))
    return pairs


MEASURED = {"length": DAMAGE, "width": LINEAR}
"""Sizes whose errors are compared; of patches, whose truth is an outline and not a box, the width is no figure."""


def error_coverage(outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> tuple[ErrorCoverage, ...]:
    """Return how often true sizes lie within one and two standard errors, by size, kind and kind of match.

    Kinds without a defect are left out.
    """
    rows = []
    for size, kinds in MEASURED.items():
        for name, part in (("all", kinds), *((kind, (kind,)) for kind in kinds)):
            for alone in (True, False):
                one, two = (coverage_pairs(outcomes, size, errors, part, alone=alone) for errors in (1.0, 2.0))
                if one:
                    within_one, within_two = mean_of(bootstrap, one), mean_of(bootstrap, two)
                    rows.append(
                        ErrorCoverage(size=size, kind=name, alone=alone, within_one=within_one, within_two=within_two)
                    )
    return tuple(rows)


def _instances(outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> KeyMetrics:
    defects, predictions = visible(outcomes), predicted_defects(outcomes)
    figures = {}
    for metric in metrics.RECALLS:
        asked = [
            (one, o)
            for one, o in defects
            if one.kind == metric.kind
            and one.length_mm >= metric.min_length_mm
            and (o.px_per_mm or 0.0) >= metric.min_px_per_mm
        ]
        reached = ((one.detected_any if metric.as_any else one.detected, o.device_id) for one, o in asked)
        figures[metric.name] = mean_of(bootstrap, reached)
    damage = ((one.detected_any, o.device_id) for one, o in defects if one.kind in DAMAGE and is_asked(one, o))
    figures[metrics.DAMAGE_RECALL.name] = mean_of(bootstrap, damage)
    precision = mean_of(bootstrap, ((one.is_damage, o.device_id) for one, o in predictions))
    figures[metrics.DAMAGE_PRECISION.name] = precision
    return figures


def _false_positives(outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> KeyMetrics:
    defect_free = [o for o in outcomes if o.is_defect_free and o.surface != "none"]

    def per_surface(surfaces: Sequence[PhotoOutcome]) -> Estimate:
        return mean_of(bootstrap, ((sum(one.kind in DAMAGE for one in o.detections), o.device_id) for o in surfaces))

    return {
        metrics.FALSE_PER_SURFACE.name: per_surface(defect_free),
        metrics.FALSE_PER_CLEAN_SURFACE.name: per_surface([o for o in defect_free if not o.is_dirty]),
        metrics.FALSE_PER_DIRTY_SURFACE.name: per_surface([o for o in defect_free if o.is_dirty]),
    }


def _sizes(outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> KeyMetrics:
    lengths, widths = length_pairs(outcomes), width_pairs(outcomes, WIDTH_FROM_PX_PER_MM, float("inf"))
    length_coverage = coverage_pairs(outcomes, "length", 2.0, alone=True)
    width_coverage = coverage_pairs(outcomes, "width", 2.0, LINEAR, alone=True)
    return {
        metrics.LENGTH_ERROR.name: quantile_of(bootstrap, lengths, 0.5),
        metrics.LENGTH_ERROR_P90.name: quantile_of(bootstrap, lengths, 0.9),
        metrics.WIDTH_ERROR.name: quantile_of(bootstrap, widths, 0.5),
        metrics.WIDTH_ERROR_P90.name: quantile_of(bootstrap, widths, 0.9),
        metrics.LENGTH_COVERAGE.name: mean_of(bootstrap, length_coverage),
        metrics.WIDTH_COVERAGE.name: mean_of(bootstrap, width_coverage),
    }


def _locator(outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> KeyMetrics:
    def share(pairs: Iterable[tuple[bool, PhotoOutcome]]) -> Estimate:
        return mean_of(bootstrap, ((is_right, o.device_id) for is_right, o in pairs))

    whole = [o for o in outcomes if o.located.iou is not None]
    with_device = [o for o in outcomes if o.located.view != "none"]
    is_none = [((o.located.view == "none") == (o.located.predicted_view == "none"), o) for o in outcomes]
    return {
        metrics.OUTLINE_IOU.name: share(((o.located.iou or 0.0) >= GOOD_IOU, o) for o in whole),
        metrics.VIEW_ACCURACY.name: share((o.located.view == o.located.predicted_view, o) for o in outcomes),
        metrics.NONE_ACCURACY.name: share(is_none),
        metrics.CUT_OFF_ACCURACY.name: share(
            (o.located.cropped == o.located.predicted_cut_off, o) for o in with_device
        ),
    }


def _calibration(outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> Estimate:
    defects = [(one, o) for o in outcomes for one in o.all_detections if one.kind in DAMAGE]
    statistic = calibration_error([one.confidence for one, _ in defects], [one.is_true for one, _ in defects], ECE_BINS)
    return bootstrap.estimate(statistic, [o.device_id for _, o in defects])
