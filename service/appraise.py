"""Photos, functional tests, device and policy to one appraisal: the one path that every edge takes."""

from phonegrade import __version__
from phonegrade.configs.calibration import shipped_calibration
from phonegrade.configs.catalogue import ASSUMED_DEVICE, Device
from phonegrade.configs.errors import UsageError
from phonegrade.configs.functional import FunctionalReport
from phonegrade.configs.hardware import applied
from phonegrade.configs.inspection import Inspection
from phonegrade.configs.policy import Policy
from phonegrade.configs.vocabulary import Surface
from phonegrade.grading.certainty import assess
from phonegrade.grading.decision import Flag
from phonegrade.grading.shots import fuse, judge_fused
from phonegrade.inference.inspector import Inspector
from phonegrade.service.appraisal import Appraisal, DeviceUsed, PhotoUsed, Shot, Versions
from phonegrade.service.choose_device import identity_doubts
from phonegrade.service.look import Photos, look
from phonegrade.service.told_shots import flag_unused, tell_shots

LISTED_FROM = 0.3
"""Less sure defects are not even listed; which of the listed ones count is the policy's to say, not the card's."""
SEED = 0
"""Of the draws behind a decision's certainty: the same photos are always as certain."""


def appraise(
    photos: Photos,
    functional: FunctionalReport | None,
    device: Device | None,
    policy: Policy,
    inspector: Inspector,
) -> Appraisal:
    """Inspects every photo, (file name, bytes) of every shot by surface, and judges the device.

    Surfaces may be missing: the decision then says so. Without a device its sizes are assumed and the appraisal tells.
    A shot that cannot be used is told where another shot of its surface can be inspected. Raises UsageError for no
    photo at all, DuplicatePhotoError for one photo sent twice, and for a surface that no shot can be inspected of what
    is wrong with the first: PhotoError for an unusable file, NoDeviceError for a photo without a device, WrongViewError
    for a photo that surely shows another view.
    """
    if not any(photos.values()):
        raise UsageError("no photo was given; send at least the front, and all six surfaces for a grade")
    counted = (*policy.cosmetic.min_confidence.values(), *policy.cosmetic.edge_min_confidence.values())
    least = min(LISTED_FROM, policy.contamination.min_confidence, *counted)
    looked, flags = look(photos, device, inspector, least)
    seen: dict[Surface, list[Inspection]] = {}
    for photo in looked:
        if isinstance(photo.seen, Inspection):
            seen.setdefault(photo.surface, []).append(photo.seen)
    known = None if functional is None else applied(functional, device)
    fused = fuse(seen, policy)
    doubts = identity_doubts(device, functional)
    doubt_flags = tuple(Flag(code=doubt.rule, text=doubt.text) for doubt in doubts)
    decision = judge_fused(fused, known, policy).with_doubts(doubts, doubt_flags)
    decision = assess(decision, fused.inspections, policy, shipped_calibration(policy), SEED)
    shots = tell_shots(looked, fused)
    return Appraisal(
        decision=decision,
        device=_body(device),
        flags=(*flags, *flag_unused(shots)),
        inspections=fused.inspections,
        photos={surface: _photo(told.photos[0]) for surface, told in shots.items()},
        shots=shots,
        functional=functional,
        versions=Versions(
            phonegrade=__version__,
            models=next(iter(fused.inspections.values())).model,
            policy=decision.policy,
        ),
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


def _photo(shot: Shot) -> PhotoUsed:
    return PhotoUsed(file=shot.file, sha256=shot.sha256, size_bytes=shot.size_bytes)
