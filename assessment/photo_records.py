"""What an assessment tells of every photo that was sent."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from phonegrade.assessment.assessment import SurfaceViews, ViewRecord
from phonegrade.assessment.inspect_photos import InspectedPhoto
from phonegrade.core.errors import InputError
from phonegrade.core.inspection import Inspection
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.decision import Flag, Reason
from phonegrade.grading.multi_view.views import FusedViews


def view_records(looked: Sequence[InspectedPhoto], fused: FusedViews) -> dict[Surface, SurfaceViews]:
    """The shots of every surface that was sent: as `fuse` ordered them, then those that nothing was seen in."""
    sizes_bytes = {hashlib.sha256(photo.data).hexdigest(): len(photo.data) for photo in looked}
    told: dict[Surface, SurfaceViews] = {}
    for surface in dict.fromkeys(photo.surface for photo in looked):
        views = fused.views.get(surface, ())
        seen = [
            ViewRecord(
                file=shot.inspection.photo,
                sha256=shot.inspection.photo_sha256,
                size_bytes=sizes_bytes[shot.inspection.photo_sha256],
                used=shot.used,
                why_not=shot.why_not,
                inspection=_own(shot.inspection, fused.inspections.get(surface)),
            )
            for shot in views
        ]
        told[surface] = SurfaceViews(
            used=sum(shot.used for shot in views),
            disagree_on=fused.disagree_on.get(surface, ()),
            photos=(*seen, *_unseen(photo for photo in looked if photo.surface is surface)),
        )
    return told


def without_model(inspection: Inspection) -> Inspection:
    """Return `inspection` as it stands in an assessment, whose `versions` name the models of all."""
    return inspection.model_copy(update={"model": None})


def _own(inspection: Inspection, graded: Inspection | None) -> Inspection | None:
    """Return what a photo shows where the assessment does not hold it as what its surface was graded by."""
    return None if inspection == graded else without_model(inspection)


def why_unusable(looked: Sequence[InspectedPhoto]) -> dict[Surface, Reason]:
    """Of each surface of which no photo can be used, what is wrong with the first."""
    seen = {photo.surface for photo in looked if not isinstance(photo.seen, InputError)}
    found: dict[Surface, Reason] = {}
    for photo in looked:
        if photo.surface not in seen and isinstance(photo.seen, InputError):
            text = str(photo.seen).replace(f"{photo.surface} ({photo.file}): ", f"{photo.surface}: ", 1)
            found.setdefault(photo.surface, Reason(rule=photo.seen.code, text=text, surface=photo.surface))
    return found


def flag_unused(told: Mapping[Surface, SurfaceViews]) -> tuple[Flag, ...]:
    """A flag for every shot that neither carries its surface's grade nor stands for the surface without one."""
    return tuple(
        Flag(code="photo_not_used", text=f"{shot.file} was not used: {_why(surface, shot)}", surface=surface)
        for surface, views in told.items()
        for shot in views.photos[1:]
        if not shot.used
    )


def _unseen(looked: Iterable[InspectedPhoto]) -> list[ViewRecord]:
    return [
        ViewRecord(
            file=photo.file,
            sha256=hashlib.sha256(photo.data).hexdigest(),
            size_bytes=len(photo.data),
            used=False,
            why_not=(Reason(rule=photo.seen.code, text=str(photo.seen), surface=photo.surface),),
            inspection=None,
        )
        for photo in looked
        if isinstance(photo.seen, InputError)
    ]


def _why(surface: Surface, shot: ViewRecord) -> str:
    """The reasons without the names that stand before them."""
    texts = (reason.text.removeprefix(f"{surface} ({shot.file}): ") for reason in shot.why_not)
    return "; ".join(text.removeprefix(f"{surface}: ") for text in texts)
