"""Inspects every photo of one device: what each shows, or why it cannot be used."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from phonegrade.assessment.duplicates import find_duplicates
from phonegrade.core.devices.catalogue import Device
from phonegrade.core.errors import InputError, NoDeviceError, PhotoError, WrongViewError
from phonegrade.core.inspection import Inspection
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import Surface, View
from phonegrade.grading.decision import Flag
from phonegrade.inference.inspector import Inspector
from phonegrade.inference.photo.decode import decode_file

Photos = Mapping[Surface, Sequence[PhotoFile]]
"""Every shot of each surface; each names that surface itself."""
SURE_OF_VIEW = 0.8
"""From this confidence on, the locator outweighs the sender, where no outline fits or the photo is
flagged as another view."""
_THUMBNAIL_PX = 256
_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class InspectedPhoto:
    """One photo as it was sent, and what it shows or why it cannot be used."""

    photo: PhotoFile
    surface: Surface
    answer: Inspection | InputError


def inspect_photos(
    photos: Photos, device: Device | None, inspector: Inspector, min_confidence: float
) -> tuple[list[InspectedPhoto], tuple[Flag, ...]]:
    """Inspect every photo, by surface and as sent, and flag each pair that looks alike.

    A photo that cannot be used carries its error and loses no other. Where none can be used the first one's error is
    raised: PhotoError, NoDeviceError or WrongViewError. Raises DuplicatePhotoError for one photo sent twice.
    """
    sent = [(surface, photo) for surface in Surface for photo in photos.get(surface, ())]
    for surface, photo in sent:
        if photo.surface is not surface:
            raise ValueError(f"{photo.name} is a photo of {photo.surface}, not of {surface}")
    small = [_or_why(partial(_thumbnail, photo)) for _, photo in sent]
    _refuse_where_none_is_left(small)
    flags = find_duplicates(
        [
            (surface, photo.name, pixels)
            for (surface, photo), pixels in zip(sent, small, strict=True)
            if not isinstance(pixels, InputError)
        ]
    )
    answers = [
        pixels
        if isinstance(pixels, InputError)
        else _or_why(partial(_inspect, surface, photo, device, inspector, min_confidence))
        for (surface, photo), pixels in zip(sent, small, strict=True)
    ]
    _refuse_where_none_is_left(answers)
    inspected = [InspectedPhoto(photo, surface, answer) for (surface, photo), answer in zip(sent, answers, strict=True)]
    return inspected, flags


def _or_why(work: Callable[[], _Answer]) -> _Answer | InputError:
    try:
        return work()
    except (PhotoError, NoDeviceError, WrongViewError) as error:
        return error


def _refuse_where_none_is_left(answers: Sequence[object]) -> None:
    errors = [answer for answer in answers if isinstance(answer, InputError)]
    if errors and len(errors) == len(answers):
        raise errors[0]


def _thumbnail(photo: PhotoFile) -> NDArray[np.uint8]:
    return decode_file(photo, long_side_px=_THUMBNAIL_PX).rgb


def _inspect(
    surface: Surface, photo: PhotoFile, device: Device | None, inspector: Inspector, min_confidence: float
) -> Inspection:
    inspection = inspector.inspect(photo, device=device, min_confidence=min_confidence)
    sure = inspection.view_confidence >= SURE_OF_VIEW
    nothing = inspection.view is View.NONE and inspection.outline is None
    if nothing or any(flag.code == NoDeviceError.code for flag in inspection.quality):
        raise NoDeviceError(f"no device to be seen; fill the frame with its {surface} side", photo)
    mismatch = inspection.outline is None or any(flag.code == "view_mismatch" for flag in inspection.quality)
    if sure and mismatch and inspection.view not in (View.NONE, surface.view):
        raise WrongViewError(
            f"the photo shows a phone's {inspection.view} (confidence {inspection.view_confidence:.2f}); "
            f"send a photo of its {surface} side",
            photo,
        )
    return inspection
