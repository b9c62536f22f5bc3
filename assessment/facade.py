"""`phonegrade.assess`: photos, tests, device and policy as a Python program has them, in one call."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TypeVar

from phonegrade.assessment.assess import assess_photos
from phonegrade.assessment.assessment import Assessment
from phonegrade.assessment.choose_device import ChosenDevice, choose_device
from phonegrade.assessment.inspect_photos import Photos
from phonegrade.assessment.request import DEFAULT_POLICY, MAX_PHOTOS, Reference, refuse_too_many
from phonegrade.configs.policy import Policy, load_policy
from phonegrade.core.devices.catalogue import Device
from phonegrade.core.errors import UsageError
from phonegrade.core.functional.report import FunctionalReport, load_functional
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import Surface
from phonegrade.inference.inspector import Inspector

PhotoSource = str | Path | bytes
"""A photo's path, or the bytes of its file."""
Views = PhotoSource | Sequence[PhotoSource]
"""One photo of a surface, or several."""
SurfaceName = TypeVar("SurfaceName", bound=str)
"""A `Surface` or its name; the keys of one mapping are of one type."""


def assess(
    photos: Mapping[SurfaceName, Views],
    functional: str | Path | bytes | FunctionalReport | None = None,
    device: str | Device | None = None,
    policy: str | Path | Policy = DEFAULT_POLICY,
    inspector: Inspector | None = None,
    reference: Reference | None = None,
) -> Assessment:
    """Grade one device from its photos and functional tests.

    `photos` holds, by surface ("front", "back", "left", "right", "top", "bottom"), the path of a photo or the bytes of
    its file, or a list of these for several views. A missing surface makes the decision incomplete, not an error.
    `functional` is a test file, its bytes or a report; `device` a name or a catalogue entry, without which the device
    that the tests name is taken, and otherwise a typical size is assumed; `policy` a shipped one's name, a policy file
    or a policy. Without an `inspector` the shipped models are loaded once and kept for the life of the process.

    Raises PhonegradeError, as one of its kinds: UsageError for an unknown surface, a file that cannot be read or no
    photo at all; PhotoError, NoDeviceError or WrongViewError where no photo can be used; DuplicatePhotoError,
    TooManyPhotosError, FunctionalError, DeviceNameError, PolicyError; ModelFileError for a damaged installation.
    """
    views = {_surface(name): _listed(given) for name, given in photos.items()}
    refuse_too_many({surface: len(given) for surface, given in views.items()}, MAX_PHOTOS)
    rules = policy if isinstance(policy, Policy) else load_policy(policy)
    tests = _tests(functional)
    chosen = ChosenDevice(device) if isinstance(device, Device) else choose_device(device, tests)
    read = _photo_files(views)
    return chosen.add_flags_to(
        assess_photos(read, tests, chosen.device, rules, inspector or _shipped_inspector(), reference)
    )


@cache
def _shipped_inspector() -> Inspector:
    return Inspector.load()


def _surface(name: str) -> Surface:
    try:
        return Surface(name)
    except ValueError as error:
        raise UsageError(f"{name!r} is not a surface; give {', '.join(Surface)}") from error


def _listed(given: Views) -> Sequence[PhotoSource]:
    return (given,) if isinstance(given, str | Path | bytes) else given


def _photo_files(views: Mapping[Surface, Sequence[PhotoSource]]) -> Photos:
    """Return every photo with its name; bytes are named after their surface, later views of it as front-2, front-3."""
    return {
        surface: [
            PhotoFile(str(surface) if number == 1 else f"{surface}-{number}", source, surface)
            if isinstance(source, bytes)
            else PhotoFile(Path(source).name, _bytes_of(source), surface)
            for number, source in enumerate(given, start=1)
        ]
        for surface, given in views.items()
    }


def _tests(functional: str | Path | bytes | FunctionalReport | None) -> FunctionalReport | None:
    match functional:
        case None | FunctionalReport():
            return functional
        case bytes():
            return load_functional(functional, "functional")
        case _:
            return load_functional(_bytes_of(functional), str(functional))


def _bytes_of(path: str | Path) -> bytes:
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from error
