"""Looks at every photo of one device: what each shows, or why it cannot be used."""

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
from phonegrade.core.vocabulary import Surface, View
from phonegrade.grading.decision import Flag
from phonegrade.inference.inspector import Inspector
from phonegrade.inference.photo.decode import decode

Photos = Mapping[Surface, Sequence[tuple[str, bytes]]]
"""File name and bytes of every shot of each surface."""
SURE_OF_VIEW = 0.8
"""From this confidence on, the locator's word counts more than the sender's, where no outline fits or the photo is
flagged as another view."""
_THUMBNAIL_PX = 256
_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class InspectedPhoto:
    """One photo as it was sent, and what it shows or why it cannot be used."""

    surface: Surface
    file: str
    data: bytes
    seen: Inspection | InputError


def inspect_photos(
    photos: Photos, device: Device | None, inspector: Inspector, min_confidence: float
) -> tuple[list[InspectedPhoto], tuple[Flag, ...]]:
    """Every photo inspected, by surface and as sent, and a flag for each pair that looks alike.

    A photo that cannot be used carries its error and loses no other. Where none can be used the first one's error is
    raised: PhotoError, NoDeviceError or WrongViewError. Raises DuplicatePhotoError for one photo sent twice.
    """
    sent = [(surface, *photo) for surface in Surface for photo in photos.get(surface, ())]
    small = [_or_why(partial(_thumbnail, *photo)) for photo in sent]
    _refuse_where_none_is_left(small)
    flags = find_duplicates(
        [
            (surface, file, pixels)
            for (surface, file, _), pixels in zip(sent, small, strict=True)
            if not isinstance(pixels, InputError)
        ]
    )
    seen = [
        pixels
        if isinstance(pixels, InputError)
        else _or_why(partial(_inspect, *photo, device, inspector, min_confidence))
        for photo, pixels in zip(sent, small, strict=True)
    ]
    _refuse_where_none_is_left(seen)
    return [InspectedPhoto(*photo, answer) for photo, answer in zip(sent, seen, strict=True)], flags


def _or_why(work: Callable[[], _Answer]) -> _Answer | InputError:
    try:
        return work()
    except (PhotoError, NoDeviceError, WrongViewError) as error:
        return error


def _refuse_where_none_is_left(answers: Sequence[object]) -> None:
    errors = [answer for answer in answers if isinstance(answer, InputError)]
    if errors and len(errors) == len(answers):
        raise errors[0]


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
    mismatch = inspection.outline is None or any(flag.code == "view_mismatch" for flag in inspection.quality)
    if sure and mismatch and inspection.view not in (View.NONE, surface.view):
        raise WrongViewError(
            f"{surface} ({file}): the photo shows a phone's {inspection.view} "
            f"(confidence {inspection.view_confidence:.2f}); send a photo of its {surface} side"
        )
    return inspection
