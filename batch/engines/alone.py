"""One photo that has ended workers, in a limited process of its own: its answer, or that it cannot be decoded."""

from collections.abc import Callable
from dataclasses import dataclass

from phonegrade.assessment.inspect_photos import InspectedPhoto
from phonegrade.core.devices.catalogue import Device
from phonegrade.core.errors import PhotoCrashedDecoderError, SetupError
from phonegrade.core.photo_file import PhotoFile, PhotoName
from phonegrade.core.vocabulary import Surface
from phonegrade.inference.limited_process import LimitedProcess, start_limited
from phonegrade.inference.worker_process import Finished, Handle, Order, Started

Inspect = Callable[[PhotoFile, Device | None], InspectedPhoto]
"""Inspects one photo of a named surface, measured as a device."""
TRIES = 2
START_S = 60.0
MEMORY_BYTES = 700_000_000
"""What one photo may take beyond what a fresh process has."""


@dataclass(frozen=True)
class _Photo:
    named: PhotoName
    device: Device | None


@dataclass(frozen=True)
class _Load:
    """Passes through pickle, as what it returns may not."""

    load: Callable[[], Inspect]

    def __call__(self) -> Handle[_Photo, InspectedPhoto]:
        inspect = self.load()

        def handle(task: _Photo, data: bytes) -> InspectedPhoto:
            return inspect(PhotoFile(task.named.name, data, task.named.surface), task.device)

        return handle


def inspect_alone(
    load: Callable[[], Inspect], photo: PhotoFile, device: Device | None, limit_s: float
) -> InspectedPhoto:
    """Inspect a photo in a process that may take `limit_s` and a bounded amount of memory, twice.

    Where neither try ends well the answer is PhotoCrashedDecoderError. Raises SetupError where none can be started.
    """
    error: Exception = PhotoCrashedDecoderError(
        "the photo makes its decoder crash or hang; save it again as a plain JPEG"
    )
    for _ in range(TRIES):
        process = start_limited(_Load(load), max(1, photo.size_bytes), MEMORY_BYTES)
        try:
            answer = _answer(process, photo, device, limit_s)
        finally:
            process.end()
        if answer is not None and answer.answer is not None:
            return answer.answer
        if answer is not None and isinstance(answer.error, PhotoCrashedDecoderError):
            error = answer.error
    crashed = PhotoCrashedDecoderError(str(error), photo)
    surface = photo.surface or Surface.FRONT
    return InspectedPhoto(surface, photo.name, photo.sha256, photo.size_bytes, crashed, None)


def _answer(
    process: LimitedProcess, photo: PhotoFile, device: Device | None, limit_s: float
) -> Finished[InspectedPhoto] | None:
    """Return what the process says of the photo; None where it dies or says nothing in time."""
    try:
        if not process.connection.poll(START_S):
            return None
        started = process.connection.recv()
        if isinstance(started, Started) and started.error is not None:
            raise SetupError(str(started.error)) from started.error
        process.slab[: photo.size_bytes] = photo.data
        process.connection.send(Order(_Photo(photo.named, device), photo.size_bytes))
        if not process.connection.poll(limit_s):
            return None
        finished: Finished[InspectedPhoto] = process.connection.recv()
    except (EOFError, OSError):
        return None
    return finished
