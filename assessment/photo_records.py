"""The record of every photo that was sent, in an assessment."""

from collections.abc import Iterable, Mapping, Sequence

from phonegrade.assessment.assessment import SurfaceViews, ViewRecord
from phonegrade.assessment.inspect_photos import InspectedPhoto
from phonegrade.core.errors import InputError
from phonegrade.core.inspection import Inspection
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.decision import Flag, Reason
from phonegrade.grading.multi_view.views import FusedViews


def view_records(inspected: Sequence[InspectedPhoto], fused: FusedViews) -> dict[Surface, SurfaceViews]:
    """Return the views of every surface that was sent: as `fuse_views` ordered them, then the unusable ones."""
    sizes_bytes = {one.sha256: one.size_bytes for one in inspected}
    records: dict[Surface, SurfaceViews] = {}
    for surface in dict.fromkeys(one.surface for one in inspected):
        views = fused.views.get(surface, ())
        usable = [
            ViewRecord(
                file=view.inspection.photo,
                sha256=view.inspection.photo_sha256,
                size_bytes=sizes_bytes[view.inspection.photo_sha256],
                used=view.used,
                why_not=view.why_not,
                inspection=_own(view.inspection, fused.inspections.get(surface)),
            )
            for view in views
        ]
        records[surface] = SurfaceViews(
            used=sum(view.used for view in views),
            disagree_on=fused.disagree_on.get(surface, ()),
            photos=(*usable, *_unusable(one for one in inspected if one.surface is surface)),
        )
    return records


def without_model(inspection: Inspection) -> Inspection:
    """Return `inspection` as it stands in an assessment, whose `versions` name the models of all."""
    return inspection.model_copy(update={"model": None})


def _own(inspection: Inspection, graded: Inspection | None) -> Inspection | None:
    """Return what a photo shows where the assessment does not hold it as what its surface was graded by."""
    return None if inspection == graded else without_model(inspection)


def why_unusable(inspected: Sequence[InspectedPhoto]) -> dict[Surface, Reason]:
    """Return, for each surface of which no photo can be used, what is wrong with the first."""
    usable = {one.surface for one in inspected if not isinstance(one.answer, InputError)}
    reasons: dict[Surface, Reason] = {}
    for one in inspected:
        if one.surface not in usable and isinstance(one.answer, InputError):
            reasons.setdefault(one.surface, _reason(one.answer, one.surface))
    return reasons


def flag_unused(records: Mapping[Surface, SurfaceViews]) -> tuple[Flag, ...]:
    """Return a flag for every view that neither carries its surface's grade nor stands for one without."""
    return tuple(
        Flag(
            code="photo_not_used",
            text=f"{view.file} was not used: {'; '.join(reason.text for reason in view.why_not)}",
            surface=surface,
        )
        for surface, views in records.items()
        for view in views.photos[1:]
        if not view.used
    )


def _unusable(inspected: Iterable[InspectedPhoto]) -> list[ViewRecord]:
    return [
        ViewRecord(
            file=one.file,
            sha256=one.sha256,
            size_bytes=one.size_bytes,
            used=False,
            why_not=(_reason(one.answer, one.surface),),
            inspection=None,
        )
        for one in inspected
        if isinstance(one.answer, InputError)
    ]


def _reason(error: InputError, surface: Surface) -> Reason:
    return Reason(rule=error.code, text=str(error), surface=surface)
