"""Photos, functional tests, device and policy to one assessment: the one path that every edge takes."""

from collections.abc import Sequence

from phonegrade import __version__
from phonegrade.assessment.assessment import Assessment, DeviceUsed, PhotoUsed, Versions, ViewRecord
from phonegrade.assessment.choose_device import identity_reasons
from phonegrade.assessment.inspect_photos import InspectedPhoto, Photos, inspect_photos
from phonegrade.assessment.photo_records import flag_unused, view_records, why_unusable, without_model
from phonegrade.assessment.request import Reference
from phonegrade.configs.calibration import shipped_calibration
from phonegrade.configs.policy import Policy
from phonegrade.core.devices.catalogue import ASSUMED_DEVICE, Device
from phonegrade.core.devices.hardware import applied
from phonegrade.core.errors import UsageError
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.core.inspection import Inspection
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.decision import Flag
from phonegrade.grading.multi_view.views import fuse_views, judge_views
from phonegrade.grading.uncertainty.certainty import assess
from phonegrade.inference.inspector import LISTED_FROM, Inspector

SEED = 0
"""Of the draws behind a decision's certainty: the same photos are always as certain."""


def assess_photos(
    photos: Photos,
    functional: FunctionalReport | None,
    device: Device | None,
    policy: Policy,
    inspector: Inspector,
    reference: Reference | None = None,
) -> Assessment:
    """Inspect every photo, and grade the device.

    Surfaces may be missing: the decision then says so. Without a device its sizes are assumed, and the assessment says
    so. A photo that cannot be used is reported and loses no other; a surface that no photo shows is to be taken again.
    Raises UsageError for no photo at all, DuplicatePhotoError for one photo sent twice, and where no photo can be used
    what is wrong with the first: PhotoError for an unusable file, NoDeviceError for a photo without a device,
    WrongViewError for a photo that surely shows another view.
    """
    if not any(photos.values()):
        raise UsageError("no photo was given; send at least the front, and all six surfaces for a grade")
    inspected, flags = inspect_photos(photos, device, inspector, listed_from(policy))
    return assess_inspected(inspected, flags, functional, device, policy, reference)


def listed_from(policy: Policy) -> float:
    """Return the confidence from which on defects must be known to grade by a policy."""
    dirt = policy.contamination.min_confidence
    return min(LISTED_FROM, policy.cosmetic.listed_from, 1.0 if isinstance(dirt, str) else dirt)


def assess_inspected(
    inspected: Sequence[InspectedPhoto],
    flags: tuple[Flag, ...],
    functional: FunctionalReport | None,
    device: Device | None,
    policy: Policy,
    reference: Reference | None = None,
) -> Assessment:
    """Grade a device of whose photos one at least was inspected; `flags` are those of the photos together."""
    inspections: dict[Surface, list[Inspection]] = {}
    for photo in inspected:
        if isinstance(photo.answer, Inspection):
            inspections.setdefault(photo.surface, []).append(photo.answer)
    known = None if functional is None else applied(functional, device)
    fused = fuse_views(inspections, policy)
    identity = identity_reasons(device, functional)
    identity_flags = tuple(Flag(code=reason.rule, text=reason.text) for reason in identity)
    decision = judge_views(fused, known, policy, why_unusable(inspected)).with_review(identity, identity_flags)
    decision = assess(decision, fused.inspections, known, policy, shipped_calibration(policy), SEED)
    views = view_records(inspected, fused)
    return Assessment(
        decision=decision,
        device=_body(device),
        flags=(*flags, *flag_unused(views)),
        inspections={surface: without_model(one) for surface, one in fused.inspections.items()},
        photos={surface: _photo(views[surface].photos[0]) for surface in fused.inspections},
        views=views,
        functional=functional,
        versions=Versions(
            phonegrade=__version__,
            models=next(one.model for one in fused.inspections.values() if one.model is not None),
            policy=decision.policy,
        ),
        reference=reference,
    )


def _body(device: Device | None) -> DeviceUsed:
    body = device or ASSUMED_DEVICE
    return DeviceUsed(
        name=body.name,
        assumed=device is None,
        height_mm=body.height_mm,
        width_mm=body.width_mm,
        depth_mm=body.depth_mm,
    )


def _photo(view: ViewRecord) -> PhotoUsed:
    return PhotoUsed(file=view.file, sha256=view.sha256, size_bytes=view.size_bytes)
