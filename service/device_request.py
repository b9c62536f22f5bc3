"""The photos of one device as they arrive: each is inspected while the next is still uploading."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple, cast

from phonegrade.assessment.choose_device import ChosenDevice, known_device
from phonegrade.assessment.request import DEFAULT_POLICY, reference_of
from phonegrade.configs.policy import Policy
from phonegrade.core.errors import PhotoCrashedDecoderError, UsageError
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.core.vocabulary import Surface
from phonegrade.service.parts import Parts
from phonegrade.service.streamed_form import FilePart, Form
from phonegrade.service.tasks import Body, FailedPhoto, GradeDevice, InspectedSurface, InspectSurface, ReadTests

Tell = Callable[[bytes], None]
"""Called with the JSON of each inspected photo."""
_ORDER = list(Surface)


class AnswerForm(NamedTuple):
    """How a grade is answered."""

    brief: bool = False
    report: bool = False
    page: bool = False


class _Basis(NamedTuple):
    """What the inspection of a photo rests on."""

    chosen: ChosenDevice
    policy: Policy


@dataclass
class _Photo:
    """One photo, and its inspection once that has begun."""

    surface: Surface
    file: FilePart
    basis: _Basis | None = None
    inspection: "asyncio.Task[bytes | FailedPhoto] | None" = None


class DeviceRequest:
    """Gathers the photos of one device and has them inspected.

    A photo is inspected as soon as it is there once the device is known: by `device` or `size`, be they empty, or by
    functional tests that came before. Those that rest on something that a later part changes are inspected again.
    """

    def __init__(self, parts: Parts, *, early: bool, tell: Tell | None = None) -> None:
        """Without `early` no photo is inspected before the form is read."""
        self._parts = parts
        self._early = early
        self._tell = tell
        self._photos: list[_Photo] = []
        self._functional: FunctionalReport | None = None
        self._admitted = False

    async def arrived(self, file: FilePart, form: Form) -> None:
        """Take one file. Raises what is wrong with functional tests, the device or the policy, or BusyError."""
        if file.part == "functional":
            work = ReadTests(file.filename)
            self._functional = cast(FunctionalReport, await self._parts.pool.run(work, file.data, urgent=True))
            return
        photo = _Photo(Surface(file.part), file)
        self._photos.append(photo)
        if self._early and ("device" in form.texts or "size" in form.texts or self._functional is not None):
            self._admit(1)
            self._begin(photo, self._basis(form))

    async def graded(self, form: Form, answer: AnswerForm) -> Body:
        """Return the answer to the whole form.

        Raises UsageError for no photo at all, BusyError, and what `assess_photos` raises.
        """
        if not self._photos:
            raise UsageError("no photo was given; send at least the front, and all six surfaces for a grade")
        reference = reference_of(form.texts.get("asset"), form.texts.get("order"))
        basis = self._basis(form)
        photos = sorted(self._photos, key=lambda photo: _ORDER.index(photo.surface))
        self._admit(len(photos))
        inspections = [self._begin(photo, basis) for photo in photos]
        inspected = await asyncio.gather(*inspections)
        shown = [photo.file.data for photo in photos] if answer.report or answer.page else []
        work = GradeDevice(
            inspected=tuple(inspected),
            functional=self._functional,
            chosen=basis.chosen,
            policy=basis.policy,
            reference=reference,
            photo_bytes=tuple(map(len, shown)),
            answered_at=datetime.now().astimezone(),
            **answer._asdict(),
        )
        return cast(Body, await self._parts.pool.run(work, b"".join(shown), reserved=True, urgent=True))

    def close(self) -> None:
        """Drop what is not finished."""
        for photo in self._photos:
            if photo.inspection is not None and not photo.inspection.cancel() and not photo.inspection.cancelled():
                photo.inspection.exception()  # seen here, or raised already

    def _basis(self, form: Form) -> _Basis:
        policy = self._parts.policies.get(form.texts.get("policy", DEFAULT_POLICY))
        own = self._parts.settings.own_devices
        return _Basis(known_device(form.texts.get("device"), form.texts.get("size"), self._functional, own), policy)

    def _admit(self, photos: int) -> None:
        """Raise BusyError where a device's first photos find no room; a device that was begun is finished."""
        if not self._admitted:
            self._parts.pool.refuse_when_full(photos)
            self._admitted = True

    def _begin(self, photo: _Photo, basis: _Basis) -> "asyncio.Task[bytes | FailedPhoto]":
        if photo.inspection is None or photo.basis != basis:
            if photo.inspection is not None:
                photo.inspection.cancel()
            photo.basis = basis
            photo.inspection = asyncio.create_task(self._inspected(photo, basis))
        return photo.inspection

    async def _inspected(self, photo: _Photo, basis: _Basis) -> bytes | FailedPhoto:
        file = photo.file
        work = InspectSurface(file.filename, photo.surface, basis.chosen.device, basis.policy)
        try:
            answer = cast(InspectedSurface, await self._parts.pool.run(work, file.data, reserved=True))
        except PhotoCrashedDecoderError as error:
            digest = await asyncio.to_thread(lambda: sha256(file.data).hexdigest())
            return FailedPhoto(photo.surface, file.filename, digest, len(file.data), error.with_traceback(None))
        if self._tell is not None:
            self._tell(answer.event)
        return answer.packed
