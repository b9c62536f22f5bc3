"""What an evaluation says, as a record: `evaluation.json`."""

from pydantic import Field

from phonegrade.core.strict import Strict
from phonegrade.evaluation.bootstrap import Estimate
from phonegrade.grading.uncertainty.agreement import Agreement, ReviewPoint

Headlines = dict[str, Estimate]
"""Figures by name; `training.headlines` says what each name means."""


class KindFigures(Strict):
    """Of one class. Instances and sizes are those of the whole pipeline, pixels those of the segmenter alone."""

    recall: Estimate
    precision: Estimate
    average_precision: Estimate
    mask_iou: float | None
    pixel_f1: float | None
    """With half a millimetre's tolerance."""
    pieces_per_found_mark: float | None
    length_error: Estimate
    """Median share of the true length, over found marks that the photo shows whole."""
    length_error_p90: Estimate
    width_error_mm: Estimate
    width_error_mm_p90: Estimate


class Cell(Strict):
    """Marks of one kind, on one group of surfaces, of one size."""

    kind: str
    surface: str
    size: str
    recall: Estimate
    precision: Estimate


class ContrastRecall(Strict):
    """Recall of the marks of one kind that change their photo by so many grey levels, as marks of `kind` or of any."""

    kind: str
    bin: str
    recall: Estimate
    recall_any: Estimate


class SizeError(Strict):
    """Errors of the marks of one kind in one bin of true length, or for widths of the photo's scale."""

    kind: str
    bin: str
    median: Estimate
    p90: Estimate


class ErrorCoverage(Strict):
    """How often the truth lies within the errors told of a size: a normal error has 0.683 within one, 0.954 in two."""

    size: str
    """`length` or `width`."""
    kind: str
    """`all` of them, or one."""
    alone: bool
    """Of marks only that were told one as one; else of every found mark."""
    within_one: Estimate
    within_two: Estimate


class GroupFigures(Strict):
    """The headline figures of a part of the photos."""

    by: str
    name: str
    photos: int
    figures: Headlines


class ReliabilityBin(Strict):
    """Found marks whose confidence lies between `low` and `high`."""

    low: float
    high: float
    count: int
    confidence: float | None
    share_true: float | None


class CalibrationFigures(Strict):
    """Expected calibration error of the found defects, all and by kind, and the bins of all."""

    error: Estimate
    by_kind: dict[str, Estimate]
    bins: tuple[ReliabilityBin, ...]


class Call(Strict):
    """What the marks of one kind, or of one kind and style of dirt, are told as."""

    true: str
    marks: int
    called: dict[str, int]
    false_defects_per_mark: float | None


class LocatorFigures(Strict):
    """Views as counts: true view -> told view; outlines of photos that show the whole device."""

    views: dict[str, dict[str, int]]
    cut_off: dict[str, int]
    """Photos of a device: told and true, missed, false, rightly not told."""
    outline_iou: tuple[Estimate, Estimate]
    """5th percentile and median."""
    corner_error: tuple[Estimate, Estimate]
    """Median and 90th percentile of the mean corner distance over the outline's diagonal, where one was found."""
    outlines_missed: int


class RenderedFigures(Strict):
    """On a rendered test split."""

    kind_of_photos: str = "rendered, not real"
    data_sha256: str
    photos: int
    devices: int
    key_metrics: Headlines
    kinds: dict[str, KindFigures]
    cells: tuple[Cell, ...]
    contrasts: tuple[ContrastRecall, ...] = ()
    """Empty in evaluations from before they were told."""
    length_errors: tuple[SizeError, ...]
    width_errors: tuple[SizeError, ...]
    error_coverage: tuple[ErrorCoverage, ...] = ()
    """Empty in evaluations from before it was told."""
    groups: tuple[GroupFigures, ...]
    calibration: CalibrationFigures
    calls: tuple[Call, ...]
    locator: LocatorFigures
    inspect_s: float
    """Median seconds a photo, as measured beside whatever else ran: the only figure that differs between runs."""


class UsablePhotos(Strict):
    """Photos of one view and label, each alone as its surface: `usable`, or the rule that stands in the way."""

    view: str
    label: str
    photos: int
    why: dict[str, int]


class PhoneOutcomes(Strict):
    """Whole phones of one group: how their grades stand to the truth, or why they have none."""

    group: str
    phones: int
    needs_review: int
    outcomes: dict[str, int]


class GradedPhones(Strict):
    """How grades of rendered phones agree with the truth, on those that no calibration learnt from."""

    known_sha256: str
    """Of the file of inspected phones."""
    agreement: Agreement


class RealFigures(Strict):
    """On a folder of real photos, which no weight has seen; limits may have been raised by those without damage."""

    kind_of_photos: str = "real"
    manifest_sha256: str
    photos: int
    unanswered: int
    labels: dict[str, int]
    key_metrics: Headlines
    false_kinds: dict[str, dict[str, int]]
    """By label of photos without damage: how many defects of each kind are told, at the shipped limits."""
    scratches_found: dict[str, str]
    """At the best threshold and at the shipped limits, as found/all."""
    best_threshold: float | None
    linear_at_best_threshold: dict[str, float]
    """Cracks, scratches and scuffs told per photo without damage at the best threshold, by label."""
    curve: tuple[ReviewPoint, ...] = ()
    """Review against wrong grades of the whole phones."""
    usable: tuple[UsablePhotos, ...] = ()
    """Whether `grade` could use each photo; empty in evaluations from before it was asked."""
    phones: tuple[PhoneOutcomes, ...] = ()
    """What whole phones get; empty where the folder makes none."""
    changed: dict[str, Headlines] = Field(default_factory=dict)
    """Headlines by what was done to every photo (`evaluation.corruptions`); empty where that was not asked."""


class Evaluation(Strict):
    """One evaluation of one set of models."""

    name: str
    """The configuration that made the segmenter."""
    commit: str
    segmenter_sha256: str
    locator_sha256: str
    frame_segmenter_sha256: str | None = None
    """None where one segmenter sees faces and edges."""
    boundary_refiner_sha256: str | None = None
    """None in evaluations from before there was a side finder."""
    rendered: RenderedFigures | None
    real: RealFigures | None
    grades: GradedPhones | None = None
    """Of rendered phones; None where nobody gave any."""
