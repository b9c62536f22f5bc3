"""The error tree. Each leaf has a stable `code` and the HTTP status it becomes at the edge.

PhonegradeError
├── InputError            the caller sent something unusable (4xx)
│   ├── PhotoError        empty_photo, truncated_photo, not_an_image, image_too_large, image_too_small,
│   │                     photo_crashed_decoder
│   ├── NoDeviceError     no_device
│   ├── WrongViewError    wrong_view
│   ├── DuplicatePhotoError  duplicate_photo
│   ├── DeviceNameError   unknown_device, ambiguous_device
│   ├── DevicesFileError  devices_file
│   ├── FunctionalError   functional_file
│   ├── PolicyError       policy_file
│   ├── (journeys, offers and prices: core/journey_errors.py)
│   ├── StoredFileError   stored_file
│   ├── TrainConfigError  train_config
│   ├── UsageError        usage
│   ├── TooManyPhotosError  too_many_photos
│   ├── BodyTooLargeError body_too_large
│   ├── NotAcceptableError not_acceptable (406)
│   ├── ClientTooSlowError client_too_slow (408)
│   ├── IdempotencyError  idempotency_key_reused
│   ├── StillRunningError still_running (409)
│   ├── (stored cases and webhooks: core/data_errors.py)
│   ├── KeysFileError     keys_file
│   ├── UnauthorizedError unauthorized (401)
│   ├── ForbiddenError    forbidden (403)
│   └── RateLimitError    rate_limited (429)
├── BusyError             busy (503)
└── SetupError            the installation is at fault (5xx)
    ├── ModelFileError    model_file
    ├── NotReadyError     not_ready (503)
    ├── (what --data names: core/data_errors.py)
    └── ExportError       export
"""

import math
from collections.abc import Mapping
from typing import ClassVar

from phonegrade.core.photo_file import PhotoFile, PhotoName


class PhonegradeError(Exception):
    """Root of every error that phonegrade raises on purpose; `str()` says what is wrong and what to do."""

    code: ClassVar[str] = "error"
    http_status: ClassVar[int] = 500
    members: Mapping[str, object] | None = None
    """What an answer over HTTP says besides, by name."""


class InputError(PhonegradeError):
    """What was sent cannot be used."""

    code = "bad_input"
    http_status = 422

    def __init__(self, message: str = "", photo: PhotoFile | None = None) -> None:
        super().__init__(message)
        self.photo: PhotoName | None = None if photo is None else photo.named
        """The photo that is at fault; None where it is not a photo, or not known which."""


class PhotoError(InputError):
    """A file that is not a usable photo."""

    code = "bad_photo"
    http_status = 415


class EmptyPhotoError(PhotoError):
    """Zero bytes, or a picture of zero pixels."""

    code = "empty_photo"
    http_status = 400


class TruncatedPhotoError(PhotoError):
    """The file ends before its picture does."""

    code = "truncated_photo"
    http_status = 400


class NotAnImageError(PhotoError):
    """Neither JPEG, PNG, WebP nor HEIC."""

    code = "not_an_image"


class ImageTooLargeError(PhotoError):
    """More bytes or pixels than the limits allow, judged before decoding."""

    code = "image_too_large"
    http_status = 413


class PhotoCrashedDecoderError(PhotoError):
    """A file that made its decoder crash, hang or eat memory, twice, in a process of its own."""

    code = "photo_crashed_decoder"
    http_status = 422


class ImageTooSmallError(PhotoError):
    """Too few pixels to see a phone."""

    code = "image_too_small"
    http_status = 422


class NoDeviceError(InputError):
    """No device body was found in a photo that must show one."""

    code = "no_device"


class WrongViewError(InputError):
    """A photo shows another surface than promised."""

    code = "wrong_view"


class DuplicatePhotoError(InputError):
    """One photo was sent twice, for two surfaces or for one."""

    code = "duplicate_photo"


