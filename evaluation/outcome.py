"""Predictions and ground truth of one rendered photo, small enough to be sent between processes."""

from dataclasses import dataclass, field

from phonegrade.evaluation.pixel_tally import PixelTally

Box = tuple[float, float, float, float]
"""x, y, width and height in photo pixels."""


@dataclass(frozen=True)
class Detection:
    """A detection that is evaluated: those on the ignore region are left out."""

    kind: str
    confidence: float
    is_true: bool
    """It lies on a ground-truth defect of its kind."""
    is_damage: bool
    """It lies on a ground-truth defect of any kind."""
    length_mm: float | None
    on_dirt: str | None
    """Kind and style of the dirt on which a false positive lies."""
    box: Box


@dataclass(frozen=True)
class VisibleDefect:
    """A visible ground-truth defect or dirt, and how it was detected."""

    kind: str
    style: str
    length_mm: float
    width_mm: float
    grey_levels: float
    """How much it changes its photo (`AnnotationRecord`)."""
    has_length: bool
    """Its length can be compared with the detected one (`TrueDefect.has_length`)."""
    detected_from: float
    """Confidence up to which it is detected, whatever its kind's limit; 0 where it never is."""
    detected_from_any: float
    """The same by detections of any kind of damage."""
    detected: bool
    """By detections of its own kind, at the model's own limits."""
    detected_any: bool
    """By detections of any kind of damage."""
    pieces: int
    """Number of detections of its kind that lie mostly on it."""
    predicted_kind: str
    """The kind that it was detected as, or `nothing`."""
    false_defects: int
    """On dirt: number of false positives that lie on it."""
    length_error: float | None
    """Of the detection that covers it most, relative to the truth, signed; None where none has millimetres."""
    width_error_mm: float | None
    box: Box
    alone: bool = False
    """Matched one to one: the detection that covers it most covers nearly all of it, and lies on nothing else."""
    length_z: float | None = None
    """`length_error` in the standard errors that the detection states; None where it states none."""
    width_z: float | None = None


@dataclass(frozen=True)
class Located:
    """View and outline by the locator, beside the truth."""

    view: str
    predicted_view: str
    cropped: bool
    predicted_cut_off: bool
    has_outline: bool
    iou: float | None
    """Of the outlines' quadrilaterals, 0 without an outline; None where the photo does not show the whole device."""
    corner_error: float | None
    """Mean distance of the corners over the outline's diagonal; None without an outline or a true one."""


@dataclass(frozen=True)
class PhotoOutcome:
    """One photo of the test split."""

    photo: str
    device_id: str
    preset: str
    route: str
    surface: str
    """`none` where the photo shows no device."""
    px_per_mm: float | None
    """Of the photo, mean over the surface."""
    located: Located
    is_defect_free: bool
    """The surface has no defect, visible or not."""
    is_dirty: bool
    detections: tuple[Detection, ...] = ()
    """At the model's own limits."""
    all_detections: tuple[Detection, ...] = ()
    """Down to confidence 0, for the curves."""
    visible_defects: tuple[VisibleDefect, ...] = ()
    pixels: dict[str, PixelTally] = field(default_factory=dict)
    inspect_s: float = 0.0
