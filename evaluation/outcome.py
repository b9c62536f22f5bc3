"""What one rendered photo told and what it should have told, small enough to be sent between processes."""

from dataclasses import dataclass, field

from phonegrade.evaluation.pixel_tally import PixelTally

Box = tuple[float, float, float, float]
"""x, y, width and height in photo pixels."""


@dataclass(frozen=True)
class Detection:
    """A mark that was found; those that lie on what cannot be seen are left out, they count neither way."""

    kind: str
    confidence: float
    is_true: bool
    """It lies on a true mark of its kind."""
    is_damage: bool
    """It lies on a true defect of any kind."""
    length_mm: float | None
    on_dirt: str | None
    """Kind and style of the dirt on which a false defect lies."""
    box: Box


@dataclass(frozen=True)
class VisibleDefect:
    """A true mark that can be seen, and what became of it."""

    kind: str
    style: str
    length_mm: float
    width_mm: float
    grey_levels: float
    """How much it changes its photo (`AnnotationRecord`)."""
    has_length: bool
    """Its length can be held against the found one (`TrueDefect.has_length`)."""
    found_from: float
    """Confidence up to which it is found, whatever its kind's limit; 0 where it never is."""
    found_from_any: float
    """The same by marks of any kind of damage."""
    found: bool
    """By marks of its own kind, at the model's own limits."""
    found_any: bool
    """By marks of any kind of damage."""
    pieces: int
    """How many found marks of its kind lie mostly on it."""
    called: str
    """The kind that it was told as, or `nothing`."""
    false_defects: int
    """On dirt: how many false defects lie on it."""
    length_error: float | None
    """Of the found mark that covers it most, relative to the truth, signed; None where none has millimetres."""
    width_error_mm: float | None
    box: Box
    alone: bool = False
    """The found mark that covers it most covers nearly all of it, and lies on nothing else: one mark told as one."""
    length_z: float | None = None
    """`length_error` in standard errors, as the found mark tells them; None where it tells none."""
    width_z: float | None = None


@dataclass(frozen=True)
class Located:
    """What the locator made of the photo."""

    view: str
    told_view: str
    cropped: bool
    told_cut_off: bool
    has_outline: bool
    iou: float | None
    """Of the outlines' quadrilaterals, 0 where none was found; None where the photo does not show the whole device."""
    corner_error: float | None
    """Mean distance of the corners over the outline's diagonal; None where none was found or could be."""


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
    sound: bool
    """The surface has no defect, seen or unseen."""
    dirty: bool
    found: tuple[Detection, ...] = ()
    """At the model's own limits."""
    everything: tuple[Detection, ...] = ()
    """Down to confidence 0, for the curves."""
    visible: tuple[VisibleDefect, ...] = ()
    pixels: dict[str, PixelTally] = field(default_factory=dict)
    inspect_s: float = 0.0
