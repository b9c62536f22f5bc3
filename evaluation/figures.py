"""An evaluation as a record: `evaluation.json`."""

from pydantic import Field

from phonegrade.core.strict import Strict
from phonegrade.evaluation.bootstrap import Estimate
from phonegrade.grading.uncertainty.agreement import Agreement, ReviewPoint

KeyMetrics = dict[str, Estimate]
"""Estimates by the name of a metric (`evaluation.metrics`)."""


class KindFigures(Strict):
    """Of one class. Instances and sizes are those of the whole pipeline, pixels those of the segmenter alone."""

    recall: Estimate
    recall_any: Estimate | None = None
    """By detections of any kind of damage; None for dirt, and in evaluations from before it was measured."""
    precision: Estimate
    average_precision: Estimate
    mask_iou: float | None
    pixel_f1: float | None
    """With half a millimetre's tolerance."""
    pieces_per_detected_defect: float | None
    length_error: Estimate
    """Median share of the true length, over detected defects that the photo shows whole."""
    length_error_p90: Estimate
    width_error_mm: Estimate
    width_error_mm_p90: Estimate


class Cell(Strict):
    """Defects of one kind, on one group of surfaces, of one size."""

    kind: str
    surface: str
    size: str
    recall: Estimate
    precision: Estimate


class ContrastRecall(Strict):
    """Recall of the defects of one kind of some contrast in grey levels, detected as `kind` or as any."""

    kind: str
    bin: str
    recall: Estimate
    recall_any: Estimate


class SizeError(Strict):
    """Errors of the detections of one kind in one bin of true length, or for widths of the photo's scale."""

    kind: str
    bin: str
    median: Estimate
    p90: Estimate


class ErrorCoverage(Strict):
    """How often the truth lies within the standard errors of a size: normally 0.683 within one, 0.954 within two."""

    size: str
    """`length` or `width`."""
    kind: str
    """`all` of them, or one."""
    alone: bool
    """Of defects matched one to one only; else of every detected defect."""
    within_one: Estimate
    within_two: Estimate


class GroupFigures(Strict):
    """The key metrics of a part of the photos."""

    by: str
    name: str
    photos: int
    figures: KeyMetrics


class ReliabilityBin(Strict):
    """Detections whose confidence lies between `low` and `high`."""

    low: float
    high: float
    count: int
    confidence: float | None
    share_true: float | None


class CalibrationFigures(Strict):
    """Expected calibration error of the detected defects, all and by kind, and the bins of all."""

    error: Estimate
    by_kind: dict[str, Estimate]
    bins: tuple[ReliabilityBin, ...]


class ConfusionRow(Strict):
    """What the ground-truth defects of one kind, or the dirt of one kind and style, are predicted as."""

    true: str
    count: int
    predicted: dict[str, int]
    false_defects_each: float | None


class LocatorFigures(Strict):
    """Views as counts: true view -> predicted view; outlines of photos that show the whole device."""

    views: dict[str, dict[str, int]]
    cut_off: dict[str, int]
    """Photos of a device: true and false positives and negatives of `cut_off`."""
    outline_iou: tuple[Estimate, Estimate]
    """5th percentile and median."""
    corner_error: tuple[Estimate, Estimate]
    """Median and 90th percentile of the mean corner distance over the outline's diagonal, where there is an outline."""
    outlines_missed: int


class RenderedFigures(Strict):
    """On a rendered test split."""

    kind_of_photos: str = "rendered, not real"
    data_sha256: str
    photos: int
    devices: int
    key_metrics: KeyMetrics
    kinds: dict[str, KindFigures]
    cells: tuple[Cell, ...]
    contrasts: tuple[ContrastRecall, ...] = ()
    """Empty in evaluations from before they were measured."""
    length_errors: tuple[SizeError, ...]
    width_errors: tuple[SizeError, ...]
    error_coverage: tuple[ErrorCoverage, ...] = ()
    """Empty in evaluations from before it was measured."""
    groups: tuple[GroupFigures, ...]
    calibration: CalibrationFigures
    confusion: tuple[ConfusionRow, ...]
    locator: LocatorFigures
    inspect_s: float
    """Median seconds a photo, as measured beside whatever else ran: the only value that differs between runs."""


class UsablePhotos(Strict):
    """Photos of one view and label, each alone as its surface: `usable`, or the rule that prevents a grade."""

    view: str
    label: str
    photos: int
    why: dict[str, int]


class PhoneOutcomes(Strict):
    """Whole phones of one group: how their grades compare with the truth, or why they have none."""

    group: str
    phones: int
    needs_review: int
    outcomes: dict[str, int]


class GradedPhones(Strict):
    """How grades of rendered phones agree with the truth, on those that no calibration was fitted to."""

    labelled_sha256: str
    """Of the file of inspected phones."""
    agreement: Agreement


class RealFigures(Strict):
    """On a folder of real photos, which no weight was trained on; those without damage may have raised limits."""

    kind_of_photos: str = "real"
    manifest_sha256: str
    photos: int
    unanswered: int
    labels: dict[str, int]
    key_metrics: KeyMetrics
    false_kinds: dict[str, dict[str, int]]
    """By label of photos without damage: number of false positives of each kind, at the shipped limits."""
    scratches_detected: dict[str, str]
    """At the best threshold and at the shipped limits, as detected/all."""
    best_threshold: float | None
    linear_at_best_threshold: dict[str, float]
    """Cracks, scratches and scuffs reported per photo without damage at the best threshold, by label."""
    curve: tuple[ReviewPoint, ...] = ()
    """Review against wrong grades of the whole phones."""
    usable: tuple[UsablePhotos, ...] = ()
    """Whether `grade` could use each photo; empty in evaluations from before it was measured."""
    phones: tuple[PhoneOutcomes, ...] = ()
    """Grades of whole phones; empty where the folder makes none."""
    corrupted: dict[str, KeyMetrics] = Field(default_factory=dict)
    """Key metrics under each corruption of every photo (`evaluation.corruptions`); empty without `--corruptions`."""


class Evaluation(Strict):
    """One evaluation of one set of models."""

    name: str
    """The configuration that made the segmenter."""
    commit: str
    segmenter_sha256: str
    locator_sha256: str
    frame_segmenter_sha256: str | None = None
    """None where one segmenter takes faces and edges."""
    boundary_refiner_sha256: str | None = None
    """None in evaluations from before there was a boundary refiner."""
    runtime: str | None = None
    """Which models OpenVINO ran, its version and precision; None: ONNX Runtime ran all."""
    rendered: RenderedFigures | None
    real: RealFigures | None
    grades: GradedPhones | None = None
    """Of rendered phones; None where none were given."""
