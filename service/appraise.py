"""Photos, functional tests, device and policy to one appraisal: the one path that every edge takes."""

import hashlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from phonegrade import __version__
from phonegrade.configs.calibration import shipped_calibration
from phonegrade.configs.catalogue import ASSUMED_DEVICE, Device
from phonegrade.configs.errors import NoDeviceError, PhotoError, UsageError, WrongViewError
from phonegrade.configs.functional import FunctionalReport
from phonegrade.configs.hardware import applied
from phonegrade.configs.inspection import Inspection
from phonegrade.configs.policy import Policy
from phonegrade.configs.vocabulary import Surface, View
from phonegrade.grading.certainty import assess
from phonegrade.grading.judge import judge
from phonegrade.inference.decode import decode
from phonegrade.inference.inspector import Inspector
from phonegrade.service.appraisal import Appraisal, DeviceUsed, PhotoUsed, Versions
from phonegrade.service.duplicates import find_duplicates

SURE_OF_VIEW = 0.8
"""From this confidence on, the locator's word counts more than the sender's."""
LISTED_FROM = 0.3
"""Less sure defects are not even listed; which of the listed ones count is the policy's to say, not the card's."""
SEED = 0
"""Of the draws behind a decision's certainty: the same photos are always as certain."""
_THUMBNAIL_PX = 256


def appraise(
    photos: Mapping[Surface, tuple[str, bytes]],
    functional: FunctionalReport | None,
    device: Device | None,
    policy: Policy,
    inspector: Inspector,
) -> Appraisal:
    """Inspects every photo, (file name, bytes) by surface, and judges the device.

    Surfaces may be missing: the decision then says so. Without a device its sizes are assumed and the appraisal tells.
    Raises UsageError for no photo at all, PhotoError for an unusable file, DuplicatePhotoError for one photo sent
    twice, NoDeviceError for a photo without a device and WrongViewError for a photo that surely shows another view.
    """
    if not photos:
        raise UsageError("no photo was given; send at least the front, and all six surfaces for a grade")
    ordered = {surface: photos[surface] for surface in Surface if surface in photos}
    flags = find_duplicates(
        {surface: (file, _thumbnail(surface, file, data)) for surface, (file, data) in ordered.items()}
    )
    least = min(LISTED_FROM, policy.contamination.min_confidence, *policy.cosmetic.min_confidence.values())
    inspections = {surface: _inspect(surface, *photo, device, inspector, least) for surface, photo in ordered.items()}
    known = None if functional is None else applied(functional, device)
    decision = judge(inspections, known, policy)
    decision = assess(decision, inspections, policy, shipped_calibration(policy), SEED)
    body = device or ASSUMED_DEVICE
    return Appraisal(
        decision=decision,
        device=DeviceUsed(
            name=body.name,
            assumed=device is None,
            height_mm=body.height_mm,
            width_mm=body.width_mm,
            depth_mm=body.depth_mm,
        ),
        flags=flags,
        inspections=inspections,
        photos={
            surface: PhotoUsed(file=file, sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data))
            for surface, (file, data) in ordered.items()
        },
        functional=functional,
        versions=Versions(
            phonegrade=__version__,
            models=next(iter(inspections.values())).model,
            policy=decision.policy,
        ),
    )


def _thumbnail(surface: Surface, file: str, data: bytes) -> NDArray[np.uint8]:
    try:
        return decode(data, long_side_px=_THUMBNAIL_PX).rgb
    except PhotoError as error:
        raise type(error)(f"{surface} ({file}): {error}") from error


def _inspect(
    surface: Surface, file: str, data: bytes, device: Device | None, inspector: Inspector, min_confidence: float
) -> Inspection:
    try:
        inspection = inspector.inspect(data, file, surface=surface, device=device, min_confidence=min_confidence)
    except PhotoError as error:
        raise type(error)(f"{surface} ({file}): {error}") from error
    sure = inspection.view_confidence >= SURE_OF_VIEW
    nothing = inspection.view is View.NONE and inspection.outline is None
    if nothing or any(flag.code == NoDeviceError.code for flag in inspection.quality):
        raise NoDeviceError(f"{surface} ({file}): no device to be seen; fill the frame with its {surface} side")
    if sure and inspection.view not in (View.NONE, surface.view):
        raise WrongViewError(
            f"{surface} ({file}): the photo shows a phone's {inspection.view} "
            f"(confidence {inspection.view_confidence:.2f}); send a photo of its {surface} side"
        )
    return inspection