class DeviceNameError(InputError):
    """The device name matches no device, or several."""

    code = "unknown_device"


class AmbiguousDeviceError(DeviceNameError):
    """The device name matches several devices equally well."""

    code = "ambiguous_device"


class DevicesFileError(InputError):
    """An operator's own devices that are not valid; the message names file and line."""

    code = "devices_file"


class FunctionalError(InputError):
    """A functional test file with an unknown test or value."""

    code = "functional_file"


class PolicyError(InputError):
    """A grading policy that is not valid; the message names file, line and key."""

    code = "policy_file"


class StoredFileError(InputError):
    """A file of stored devices that cannot be read; the message names file and line."""

    code = "stored_file"


class TrainConfigError(InputError):
    """A training configuration that is not valid; the message names file and key."""

    code = "train_config"


class UsageError(InputError):
    """Arguments that do not go together, such as no photo at all."""

    code = "usage"
    http_status = 400


class TooManyPhotosError(InputError):
    """More photos of one device than the limit allows, refused before any is inspected."""

    code = "too_many_photos"
    http_status = 413


class BodyTooLargeError(InputError):
    """A request body over the service's limit, refused before it is parsed."""

    code = "body_too_large"
    http_status = 413


class NotAcceptableError(InputError):
    """An Accept header that names none of the forms that the answer has."""

    code = "not_acceptable"
    http_status = 406


class ClientTooSlowError(InputError):
    """An upload that stopped or crawled."""

    code = "client_too_slow"
    http_status = 408


class IdempotencyError(InputError):
    """An Idempotency-Key that came with other content before."""

    code = "idempotency_key_reused"
    http_status = 422


class StillRunningError(InputError):
    """The first request with this Idempotency-Key is still being answered."""

    code = "still_running"
    http_status = 409


class KeysFileError(InputError):
    """A file of API keys that cannot be used; the message names the file."""

    code = "keys_file"


class UnauthorizedError(InputError):
    """No API key, or one that does not count."""

    code = "unauthorized"
    http_status = 401


class ForbiddenError(InputError):
    """An API key that may not ask for this."""

    code = "forbidden"
    http_status = 403


class RateLimitError(InputError):
    """More requests than the API key may send; try again in `retry_after_s` seconds."""

    code = "rate_limited"
    http_status = 429
    retry_after_s: int = 1

    @classmethod
    def for_wait(cls, per_minute: int, wait_s: float) -> "RateLimitError":
        """Return one that asks to come again in `wait_s` seconds, rounded up."""
        error = cls(f"this key may ask {per_minute} times a minute; send it again in {math.ceil(wait_s)} s")
        error.retry_after_s = math.ceil(wait_s)
        return error


class BusyError(PhonegradeError):
    """There is no room for more work now; try again in `retry_after_s` seconds."""

    code = "busy"
    http_status = 503
    retry_after_s: int = 2

    @classmethod
    def for_wait(cls, wait_s: int) -> "BusyError":
        """Return one that asks to come again in `wait_s` seconds."""
        error = cls(f"the service has as much work as it can do in time; send it again in {wait_s} s")
        error.retry_after_s = wait_s
        return error


class SetupError(PhonegradeError):
    """The installation is incomplete or broken."""

    code = "setup"


class ModelFileError(SetupError):
    """A model file is missing, damaged or without its card."""

    code = "model_file"


class NotReadyError(SetupError):
    """The service lives but could not inspect its stored photo."""

    code = "not_ready"
    http_status = 503


class ExportError(SetupError):
    """An exported model does not do what its network does, or is too large to ship."""

    code = "export"


def full_text(error: PhonegradeError) -> str:
    """Return what is wrong and what to do, after the surface and the file of the photo that is at fault, if any."""
    photo = error.photo if isinstance(error, InputError) else None
    return str(error) if photo is None else f"{photo.surface or 'photo'} ({photo.name}): {error}"
