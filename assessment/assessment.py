"""The record of one assessed device: what the command prints, the service answers and the report shows."""

from pydantic import Field, NonNegativeInt, PositiveFloat

from phonegrade.assessment.request import Reference
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.core.inspection import Inspection, ModelRef
from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.decision import Decision, Flag, PolicyRef, Reason

PHOTO_BY_PHOTO = ("inspections", "photos", "views")
"""Members of an assessment that a brief answer leaves out."""


class DeviceUsed(Strict):
    """The body that the millimetres were measured with."""

    name: str
    assumed: bool
    """No device was named: a typical body stood in, and every millimetre is an estimate."""
    height_mm: PositiveFloat
    width_mm: PositiveFloat
    depth_mm: PositiveFloat


class Versions(Strict):
    """Everything that must be equal for the same photos to get the same grade."""

    phonegrade: str
    models: ModelRef
    policy: PolicyRef


class PhotoUsed(Strict):
    """One photo as it was sent."""

    file: str
    sha256: str
    size_bytes: int


class ViewRecord(PhotoUsed):
    """One photo as it was sent, and what became of it."""

    used: bool
    """It carries the surface's grade, alone or with others."""
    why_not: tuple[Reason, ...]
    inspection: Inspection | None
    """In its own pixels; defects of used photos with equal ids are one defect. None for a photo that shows nothing, and
    for the one whose inspection is the surface's own: see `Assessment.inspection_of`."""


class SurfaceViews(Strict):
    """Every photo that was sent of one surface."""

    used: NonNegativeInt
    disagree_on: tuple[str, ...]
    """Ids of defects that one used view shows and another, fine enough, does not."""
    photos: tuple[ViewRecord, ...]
    """Used ones first, finest detail first: a mark called `front-1@2` was first seen in the second."""


class Assessment(Strict):
    """One device: its grade, why, and the evidence."""

    decision: Decision
    device: DeviceUsed
    flags: tuple[Flag, ...]
    """What a person should look at before believing the photos; never changes a grade."""
    inspections: dict[Surface, Inspection]
    """What was graded: of several photos the one with the finest detail, with the defects of the others in its pixels.
    Their `model` is left out: it is `versions.models`."""
    photos: dict[Surface, PhotoUsed]
    """The photo behind each of `inspections`."""
    views: dict[Surface, SurfaceViews] = Field(default_factory=dict)
    """All photos; empty in answers older than this field."""
    functional: FunctionalReport | None
    versions: Versions
    reference: Reference | None = None
    """What the sender calls the device; None where neither asset id nor order number was given."""

    def inspection_of(self, surface: Surface, photo: ViewRecord) -> Inspection | None:
        """Return what a photo of `views[surface]` shows, wherever it is stored; None for one that shows nothing."""
        graded = self.inspections.get(surface)
        if photo.inspection is None and graded is not None and graded.photo_sha256 == photo.sha256:
            return graded
        return photo.inspection
