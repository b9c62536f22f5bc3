"""Inspects every photo of one device: what each shows, or why it cannot be used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from phonegrade.assessment.duplicates import Compared, Likeness, find_near, refuse_same
from phonegrade.core.arrays import RGB
from phonegrade.core.devices.catalogue import Device
from phonegrade.core.errors import InputError, NoDeviceError, PhotoError, WrongViewError
from phonegrade.core.inspection import Inspection
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import Surface, View
from phonegrade.grading.decision import Flag
from phonegrade.inference.inspector import Inspector
from phonegrade.inference.photo.photo import Photo

Photos = Mapping[Surface, Sequence[PhotoFile]]
"""Every view of each surface; each names that surface itself."""
SURE_OF_VIEW = 0.8
"""From this confidence on, the locator outweighs the sender, where no outline fits or the photo is
flagged as another view."""
_THUMBNAIL_PX = 256
_AVERAGED_PX = 2
"""Samples a side behind each pixel of a thumbnail: all of a photo's would take longer than to decode it."""


@dataclass(frozen=True)
class InspectedPhoto:
    """One photo as it was sent, without its bytes, and what it shows or why it cannot be used."""

    surface: Surface
    file: str
    sha256: str
    size_bytes: int
    answer: Inspection | InputError
    likeness: Likeness | None
    """To find a photo that was sent twice; None where the file cannot be decoded."""


def inspect_photos(
    photos: Photos, device: Device | None, inspector: Inspector, min_confidence: float
) -> tuple[list[InspectedPhoto], tuple[Flag, ...]]:
    """Inspect every photo, by surface and as sent, and flag each pair that looks alike.

    A photo that cannot be used carries its error and loses no other. Where none can be used the first one's error is
    raised: PhotoError, NoDeviceError or WrongViewError. Raises DuplicatePhotoError for one photo sent twice.
    """
    inspected = [inspect_photo(photo, device, inspector, min_confidence) for photo in in_order(photos)]
    return inspected, flag_alike(inspected)


def in_order(photos: Photos) -> list[PhotoFile]:
    """Return the photos by surface and as sent. Raises ValueError for one of another surface than it is filed under."""
    for surface, of_surface in photos.items():
        for photo in of_surface:
            if photo.surface is not surface:
                raise ValueError(f"{photo.name} is a photo of {photo.surface}, not of {surface}")
    return [photo for surface in Surface for photo in photos.get(surface, ())]


def inspect_photo(
    photo: PhotoFile, device: Device | None, inspector: Inspector, min_confidence: float
) -> InspectedPhoto:
    """Inspect one photo of a named surface; what is wrong with it is part of the answer."""
    if photo.surface is None:
        raise ValueError(f"{photo.name} is a photo of no named surface")
    likeness = None
    answer: Inspection | InputError
    try:
        answer, decoded = inspector.inspect_decoded(photo, view=None, device=device, min_confidence=min_confidence)
        likeness = Likeness.of(_thumbnail(decoded))
        _refuse_another(answer, photo, photo.surface)
    except (PhotoError, NoDeviceError, WrongViewError) as error:
        answer = error.with_traceback(None)
    return InspectedPhoto(photo.surface, photo.name, photo.sha256, photo.size_bytes, answer, likeness)


def flag_alike(inspected: Sequence[InspectedPhoto]) -> tuple[Flag, ...]:
    """Return a flag for each pair of photos of one device that looks alike.

    Raises what is wrong with the first photo where none can be used, and DuplicatePhotoError for one photo sent twice.
    """
    refuse_same(_compared(inspected))
    return flag_near(inspected)


def flag_near(inspected: Sequence[InspectedPhoto]) -> tuple[Flag, ...]:
    """Return a flag for each pair of photos of one device that looks alike, also where they are the same.

    Raises what is wrong with the first photo where none can be used.
    """
    flags = find_near(_compared(inspected))
    _refuse_where_none_is_left(inspected)
    return flags


def _compared(inspected: Sequence[InspectedPhoto]) -> list[Compared]:
    return [(one.surface, one.file, one.likeness) for one in inspected if one.likeness is not None]


def _refuse_where_none_is_left(inspected: Sequence[InspectedPhoto]) -> None:
    errors = [one.answer for one in inspected if isinstance(one.answer, InputError)]
    if errors and len(errors) == len(inspected):
        raise errors[0]


def _thumbnail(photo: Photo) -> RGB:
    height_px, width_px = photo.rgb.shape[:2]
    reduction = min(1.0, _THUMBNAIL_PX / max(height_px, width_px))
    size = max(1, round(width_px * reduction)), max(1, round(height_px * reduction))
    step = max(1, int(1 / reduction) // _AVERAGED_PX)
    sampled = np.ascontiguousarray(photo.rgb[::step, ::step])
    return np.asarray(cv2.resize(sampled, size, interpolation=cv2.INTER_AREA), np.uint8)


def _refuse_another(inspection: Inspection, photo: PhotoFile, surface: Surface) -> None:
    """Raise NoDeviceError or WrongViewError for a photo that does not show what it was sent as."""
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
